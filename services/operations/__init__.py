"""What operators and browsers need of the server as a whole: health, metrics, error pages, the portal's files."""
