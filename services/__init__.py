"""What callers use, one folder per service: its router, its schemas, its logic."""
