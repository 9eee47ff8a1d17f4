"""Printed labels among the lines of a page.

Comes in: lines and all labels of a kind. Goes out: `Label`s with where they stand and what follows them on their line.
Official forms spread a label over the column (名　称 is read as two lines) and break it over two lines; both are put
together again. A label of three or more characters counts with one of them misread, shorter ones where they stand
alone.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from services.documents.extraction.page_lines import Character, PageLine

FUZZY_FROM = 5
COLONS = ":;"
WIDEST_GAP = 9.0
"""Between the characters of a spread label, in heights of the line."""
NOTE = re.compile(
    r"\([\u3400-\u9fff、/]{1,12}\)(?=[:;]|$)|\((?:盖章|签章|签名|签字|公章|签名或盖章|签字或盖章|签字盖章)\)"
)
"""What a form notes behind a label: 法定代表人(负责人):, 发证机关(盖章)."""
MORE = re.compile(r"(?:姓名|名称|全称|范围|内容|事项|号码)(?=[:;])")
"""What a form may add to a label that is known without it: 委托人姓名:, 权限范围:. It is never a value."""
SIGNED = re.compile(r"签名|签字|签章|手印|捺印")
RUNNING_ON = ("为", "是", "系")
"""What joins a label and its value in running text: 委托权限为..., 租金是..."""
NUMBERED = re.compile(
    r"(?:第[一二三四五六七八九十0-9]{1,3}条|[一二三四五六七八九十]{1,3}[、.]|[(][一二三四五六七八九十0-9]{1,2}[)]|[0-9]{1,2}(?:[.、][0-9]{0,2}))[:、.]?(?=[\u3400-\u9fff])"
)
"""How clauses and rows of a form are numbered."""
VALUE = re.compile(r"[^\W_]|[*¥]")
"""A character that a value has at least one of."""
SAME_ROW = 0.6
"""Two labels stand in one row whose middles differ by less, in heights of the line."""


@dataclass(frozen=True, slots=True)
class Label:
    """A label on the page.

    Attributes:
        text: as the kind writes it.
        follows: what its line goes on with, up to the next label; `follows_at`: where that begins.
        box: left, top, right, bottom of the label itself.
        height: of one of its lines; all in heights of the page.
        lines: places of the lines that it takes.
        misread: one of its characters wasn't read as it is printed.
        signed: it asks for a signature, 委托人(签名): what follows is handwriting.
        margin: where its line begins.
        cut: another label ends what follows.
    """

    text: str
    follows: tuple[Character, ...]
    follows_at: float
    box: tuple[float, float, float, float]
    height: float
    lines: tuple[int, ...]
    misread: bool = False
    margin: float = 0.0
    cut: bool = False
    signed: bool = False

    @property
    def middle(self) -> float:
        """Of its height."""
        return (self.box[1] + self.box[3]) / 2


def find_labels(lines: Sequence[PageLine], labels: Collection[str]) -> list[Label]:
    """All labels row by row; `lines` in the order of `page_lines`."""
    ordered = sorted(labels, key=lambda one: (-len(one), one))
    found: list[Label] = []
    taken: set[int] = set()
    for number, line in enumerate(lines):
        if number in taken:
            continue
        group = _put_together(number, lines, ordered, taken)
        if group is None:
            found += _on_line(number, line, ordered)
        else:
            found.append(group)
            taken.update(group.lines)
    exact = {label.text for label in found if not label.misread}
    # A label that was read as it is printed leaves no room for one that was guessed.
    found = [label for label in found if not label.misread or label.text not in exact]
    return _by_rows(found + _halves(lines, ordered, found))


def _halves(lines: Sequence[PageLine], labels: Sequence[str], found: Sequence[Label]) -> list[Label]:
    """Spread labels of two characters, one of which wasn't read: a lone character that only one missing label has there."""
    known = {label.text for label in found}
    taken = {number for label in found for number in label.lines}
    missing = [one for one in labels if len(one) == 2 and one not in known]
    halves = []
    for number, line in enumerate(lines):
        possible = [one for one in missing if line.text.rstrip(COLONS) in (one[0], one[1])]
        if number not in taken and len(possible) == 1:
            halves.append(_whole(possible[0], (number,), lines, (), misread=True))
    return halves


def _whole(
    text: str,
    members: Sequence[int],
    lines: Sequence[PageLine],
    follows: tuple[Character, ...],
    *,
    misread: bool = False,
) -> Label:
    """A label that takes whole lines (but for `follows` at the end of the last one)."""
    parts = [lines[one] for one in members]
    right = max(one.right for one in parts)
    if follows:
        right = parts[-1].at(len(parts[-1].characters) - len(follows))
    box = (min(one.left for one in parts), min(one.top for one in parts), right, max(one.bottom for one in parts))
    return Label(text, follows, right, box, parts[0].height, tuple(members), misread, parts[-1].left)


def _by_rows(labels: Sequence[Label]) -> list[Label]:
    """From the top down, and within a row from left to right."""
    rows: list[list[Label]] = []
    for label in sorted(labels, key=lambda one: one.middle):
        if rows and label.middle - rows[-1][0].middle < SAME_ROW * label.height:
            rows[-1].append(label)
        else:
            rows.append([label])
    return [label for row in rows for label in sorted(row, key=lambda one: one.box[0])]


