"""What a new index is still given once it is searched: 8 bits for its large segments, and its place on disk.

Comes in: each index that takes over. Nothing of this is needed to answer, so a start and a publication don't wait for it, and an
error costs speed, not answers. One task at a time, on the newest index only.
"""

from __future__ import annotations

import asyncio

import structlog

from knowledge_base.index.kept_index import KeptIndex
from knowledge_base.index.section_index import SectionIndex

log = structlog.get_logger(__name__)


class Aftercare:
    """Looks after the index that is searched, beside questions.

    Args:
        kept: where words are kept; None keeps nothing.
    """

    def __init__(self, kept: KeptIndex | None) -> None:
        self._kept = kept
        self._newest: SectionIndex | None = None
        self._task: asyncio.Task[None] | None = None

    def follow(self, index: SectionIndex) -> None:
        """Look after `index` from now on. Returns at once and never fails."""
        self._newest = index
        if self._task is None or self._task.done():
            try:
                self._task = asyncio.get_running_loop().create_task(self._look_after())
            except RuntimeError:  # no event loop: the next switch or start does it
                self._task = None

    async def settle(self) -> None:
        """Wait until all is done. For a stop in good order, and for tests."""
        if self._task is not None:
            await self._task

    async def _look_after(self) -> None:
        """The newest index; again if another took its place meanwhile."""
        done = None
        while (index := self._newest) is not None and index is not done:
            try:
                await asyncio.to_thread(index.quicken)
            except Exception as error:  # whatever onnxruntime raises: questions are scanned exactly, as they were
                log.warning("index_not_quickened", error=type(error).__name__)
            try:
                await asyncio.to_thread(self._keep, index)
            except OSError as error:
                # Costs the next start a few seconds, not this one's answers.
                log.warning("index_not_kept", error=type(error).__name__)
            done = index

    def _keep(self, index: SectionIndex) -> None:
        if self._kept is not None:
            self._kept.write(index.section_index.words, index.section_keys, index.library.generation, index.version)
