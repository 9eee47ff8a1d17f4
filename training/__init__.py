"""From the library's samples to a registered model version. Nothing here yet: issue 7 builds it."""