def _on_line(number: int, line: PageLine, labels: Sequence[str]) -> Iterator[Label]:
    """Labels at the line's beginning, and further ones behind their values."""
    text = line.text
    starts: list[tuple[int, int, str, bool]] = []
    number_before = NUMBERED.match(text)
    place = number_before.end() if number_before else 0
    while place < len(text):
        match = _label_at(text, place, labels, first=not starts)
        if match is None:
            if not starts:
                return
            place += 1
            continue
        label, length, misread = match
        starts.append((place, place + length, label, misread))
        place += length
    for turn, (start, end, label, misread) in enumerate(starts):
        behind = end
        more = MORE.match(text, behind)
        if more is not None:
            behind = more.end()
        note = NOTE.match(text, behind)
        if note is not None:
            behind = note.end()
        if text[behind : behind + 1] in RUNNING_ON:
            behind += 1
        while behind < len(text) and text[behind] in COLONS:
            behind += 1
        signed = note is not None and SIGNED.search(note[0]) is not None
        stop = starts[turn + 1][0] if turn + 1 < len(starts) else len(text)
        box = (line.at(start), line.top, line.at(max(end, behind)), line.bottom)
        follows = line.characters[behind:stop] if VALUE.search(text[behind:stop]) else ()
        cut = turn + 1 < len(starts)
        yield Label(label, follows, line.at(behind), box, line.height, (number,), misread, line.left, cut, signed)


def _label_at(text: str, place: int, labels: Sequence[str], *, first: bool) -> tuple[str, int, bool] | None:
    """The label that begins at `place`, how many characters it takes there, and whether one of them was misread."""
    for label in labels:
        if text.startswith(label, place):
            behind = text[place + len(label) : place + len(label) + 1]
            # In the middle of a line a label shows itself by its colon or by its length: 住所 may be a part of a value.
            short = len(text) <= 12 and place <= 8 and len(label) != 3
            if first or behind == ":" or len(label) >= FUZZY_FROM or short:
                return label, len(label), False
    if first:
        for label in labels:
            length = _misread(text[place:], label)
            if length is not None:
                return label, length, True
    return None


def _misread(text: str, label: str) -> int | None:
    """How many characters of `text` are `label` with one character misread, lost or too many."""
    for length in (len(label), len(label) - 1, len(label) + 1):
        piece = text[:length]
        # The shorter the label, the clearer it has to stand by itself.
        behind = text[length : length + 1]
        enough = 3 if behind == ":" and length == len(label) else 4 if behind in ("", ":") else FUZZY_FROM
        if len(piece) == length and len(label) >= enough and _one_apart(piece, label):
            return length
    alone = len(label) == 2 and len(text.rstrip(COLONS)) == 2 and (text[0] == label[0] or text[1:2] == label[1])
    return 2 if alone and text[2:3] == ":" else None


def _one_apart(piece: str, label: str) -> bool:
    """Whether one character changed, left out or put in makes `label` of `piece`."""
    if len(piece) == len(label):
        return sum(one != other for one, other in zip(piece, label, strict=True)) == 1
    short, long = sorted((piece, label), key=len)
    return any(long[:place] + long[place + 1 :] == short for place in range(len(long)))


def _put_together(
    number: int, lines: Sequence[PageLine], labels: Sequence[str], taken: Collection[int]
) -> Label | None:
    """The label that this line begins and other lines end: to its right, or right below it."""
    start = lines[number].text.rstrip(COLONS)
    possible = [label for label in labels if label.startswith(start) and len(label) > len(start)]
    if not possible:
        return None
    for label in possible:
        for beside in (True, False):
            members, text = [number], start
            follows: tuple[Character, ...] = ()
            while len(text) < len(label):
                rest = label[len(text) :]
                following = _next(lines, members[-1], rest, {*taken, *members}, beside=beside)
                if following is None:
                    break
                members.append(following)
                text += lines[following].text.rstrip(COLONS)[: len(rest)]
                follows = lines[following].characters[len(rest) :]
            if text == label and (beside or len(start) >= 3) and (start not in labels or not beside):
                while follows and follows[0].text in COLONS:
                    follows = follows[1:]
                return _whole(label, members, lines, follows)
    return None


def _next(lines: Sequence[PageLine], number: int, rest: str, taken: Collection[int], *, beside: bool) -> int | None:
    """The line that goes on with a beginning of `rest`, right of or below line `number`; beside it the value may follow at once."""
    line = lines[number]
    for other, one in enumerate(lines):
        begins = rest.startswith(one.text.rstrip(COLONS)) or (beside and one.text.startswith(rest))
        if other in taken or not begins:
            continue
        if beside:
            fits = (
                abs(one.middle - line.middle) < 0.6 * line.height
                and -0.3 * line.height <= one.left - line.right < WIDEST_GAP * line.height
            )
        else:
            fits = 0 < one.middle - line.middle < 2.2 * line.height and abs(one.left - line.left) < 1.5 * line.height
        if fits:
            return other
    return None
