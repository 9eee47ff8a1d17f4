"""How sure a field is: what is known of the way it was found -> the probability that its value is exactly right.

Comes in: the candidate that was chosen, its rivals, what the checks say, how the reader felt about its lines, where
seals lie. Goes out: a probability, and whether it is above the automatic threshold. The weights stand in
`confidence.yaml`, fitted on the dev half of the bench by `python -m benchmarks.papers.fit_confidence`. Pure functions
but for the reading of that file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import exp, log, log1p
from pathlib import Path
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict
from pydantic import Field as Setting

from knowledge_base.reading import load_yaml, read_file
from models.tasks import OcrOutput
from services.documents.extraction.addresses import read_address
from services.documents.extraction.candidates import Candidate, How
from services.documents.extraction.kinds import FieldKind, ValueType
from services.documents.extraction.names import looks_like_a_party, looks_like_a_person
from services.documents.extraction.page_lines import ORNAMENTS, Quad, places

FILE = Path(__file__).with_name("confidence.yaml")
SEAL_WORDS = re.compile(r"专用章|公章|印章|专用$|^章")
NEAR = 4.0
"""How near the trace of a seal has to be, in heights of the value's line."""
_CUT_PLACE = re.compile(r"[一-鿿](?:区|市(?!场))[一-鿿]")
"""陀区..., 安市...: no district or city has a name of one character; its beginning is under a seal."""
_OPEN_ADDRESS = re.compile(r"(?:[0-9]|弄|单元|[栋幢])$")
"""A room without 室, a lane without a number: the line that it goes on in wasn't read."""
_OPEN_TEXT = re.compile(r"[、和及与或的]$")
_STRANGE = re.compile(r"[^\u3400-\u9fff0-9A-Za-z（）()〔〕、，。；：·《》“”/\-—*.,;:㎡%#&+~～]")


class Calibration(BaseModel):
    """`threshold`: from which probability a field counts as sure; `weights`: of the features, in logits."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    threshold: Annotated[float, Setting(ge=0, le=1)]
    intercept: float
    weights: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Said:
    """What the rest of the page says about a field.

    Attributes:
        agreed, disagreed: how many of the paper's checks do (`cross_checks`).
        familiar: share of the kind's fields whose label was found, 0..1: a form that isn't known is read worse.
        loose: text that no field has taken stands next to the value: it may go on there.
        set_in: the value begins further from its label than that of a label above or below: its beginning may be hidden.
    """

    agreed: int = 0
    disagreed: int = 0
    familiar: float = 1.0
    loose: bool = False
    set_in: bool = False


@cache
def calibration(path: Path = FILE) -> Calibration:
    """The weights of a file."""
    return Calibration.model_validate(load_yaml(read_file(path), source=path.name))


def probability(features: Mapping[str, float], fitted: Calibration) -> float:
    """That a value with these features is right, 0..1."""
    logit = fitted.intercept + sum(fitted.weights.get(name, 0.0) * value for name, value in features.items())
    return 1 / (1 + exp(-max(-30.0, min(30.0, logit))))


def features(
    field: FieldKind,
    chosen: Candidate,
    found: Sequence[Candidate],
    page: OcrOutput,
    *,
    said: Said,
    covered: Sequence[Quad] = (),
) -> dict[str, float]:
    """What is known of a value; by name, those that are 0 left out."""
    value = chosen.read.value or ""
    lines = {one.line for one in chosen.characters}
    doubt = -log(max(1e-4, min(0.9999, min(page.lines[number].confidence for number in lines))))
    fitting = [one.read.value for one in found if one is not chosen and one.read.proven is not False]
    proof = chosen.read.proven is True
    named = {
        "doubt": doubt**0.5,
        "doubt_unproven": 0.0 if proof else doubt**0.5,
        "long_doubt": doubt * min(len(value), 40) ** 0.5,
        "length": log1p(len(value)),
        "lines": float(len(lines) > 1),
        "misread_label": float(chosen.label is not None and chosen.label.misread),
        "repaired": float(chosen.read.repair is not None),
        "rivals": float(any(one is not None and one != value for one in fitting)),
        "agreeing": float(value in fitting),
        "unfamiliar": 1.0 - said.familiar,
        "loose": float(said.loose),
        "set_in": float(said.set_in and not _has_check_digit(field)),
        "agreed": float(min(said.agreed, 2)),
        "disagreed": float(said.disagreed > 0),
        "checked_number": float(proof and _has_check_digit(field)),
        "option": float(bool(field.options) and proof),
        "half_option": float(bool(field.options) and not proof),
        "unlike": float(not _as_expected(field, value)),
        "strange": float(_strange(field, value)),
        "open_end": float(_open_end(field, chosen, page)),
        f"how_{chosen.how}": 1.0,
        f"type_{_family(field)}": 1.0,
        **_seals(field, chosen, page, covered),
    }
    return {name: value for name, value in named.items() if value}


def _strange(field: FieldKind, value: str) -> bool:
    """Whether a value has characters that those of its type haven't, or half a pair of brackets."""
    whole = field.type in (ValueType.NAME, ValueType.PARTY, ValueType.ADDRESS)
    odd = (
        _STRANGE.search(value) is not None
        or _CUT_PLACE.match(value) is not None
        or (whole and re.search(r"[：:；;。，,]", value) is not None)
    )
    return odd or value.count("（") != value.count("）")


