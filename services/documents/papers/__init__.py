"""Papers in a document: which kinds they are, which pages they take, their fields, and what people put right."""
