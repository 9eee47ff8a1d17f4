"""Elements as text, word for word the same every time; behind `knowledge_base.sections`."""
