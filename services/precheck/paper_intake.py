"""Papers of submissions: files are taken in, each in one transaction with its document; named; taken back."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import BinaryIO

from sqlalchemy.orm import Session

from core.errors import HubError
from services.access import Caller
from services.documents.intake import clean_file_name
from services.documents.schemas import FailureView, RefusedView
from services.documents.service import DocumentService
from services.documents.tables import Document
from services.precheck import cases, papers
from services.precheck.cases import find
from services.precheck.idempotency import Repeat, answered, remember
from services.precheck.schemas import SubmissionView
from services.precheck.transactions import Transactions


class PaperIntake:
    """Args: documents: takes the papers in and reads them."""

    def __init__(self, transactions: Transactions, documents: DocumentService) -> None:
        self._transactions = transactions
        self._office = transactions.office
        self._clock = transactions.clock
        self.documents = documents

    async def add(
        self,
        submission_id: str,
        files: Sequence[tuple[str | None, BinaryIO]],
        material: str | None,
        caller: Caller,
        repeat: Repeat | None = None,
    ) -> list[RefusedView]:
        """Take files in, each by itself; those that were refused.

        Raises:
            NotFound, Conflict, Invalid: as `papers.added`, if that refuses all of them.
            HubError: as `DocumentService.accept`, if there is one file only.
        """
        await self.check(submission_id, material, caller)
        refused = []
        for number, (name, source) in enumerate(files):
            part = None if repeat is None else repeat.part(str(number), _sum_of(source))
            try:
                await self._add_paper(submission_id, name, source, material, caller, part)
            except HubError as error:
                if len(files) == 1:
                    raise
                refused.append(
                    RefusedView(
                        file_name=clean_file_name(name), error=FailureView(code=error.code, message=error.message)
                    )
                )
        self._transactions.woken(submission_id)
        return refused

    async def check(self, submission_id: str, material: str | None, caller: Caller) -> None:
        """Whether a paper would be taken in now; before its bytes are. Raises as `papers.added`."""
        await self._transactions.read(lambda session: self._check_papers(session, submission_id, material, caller))

    def _check_papers(self, session: Session, submission_id: str, material: str | None, caller: Caller) -> None:
        """What can be refused before the files are looked at. The claim that is renewed here isn't written."""
        one = find(session, submission_id, caller)
        with session.no_autoflush:
            cases.check_may_change(one, self._office, caller, self._clock.now())
            papers.check_material(session, one, self._office, material)
            papers.check_room(session, one, self._office)
        session.expunge(one)

    async def _add_paper(
        self,
        submission_id: str,
        name: str | None,
        source: BinaryIO,
        material: str | None,
        caller: Caller,
        repeat: Repeat | None,
    ) -> None:
        if await self._transactions.read(lambda session: answered(session, repeat)) is not None:
            return

        def also(session: Session, document: Document) -> None:
            moment = self._clock.now()
            one = find(session, submission_id, caller, lock=True)
            papers.added(session, self._office, one, document, material, caller, moment)
            remember(session, repeat, {"document": document.id}, submission_id, moment)

        await self.documents.accept_for(caller, name, source, submission_id, also)

    async def take(self, submission_id: str, document_id: str, material: str | None, caller: Caller) -> SubmissionView:
        """Say as which material it was handed in. Raises as `papers.taken_as`."""
        return await self._transactions.on(
            submission_id,
            caller,
            None,
            lambda session, one, moment: papers.taken_as(
                session, self._office, one, document_id, material, caller, moment
            ),
        )

    async def remove(self, submission_id: str, document_id: str, caller: Caller) -> SubmissionView:
        """Take a paper back. Raises as `papers.removed`."""
        view = await self._transactions.on(
            submission_id,
            caller,
            None,
            lambda session, one, moment: papers.removed(session, self._office, one, document_id, caller, moment),
        )
        await self.documents.dropped(document_id)
        return view


def _sum_of(source: BinaryIO) -> str:
    digest = hashlib.sha256()
    source.seek(0)
    while block := source.read(1 << 20):
        digest.update(block)
    source.seek(0)
    return digest.hexdigest()
