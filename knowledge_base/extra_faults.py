"""What only those upstairs know of a text: whether an item's checks can work with the papers that are read there.

Comes in: a function like `services.precheck.publishing.faults_of`, handed over where the program is put together (`serve.py`,
the command line); this storey imports nothing of theirs. Goes out: a refusal with every fault's place, before anything of
the text is stored or in force.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from core.errors import shown
from knowledge_base.reading import ContentInvalid, Fault
from knowledge_base.schema import Entry

ExtraFaults = Callable[[Entry], Iterable[Fault]]
"""What is wrong with a text beyond its schema; nothing if all is well."""


def no_faults(_: Entry) -> Iterable[Fault]:
    """For a library that nobody else has a say in."""
    return ()


def refuse_faulty(entries: Iterable[Entry], extra_faults: ExtraFaults) -> None:
    """Refuse texts with such faults, all of them at once.

    Raises:
        ContentInvalid: see `refusal`.
    """
    found = [(entry.id, entry.name, list(extra_faults(entry))) for entry in entries]
    if faulty := [one for one in found if one[2]]:
        raise refusal(faulty)


def refusal(faulty: list[tuple[str, str, list[Fault]]]) -> ContentInvalid:
    """Of texts (id, name, faults): of one with its places, of several with the id before each place."""
    if len(faulty) == 1:
        return ContentInvalid(shown(faulty[0][1]), faulty[0][2])
    return ContentInvalid(
        "导入内容",
        [Fault((entry_id, *one.place), one.expected) for entry_id, _, faults in faulty for one in faults],
    )
