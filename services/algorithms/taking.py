"""What an algorithm takes: texts with something in them and of a length that it can read in time.

Comes in: what a caller sent. Goes out: the same text, or the error that says in Chinese what is wrong with it.
"""

from __future__ import annotations

from core.errors import Invalid, TooLarge


def taken(text: str, most: int, param: str = "text") -> str:
    """`text` as it came.

    Args:
        text: what was sent.
        most: characters that are read at most.
        param: the field's name, for the error.

    Raises:
        Invalid: there is nothing but blanks in it (code `text_empty`).
        TooLarge: it is longer (code `text_too_long`).
    """
    if not text.strip():
        raise Invalid(f"{param} 是空的，请填写要处理的文字。", code="text_empty", param=param)
    if len(text) > most:
        raise TooLarge(
            f"{param} 最多 {most} 个字，现有 {len(text)} 个，请分开提交。", code="text_too_long", param=param
        )
    return text
