"""The pipeline's last step, if a language model is set: the verified answer worded by it, if that text passes every check.

The composed answer is never replaced: what the model wrote stands beside it, marked, and is left away at the least doubt.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable

import structlog
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

from core.settings import Settings
from knowledge_base.library import Library
from services.consult.consultation import Consultation, Quoted
from services.consult.language_model.checking import check
from services.consult.language_model.client import ChatClient, Unusable
from services.consult.language_model.prompting import Mode, prompts

CHANNELS = frozenset({"pc", "mobile", "kiosk", "embed", "api"})
"""Where the mark can be shown; agents and clerks get the composed answer alone."""

log = structlog.get_logger(__name__)


class LanguageModel(Collector):
    """One endpoint and what became of each request: `used`, or why not (see `ChatClient.complete`, `checking.check`)."""

    def __init__(self, settings: Settings) -> None:
        key = settings.language_model_key.get_secret_value()
        self._client = ChatClient(
            settings.language_model_url,
            settings.language_model_name,
            key,
            timeout=settings.language_model_seconds,
            tokens=settings.language_model_tokens,
        )
        self._mode: Mode = "answer" if settings.language_model_mode == "answer" else "rephrase"
        self.outcomes: Counter[str] = Counter()

    async def worded(self, question: str, told: list[str], sections: list[str]) -> str | None:
        """A text that says `told` (composed) in other words and passed every check, or None. Never raises."""
        further = sections if self._mode == "answer" else []
        try:
            text = (await self._client.complete(*prompts(self._mode, question, told, further))).strip()
            # Up to a tenth of a second of pure computing: other citizens don't wait for it.
            outcome = await asyncio.to_thread(check, text, told, further)
        except Unusable as unusable:
            text, outcome = "", unusable.reason
        self.outcomes[outcome or "used"] += 1
        if outcome is not None:
            log.info("language_model_unused", reason=outcome)
        return text if outcome is None else None

    def closing(self, library: Library) -> Reword:
        """The pipeline's last step for one state of the library."""
        return Reword(self, library)

    def collect(self) -> Iterable[Metric]:
        """The outcomes as `kaopu_language_model_total{outcome=...}`."""
        family = CounterMetricFamily(
            "kaopu_language_model", "Answers given to the language model, by what became of them", labels=["outcome"]
        )
        for outcome, count in sorted(self.outcomes.items()):
            family.add_metric([outcome], count)
        yield family


class Reword:
    """Closing step: fills `consultation.worded` of an answer that was composed from sections."""

    def __init__(self, model: LanguageModel, library: Library) -> None:
        self._model = model
        self._library = library

    async def __call__(self, consultation: Consultation) -> None:
        """Leaves everything but composed answers alone."""
        draft = consultation.draft
        if draft is None or draft.status != "answered" or draft.person or consultation.channel not in CHANNELS:
            return
        if consultation.route != "guide" or draft.asking is not None or consultation.words_only:
            return
        quotes = [part for part in draft.parts if isinstance(part, Quoted)]
        if not quotes:
            return
        # Lines for other situations than the person's are no evidence for an answer to this person.
        sections = (
            []
            if draft.known
            else [self._library.section(one).text for one in dict.fromkeys(q.section_id for q in quotes)]
        )
        consultation.worded = await self._model.worded(
            consultation.question, [one.text for one in draft.parts], sections
        )
