"""Made-up submissions of the library's own items, clean and with planted defects, and what the pre-check says of them."""
