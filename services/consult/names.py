"""The words of items' names, so that a reader of questions can tell a filler from a part of a name (会 in 社会保障卡)."""

from __future__ import annotations

from knowledge_base.library import Library
from services.consult.asking import QuestionReader
from services.consult.bigrams import bigrams
from services.consult.policy import Policy


def read_names(library: Library, policy: Policy) -> QuestionReader:
    """The reader for the library's items."""
    plain = QuestionReader(policy.words)
    forms = (form for item in library.items.values() if library.sections(item.id) for form in plain.forms_of(item))
    return QuestionReader(policy.words, frozenset().union(*map(bigrams, forms)))
