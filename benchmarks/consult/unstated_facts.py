"""How many numbers, dates, phones, addresses and names stand in answers but in none of the sections that the answer cites.

    python -m benchmarks.consult.unstated_facts [dev] [test] [--show]

Every answer to every question of the halves is read, those in between of a dialogue too. An answer with sources is held to the
cited sections, in the version that is cited; what it says in a fixed sentence of the policy (12345) is told apart. An answer
without sources (a question back, a refusal) is held to the fixed sentences, and to the guide that it asks about. A heading may
count the lines that follow it instead of all (共 3 项): that count is checked against the lines.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import re
from collections import Counter
from dataclasses import dataclass, field

import structlog
from ruamel.yaml import YAML

from benchmarks.consult.claims import Claim, claims_in, squeezed
from benchmarks.consult.hub import bot
from benchmarks.consult.reading import read_questions
from benchmarks.consult.scoring import score_dialogues, score_outside
from core.errors import NotFound
from knowledge_base.library import Library
from services.consult.policy import FOLDER, Policy, load_policy
from services.consult.schemas import Choice, MessageAnswer

_HEADING = re.compile(
    r"(?:共|分|以下|下面)\s?(?P<count>\d+)\s?(?:项|步|件)[^\n]*：\n+(?P<lines>(?:\d+\. [^\n]*(?:\n|$))+)"
)
_COUNTED = re.compile(r"(?<=[共分下面])\s?\d+\s?(?=项|步|件)")


@dataclass(slots=True)
class Report:
    """Counts over all answers. `claims`: by kind, of answers with sources. `fixed`: of those, what only a fixed sentence of
    the policy says. `unstated`, `unstated_without_sources`: the offenders, a line each."""

    answers: int = 0
    without_sources: int = 0
    claims: Counter[str] = field(default_factory=Counter)
    fixed: int = 0
    unstated: list[str] = field(default_factory=list)
    unstated_without_sources: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Source:
    """A text that claims can stand in."""

    claims: frozenset[tuple[str, str]]
    text: str

    @classmethod
    def of(cls, texts: list[str]) -> Source:
        """All of `texts`."""
        whole = "\n".join(texts)
        return cls(frozenset((one.kind, one.value) for one in claims_in(whole)), squeezed(whole))

    def states(self, claim: Claim) -> bool:
        """Whether the claim stands there."""
        if claim.kind in ("number", "date", "time", "phone"):
            return (claim.kind, claim.value) in self.claims
        return claim.value in self.text


def fixed_sentences(policy: Policy) -> list[str]:
    """What the bot says of its own accord."""
    texts = policy.texts
    events = YAML(typ="safe").load((FOLDER / "life_events.yaml").read_text(encoding="utf-8"))
    return [
        *texts.say.values(),
        *events["say"].values(),
        *(one.where for one in texts.elsewhere),
        *(one.matter for one in texts.elsewhere),
    ]


class UnstatedFacts:
    """Reads answers."""

    def __init__(self, library: Library, policy: Policy) -> None:
        self._library = library
        self._fixed = Source.of(fixed_sentences(policy))
        self.report = Report()

    def read(self, text: str, answer: MessageAnswer) -> None:
        """Count one answer to `text`."""
        report = self.report
        report.answers += 1
        said, miscounted = without_right_counts(answer.text)
        claims = sorted(claims_in(said), key=lambda one: (one.kind, one.value))
        offenders = report.unstated
        if answer.citations:
            source = self._cited(answer)
            report.claims.update(one.kind for one in claims)
        else:
            report.without_sources += 1
            offenders = report.unstated_without_sources
            source = self._asked_about(answer, text)
        offenders += [f"{text} -> {answer.status}: the heading counts {count}" for count in miscounted]
        for claim in claims:
            if source.states(claim):
                continue
            if self._fixed.states(claim):
                report.fixed += bool(answer.citations)
                continue
            where = ", ".join(one.section_id for one in answer.citations) or answer.route
            offenders.append(f"{text} -> {answer.status}: {claim.kind} {claim.written} ({claim.value}) not in {where}")

    def _cited(self, answer: MessageAnswer) -> Source:
        texts = []
        for citation in answer.citations:
            try:
                section = self._library.section(citation.section_id)
            except NotFound:
                continue
            texts += [section.text, section.item_name]
        return Source.of(texts)

    def _asked_about(self, answer: MessageAnswer, text: str) -> Source:
        """What an answer without sources may repeat: the question, the names and the summaries of the items it offers, the guide
        that it asks about."""
        items = [self._library.items[answer.item.id]] if answer.item and answer.item.id in self._library.items else []
        texts = [text]
        for item in items:
            texts += [item.name, *(section.text for section in self._library.sections(item.id))]
            texts += [situation.question for situation in item.situations]
        # A name that the library holds is no claim about a guide: 关于“…”，我收录的指南里没有写这种情形。
        texts += [entry.name for entry in self._library.entries.values() if entry.name in answer.text]
        if answer.event is not None:
            texts += [section.text for section in self._library.sections_of_entry(answer.event.id)]
        return Source.of(texts)


def without_right_counts(text: str) -> tuple[str, list[int]]:
    """`text` without the counts of headings that are right, and the counts that are wrong."""
    wrong: list[int] = []

    def checked(found: re.Match[str]) -> str:
        count = int(found["count"])
        if count != len(found["lines"].rstrip("\n").split("\n")):
            wrong.append(count)
        return _COUNTED.sub("", found.group(), count=1)

    return _HEADING.sub(checked, text), wrong


async def run(halves: list[str], *, show: bool) -> int:
    """Print the figures; how many offenders there are."""
    async with bot() as hub:
        reader = UnstatedFacts(hub.library, load_policy())

        async def ask(text: str, session: str | None, choice: Choice | None) -> MessageAnswer:
            answer = await hub.ask(text, session, choice)
            reader.read(text, answer)
            return answer

        questions = read_questions(halves)
        await score_dialogues([*questions.single, *questions.dialogues], ask, hub.library)
        await score_outside(questions.out_of_scope, ask, hub.library)
    report = reader.report
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(report.claims.items()))
    print(f"{report.answers} answers, {report.without_sources} of them without sources (questions back, refusals)")
    print(f"claims in answers with sources: {sum(report.claims.values())} ({kinds})")
    print(f"of these only in a fixed sentence of the policy: {report.fixed}")
    print(f"in no cited section: {len(report.unstated)}")
    print(
        f"answers without sources, in no fixed sentence, question or guide asked about: {len(report.unstated_without_sources)}"
    )
    if show:
        print("\n".join(f"  {line}" for line in (*report.unstated, *report.unstated_without_sources)))
    return len(report.unstated) + len(report.unstated_without_sources)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("halves", nargs="*", default=["dev", "test"], help="dev, test")
    parser.add_argument("--show", action="store_true", help="print what stands nowhere")
    arguments = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    asyncio.run(run(arguments.halves, show=arguments.show))


if __name__ == "__main__":
    main()
