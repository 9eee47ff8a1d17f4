"""What only those upstairs know of an item's text: whether its checks can work with the papers that are read there.

Comes in: a function like `services.precheck.publishing.faults_of`, handed over where the program is put together (`serve.py`,
the command line); this storey imports nothing of theirs. Goes out: a refusal with every fault's place, before anything of
the text is stored or in force.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from core.errors import shown
from knowledge_base.reading import ContentInvalid, Fault
from knowledge_base.schema import Entry, ServiceItem

Place = tuple[str | int, ...]
ExtraFaults = Callable[[ServiceItem], Mapping[Place, str]]
"""What is wrong with an item beyond its schema: by place, in Chinese; empty if nothing is."""


def no_faults(_item: ServiceItem) -> Mapping[Place, str]:
    """Of those who know of nothing more."""
    return {}


def refuse_faulty(entries: Iterable[Entry], extra_faults: ExtraFaults) -> None:
    """Refuse texts with such faults, all of them at once.

    Raises:
        ContentInvalid: see `refusal`.
    """
    items = [entry for entry in entries if isinstance(entry, ServiceItem) and (entry.checks or entry.form)]
    found = [(item, [Fault(place, told) for place, told in extra_faults(item).items()]) for item in items]
    if any(faults for _, faults in found):
        raise refusal([(item.id, item.name, faults) for item, faults in found if faults])


def refusal(faulty: list[tuple[str, str, list[Fault]]]) -> ContentInvalid:
    """Of texts (id, name, faults): of one with its places, of several with the id before each place."""
    if len(faulty) == 1:
        return ContentInvalid(shown(faulty[0][1]), faulty[0][2])
    return ContentInvalid(
        "导入内容",
        [Fault((entry_id, *one.place), one.expected) for entry_id, _, faults in faulty for one in faults],
    )
