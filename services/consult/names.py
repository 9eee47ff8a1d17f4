"""The words of items' names, so that a reader of questions can tell a filler or the words for an element from a part of a name
(会 in 社会保障卡, 资格 in 教师资格认定)."""

from __future__ import annotations

from knowledge_base.library import Library
from services.consult.asking import QuestionReader
from services.consult.bigrams import bigrams
from services.consult.policy import Policy


def read_names(library: Library, policy: Policy) -> QuestionReader:
    """The reader for the library's items."""
    plain = QuestionReader(policy.words)
    items = [item for item in library.items.values() if library.sections(item.id)]
    forms = (form for item in items for form in plain.forms_of(item))
    # Aliases are left out: many are questions (公租房条件), whose words for an element do ask for it.
    names = {name for item in items for name in (item.name, plain.family_of(item))}
    return QuestionReader(policy.words, frozenset().union(*map(bigrams, forms)), names)
