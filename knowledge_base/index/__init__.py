"""What search is made of: words, vectors, names and their fusion; behind `knowledge_base.search`."""
