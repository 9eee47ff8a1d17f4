"""The life of a text: drafts, review, publication, history; behind `knowledge_base.store` and `knowledge_base.publication`."""
