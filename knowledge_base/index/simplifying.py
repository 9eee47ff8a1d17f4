"""Traditional characters to simplified ones, character by character, so that 居住證 finds 居住证.

Only for searching and for rules; what is stored and shown stays as the person wrote it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

TABLE = Path(__file__).resolve().parent / "traditional.txt"


@cache
def _table() -> dict[int, str]:
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    pairs = [pair for line in lines if not line.startswith("#") for pair in line.split()]
    return {ord(pair[0]): pair[1] for pair in pairs}


def simplify(text: str) -> str:
    """`text` with every traditional character of the table replaced; the length stays."""
    return text.translate(_table())
