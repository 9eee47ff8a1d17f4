"""Sentiment and 差评 detection: what a comment on a public service expresses.

Comes in: `Comment`. Goes out: `Sentiment`: praise, neutral or negative, and whether it is a bad rating of how a service was done
(差评, which has to be followed up) or a grievance about something else (a case for 工单分派). The trained head `sentiment` sees the
text's vector, its characters and the words of its mood.
"""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from models.polarity import finds
from services.algorithms.head_reading import TextHead
from services.algorithms.taking import taken

HEAD = "sentiment"
"""The head's name in registry.yaml; it is `coloured`."""
MOST_CHARACTERS = 5_000
PRAISE, NEUTRAL, BAD_RATING, GRIEVANCE = "praise", "neutral", "bad_rating", "grievance"
CERTAIN = 0.6
"""Below this a bad rating should be looked at by a person."""
SHOWN = {
    "runaround": "推诿折腾",
    "rude": "服务态度",
    "delay": "办理拖延",
    "trouble": "系统与流程",
    "unsolved": "问题未解决",
}
"""Groups of models/polarity.yaml that tell what a bad rating is about, as they are called on screen."""


class Mood(StrEnum):
    """正面, 中性, 负面."""

    POSITIVE = "positive"
    NEUTRAL = "neutral"
    NEGATIVE = "negative"


class Comment(BaseModel):
    """A comment, at most 5,000 characters."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str


class Sentiment(BaseModel):
    """`mood` with its `confidence` (0 to 1). `bad_rating`: it is a 差评, with `bad_rating_confidence`. `about`: what a negative
    comment complains of (服务态度, 办理拖延, ...). `look`: a person should look, for it is nearly one and nearly another."""

    model_config = ConfigDict(frozen=True)

    mood: Mood
    confidence: float = Field(ge=0, le=1)
    bad_rating: bool
    bad_rating_confidence: float = Field(ge=0, le=1)
    about: tuple[str, ...]
    look: bool


async def run(comment: Comment, head: TextHead) -> Sentiment:
    """What `comment` expresses.

    Raises:
        Invalid, TooLarge: nothing to read, or too much (codes `text_empty`, `text_too_long`).
        HubError: as `TextHead.read`.
    """
    read = await head.read([taken(comment.text, MOST_CHARACTERS)])
    chance = dict(zip(read.labels, map(float, read.chances[0]), strict=True))
    moods = {
        Mood.POSITIVE: chance[PRAISE],
        Mood.NEUTRAL: chance[NEUTRAL],
        Mood.NEGATIVE: chance[BAD_RATING] + chance[GRIEVANCE],
    }
    mood = max(moods, key=lambda one: moods[one])
    said = finds(comment.text) if mood is Mood.NEGATIVE else {}
    return Sentiment(
        mood=mood,
        confidence=min(1.0, moods[mood]),
        bad_rating=mood is Mood.NEGATIVE and chance[BAD_RATING] >= chance[GRIEVANCE],
        bad_rating_confidence=min(1.0, chance[BAD_RATING]),
        about=tuple(name for group, name in SHOWN.items() if said.get(group)),
        look=moods[mood] < CERTAIN,
    )
