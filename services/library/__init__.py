"""/api/library: the content library for the people who write it, and for every channel that shows it."""
