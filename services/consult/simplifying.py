"""Traditional characters to simplified ones: the library's own table, so that consulting and searching read alike."""

from knowledge_base.index.simplifying import simplify

__all__ = ["simplify"]
