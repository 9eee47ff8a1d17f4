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
    if field.of is not None:
        return _of_party(field, own, kind, labels)
    turns = _turns(field, kind)
    if turns == 1:
        return own
    if len(own) >= turns:
        return own[field.turn - 1 : field.turn]
    anchors = _anchors(kind, turns, labels)
    if not anchors:
        return own[field.turn - 1 : field.turn]
    return [label for label in own if _nearest(label, anchors) == field.turn]


def without_guesses(kind: PaperKind, labels: Sequence[Label]) -> list[Label]:
    """Without the misread labels of fields that have a label which was read as it is printed: a scrap of a seal may look like
    another of their labels."""
    read = {label.text for label in labels if not label.misread}
    settled = {one for field in kind.fields if read & set(field.labels) for one in field.labels}
    paired = {one for field in kind.fields if field.turn > 1 for one in field.labels}
    return [label for label in labels if not label.misread or label.text not in settled - paired]


def _of_party(field: FieldKind, own: Sequence[Label], kind: PaperKind, labels: Sequence[Label]) -> list[Label]:
    """The labels that stand behind the label of the party that the field is `of`, before that of another party. Where no party's
    label was read, they belong to the parties in turn."""
    rivals = [one for one in kind.fields if one.of is not None and set(one.labels) & set(field.labels)]
    parties = {label: one.id for one in kind.fields for label in one.labels if one.id in {rival.of for rival in rivals}}
    if not any(label.text in parties for label in labels):
        return list(own[field.turn - 1 : field.turn]) if len(own) == len(rivals) else []
    found, party = [], None
    for label in labels:
        party = parties.get(label.text, party)
        if label in own and party == field.of:
            found.append(label)
    return found


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
