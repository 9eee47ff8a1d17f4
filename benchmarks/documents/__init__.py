"""How the reading of documents scales."""
