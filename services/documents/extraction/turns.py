"""Which of several equal labels belongs to which field: a marriage certificate says 姓名 twice, a contract 身份证号.

Comes in: a field, its kind, the labels of a page row by row. Goes out: the field's own labels. Where one of a pair
wasn't read, the one that is left goes to the party that it stands nearest to. Pure functions.
"""

from __future__ import annotations

from collections.abc import Sequence

from services.documents.extraction.kinds import FieldKind, PaperKind
from services.documents.extraction.labels import Label


def labels_of(field: FieldKind, kind: PaperKind, labels: Sequence[Label]) -> list[Label]:
    """The labels of `labels` that may lead to the value of `field`, the likeliest first."""
    own = [label for label in labels if label.text in field.labels]
    turns = _turns(field, kind)
    if turns == 1:
        return own
    if len(own) >= turns:
        return own[field.turn - 1 : field.turn]
    anchors = _anchors(kind, turns, labels)
    if not anchors:
        return own[field.turn - 1 : field.turn]
    return [label for label in own if _nearest(label, anchors) == field.turn]


def _turns(field: FieldKind, kind: PaperKind) -> int:
    """How many fields share the labels of `field`."""
    return max(one.turn for one in kind.fields if set(one.labels) & set(field.labels)) if field.labels else 1


def _anchors(kind: PaperKind, turns: int, labels: Sequence[Label]) -> list[tuple[int, Label]]:
    """Labels of which as many were read as there are parties, each with the party's turn."""
    found = []
    for field in kind.fields:
        if _turns(field, kind) == turns:
            own = [label for label in labels if label.text in field.labels]
            if len(own) == turns:
                found.append((field.turn, own[field.turn - 1]))
    return found


def _nearest(label: Label, anchors: Sequence[tuple[int, Label]]) -> int:
    def apart(one: tuple[int, Label]) -> float:
        other = one[1]
        return float(abs(other.middle - label.middle) + abs(other.box[0] - label.box[0]))

    return min(anchors, key=apart)[0]
