"""What a person types at the desk or into a live conversation, made fit to be stored and shown: masked, without hidden signs.

Unlike a question to the bot it keeps its lines and its full-width signs: it is read by people, not by rules. Pure functions.
"""

from __future__ import annotations

import re

from core.errors import Invalid, TooLarge
from services.consult.cleaning import clean
from services.consult.personal_data import mask

_CHINESE = r"[\u4e00-\u9fff】）」》”]"
_FULL_WIDTH = {",": "，", ";": "；", ":": "：", "?": "？", "!": "！"}
_HALF = re.compile(rf"(?<={_CHINESE})[,;:?!]")
_LONGEST_BLANK = re.compile(r"\n{3,}")


def masked_words(text: str) -> str:
    """`text` with every find of personal data replaced by its mark; "" if nothing visible is in it."""
    lines = [_masked_line(line) for line in text.splitlines()]
    found = sum(count for _, count in lines)
    whole = mask(clean(text))
    if sum(whole.found.values()) > found:
        # A number that goes on in the next line is found in the whole only.
        return full_width(whole.text)
    return _LONGEST_BLANK.sub("\n\n", "\n".join(line for line, _ in lines)).strip()


def message_words(text: str, *, longest: int, param: str = "text") -> str:
    """`masked_words` of something that has to be there.

    Raises:
        TooLarge: more than `longest` characters (`text_too_long`).
        Invalid: nothing to read in it (`text_empty`).
    """
    if len(text) > longest:
        raise TooLarge(f"内容太长，最多 {longest} 个字，请分几次发送。", code="text_too_long", param=param)
    words = masked_words(text)
    if not words:
        raise Invalid("没有读到文字，请写好再发送。", code="text_empty", param=param)
    return words


def _masked_line(line: str) -> tuple[str, int]:
    plain = clean(line)
    masked = mask(plain)
    if masked.found:
        return full_width(masked.text), sum(masked.found.values())
    return _visible(line), 0


def _visible(line: str) -> str:
    """The line as it was typed, without what prints nothing."""
    return "".join(sign for sign in line if sign.isspace() or clean(sign)).strip()


def full_width(text: str) -> str:
    """Rules read half-width signs; after Chinese characters they go back to what people write and read."""
    return _HALF.sub(lambda sign: _FULL_WIDTH[sign.group()], text)
