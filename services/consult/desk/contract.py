"""What the bot needs of the people behind it. `Desk` keeps it; a hub without a desk answers by the bot alone."""

from __future__ import annotations

from typing import Literal, Protocol

from services.consult.schemas import HandoverView

Reason = Literal["asked", "failed", "rule"]
"""Why a person takes over: the citizen asked, the bot found no answer several times in a row, a rule says so."""


class PersonRules(Protocol):
    """When a conversation is handed over by rule; read from rules.yaml."""

    @property
    def failures(self) -> int:
        """So many messages in a row without an answer call for a person."""
        ...

    def reason(self, text: str, *, item_id: str | None = None) -> Reason | None:
        """Why a person should take over because of what this message says or is about, None if nobody needs to.

        Args:
            text: cleaned and masked, as the pipeline's `query`.
            item_id: what the message is about.
        """
        ...


class PersonDesk(Protocol):
    """The queue of those who wait for a person. Safe to call for every message."""

    @property
    def rules(self) -> PersonRules:
        """When a conversation is handed over by rule."""
        ...

    async def request(self, session_id: str, *, reason: Reason, item_id: str | None = None) -> HandoverView:
        """Put the conversation in the queue, or promise a callback if nobody is on duty. While one is open, that one."""
        ...

    async def view(self, session_id: str) -> HandoverView | None:
        """Where the conversation stands with a person; None if nothing is open."""
        ...

    async def citizen_said(self, session_id: str, text_masked: str) -> None:
        """Pass the citizen's words on to the clerk who attends. Nothing happens if nobody does."""
        ...

    def told(self, view: HandoverView) -> str:
        """Where the conversation stands, in a sentence for the citizen."""
        ...
