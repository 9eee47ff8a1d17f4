"""Numbers that point at a person, as people write them: patterns, and what a long number is.

Comes in: text. Goes out: matches. What is made of a match is the caller's: the consult bot would rather mask too much before it
stores a message (services/consult/personal_data.py), the shared algorithm says what each find is and holds it to its check digit
(services/algorithms/personal_data). Pure.
"""

from __future__ import annotations

import re

from core.check_digits import bank_card_holds, identity_number_holds, is_birth_date

# People write long numbers in groups: 110105 19491231 002X, 6222-0200-...
GAP = r"[ \-—_.·]?"
FREE_BEFORE, FREE_AFTER = r"(?<![0-9A-Za-z])", r"(?![0-9A-Za-z])"

LONG_NUMBER = re.compile(rf"{FREE_BEFORE}(?:[0-9]{GAP}){{14,22}}[0-9Xx]{FREE_AFTER}")
MOBILE = re.compile(rf"(?<![0-9])(?:\+?86{GAP})?1[3-9][0-9](?:{GAP}[0-9]){{8}}(?![0-9])")
LANDLINE = re.compile(r"(?<![0-9])\(?0[0-9]{2,3}\)?[ \-]?[2-9][0-9]{6,7}(?![0-9])")
EMAIL = re.compile(r"[A-Za-z0-9._%+\-]+@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)+")
PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z][·. ]?[A-Z0-9]{5,6}(?![A-Z0-9])"
)


def is_identity_number(number: str) -> bool:
    """Whether 18 characters are an identity number, or one with a digit mistyped: that still points at a person."""
    return len(number) == 18 and (identity_number_holds(number) or is_birth_date(number[6:14]))


def is_bank_card(number: str) -> bool:
    """Whether 16 to 19 digits pass the check of bank cards."""
    return 16 <= len(number) <= 19 and number.isdigit() and bank_card_holds(number)
