"""Search at the size of a whole district: 2,000 items, 40,000 sections."""
