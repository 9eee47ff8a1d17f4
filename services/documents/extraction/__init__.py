"""From the lines of a paper to its fields."""