def _open_end(field: FieldKind, chosen: Candidate, page: OcrOutput) -> bool:
    """Whether a value stops where it would go on: an address at a lane, a list at its 、, what a sentence says at the end of a
    line, where no stop stands."""
    value = chosen.read.value or ""
    if field.type is ValueType.ADDRESS:
        return _OPEN_ADDRESS.search(value) is not None
    if field.type not in (ValueType.TEXT, ValueType.PARTY):
        return False
    last = chosen.characters[-1]
    at_end = last.offset >= len(page.lines[last.line].text) - 1
    return _OPEN_TEXT.search(value) is not None or (chosen.how is How.SAID and at_end)


def _has_check_digit(field: FieldKind) -> bool:
    return field.type in (
        ValueType.IDENTITY_NUMBER,
        ValueType.CREDIT_CODE,
        ValueType.FOOD_LICENCE,
        ValueType.SUBJECT_NUMBER,
    )


def _family(field: FieldKind) -> str:
    if field.options:
        return "option"
    if _has_check_digit(field):
        return "number"
    return {ValueType.DATE: "day", ValueType.PERIOD: "day", ValueType.MONEY: "amount", ValueType.AREA: "amount"}.get(
        field.type, field.type.value if field.pattern is None else "pattern"
    )


def _as_expected(field: FieldKind, value: str) -> bool:
    """Whether a value is built as those of its type mostly are."""
    if field.type is ValueType.NAME:
        return looks_like_a_person(value)
    if field.type is ValueType.PARTY:
        return looks_like_a_party(value)
    if field.type is ValueType.ADDRESS:
        found = read_address(value)
        return not found.missing and not found.rest
    return True


def _seals(field: FieldKind, chosen: Candidate, page: OcrOutput, covered: Sequence[Quad]) -> dict[str, float]:
    """Whether a seal lies over the value, or left its traces beside it."""
    boxes = [np.array(one) for one in places(page, chosen.characters)]
    own = {one.line for one in chosen.characters}
    under = any(_overlap(box, np.array(seal)) for box in boxes for seal in covered)
    height = max(float(np.hypot(*((box[3] - box[0]) * (page.width, page.height)))) for box in boxes)
    near = 0
    for number, line in enumerate(page.lines):
        short = len(line.text) <= 2 and line.confidence < 0.75
        if number not in own and (short or any(one in ORNAMENTS for one in line.text) or SEAL_WORDS.search(line.text)):
            other = np.array(line.box)
            near += any(_apart(box, other, page) < NEAR * height for box in boxes)
    # A form that fits proves nothing here: what is left of a number under a seal may be a number too.
    doubtful = not (chosen.read.proven is True and (_has_check_digit(field) or field.options))
    return {"covered": float(under), "covered_unproven": float(under and doubtful), "near_seal": min(near, 3) / 3}


def _overlap(one: NDArray[np.float64], other: NDArray[np.float64]) -> bool:
    """Whether the upright boxes around two quads meet."""
    return bool(((one.min(axis=0) < other.max(axis=0)) & (other.min(axis=0) < one.max(axis=0))).all())


def _apart(one: NDArray[np.float64], other: NDArray[np.float64], page: OcrOutput) -> float:
    """Between the upright boxes around two quads, in pixels."""
    gap = np.maximum(0, np.maximum(one.min(axis=0) - other.max(axis=0), other.min(axis=0) - one.max(axis=0)))
    return float(np.hypot(*(gap * (page.width, page.height))))
