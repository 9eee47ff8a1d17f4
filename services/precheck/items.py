"""The version of a service item that a case is handled by. The library keeps every version: an edited or withdrawn guide doesn't
change a case that runs."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from sqlalchemy.orm import Session

from core.errors import HubError, NotFound, shown
from knowledge_base.library import Library
from knowledge_base.life.versions import read_version
from knowledge_base.schema import ServiceItem
from services.precheck.tables import Submission

MOST_KEPT = 500


class Items:
    """Args: library: gives the one in force."""

    def __init__(self, library: Callable[[], Library]) -> None:
        self._library = library
        self._read: OrderedDict[tuple[str, int], ServiceItem] = OrderedDict()

    def offered(self, item_id: str) -> ServiceItem:
        """The version in force. Raises NotFound (`item_not_found`): there is none, or it is suspended or withdrawn."""
        item = self._library().offered(item_id)
        if item is None:
            raise NotFound(f"没有编号为 {shown(item_id)} 的在办事项。", code="item_not_found")
        return item

    def withdrawn(self, submission: Submission) -> bool:
        """Whether the item isn't offered any more."""
        return self._library().offered(submission.item_id) is None

    def in_force(self, submission: Submission) -> bool:
        """Whether the case's version is the one in force."""
        item = self._library().offered(submission.item_id)
        return item is not None and item.version == submission.item_version

    def of(self, session: Session, submission: Submission) -> ServiceItem:
        """The version of the case. Raises HubError (`item_version_unreadable`): this program can't read so old a text."""
        name = (submission.item_id, submission.item_version)
        known = self._read.get(name)
        if known is None:
            current = self._library().items.get(submission.item_id)
            known = current if current is not None and current.version == submission.item_version else None
        if known is None:
            try:
                entry = read_version(session, *name).entry()
            except HubError as error:
                raise HubError("办件所依据的事项版本读不了，请联系管理员。", code="item_version_unreadable") from error
            assert isinstance(entry, ServiceItem)
            known = entry
        self._read[name] = known
        self._read.move_to_end(name)
        while len(self._read) > MOST_KEPT:
            self._read.popitem(last=False)
        return known
