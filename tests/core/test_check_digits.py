"""Numbers that prove themselves, against published examples and by their property: one slip is always seen."""

from __future__ import annotations

import random
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as some

from benchmarks.ocr.people import credit_code, food_licence_number, identity_number
from core.check_digits import (
    ALPHANUMERIC,
    CREDIT_ALPHABET,
    LICENCE_PREFIX,
    Repair,
    bank_card_holds,
    credit_code_holds,
    electronic_licence_holds,
    food_licence_holds,
    hybrid_check,
    identity_number_holds,
    is_birth_date,
    masked_identity_fits,
    organisation_code_holds,
    repaired,
)

CREDIT_CODES = [
    "91350100M000100Y43",
    "11320000MB151840XJ",
    "91310107MA1T000052",
    "91310107MA1T00013W",
    "91310107MA1T000720",
]


@pytest.mark.parametrize(
    "number", ["11010519491231002X", "440524188001010014", "34052419800101001X", "11010519491231002x"]
)
def test_identity_numbers_that_hold(number):
    assert identity_number_holds(number)


@pytest.mark.parametrize(
    "number",
    [
        "310107199001010000",
        "31010719850229001X",
        "310107194913010029",
        "31010720990101001X",
        "1101051949123100",
        "１１０１０５１９４９１２３１００２Ｘ",
        "ABC",
        "",
    ],
)
def test_identity_numbers_that_do_not(number):
    assert not identity_number_holds(number)


def test_a_birth_date_must_have_come():
    assert is_birth_date("20240229", date(2024, 2, 29))
    assert not is_birth_date("20240229", date(2024, 2, 28))
    assert not is_birth_date("2024022", date(2024, 2, 29))


@pytest.mark.parametrize(
    ("masked", "number", "fits"),
    [
        ("310107****0101100X", "31010719900101100X", True),
        ("3101071990****100X", "31010719900101100X", True),
        ("3101071990****100x", "31010719900101100X", True),
        ("3101071991****100X", "31010719900101100X", False),
        ("3101071990****10", "31010719900101100X", False),
        ("******************", "31010719900101100X", False),
    ],
)
def test_masked_identity_numbers(masked, number, fits):
    assert masked_identity_fits(masked, number) is fits


@pytest.mark.parametrize("code", CREDIT_CODES)
def test_credit_codes_that_hold(code):
    assert credit_code_holds(code)
    assert credit_code_holds(code.lower())
    assert organisation_code_holds(code[8:17])
    assert organisation_code_holds(f"{code[8:16]}-{code[16]}")


@pytest.mark.parametrize("code", ["91350100M000100Y4Z", "91350100M000100Y4", "9135010OM000100Y43", ""])
def test_credit_codes_that_do_not(code):
    assert not credit_code_holds(code)


def test_the_inner_check_of_a_credit_code_counts():
    body = "91310107MA1T00006"
    total = sum(CREDIT_ALPHABET.index(one) * pow(3, place, 31) for place, one in enumerate(body))
    assert not organisation_code_holds(body[8:])
    assert not credit_code_holds(body + CREDIT_ALPHABET[(31 - total % 31) % 31])


def test_hybrid_systems_against_the_standards_examples():
    """ISO 7064: 0794 has the check 5 in MOD 11,10; the GRid A1-2425G-ABC1234002 has M in MOD 37,36."""
    assert hybrid_check("0794", 10) == 5
    assert ALPHANUMERIC[hybrid_check("A12425GABC1234002", 36)] == "M"


def test_electronic_licences():
    parts = ("11100000MB0304040B010", CREDIT_CODES[0], "31010720240001", "001")
    check = ALPHANUMERIC[hybrid_check("".join(parts), 36)]
    identifier = LICENCE_PREFIX + ".".join((*parts, check))
    assert electronic_licence_holds(identifier)
    assert not electronic_licence_holds(identifier.replace("31010720240001", "31010720240002"))
    assert not electronic_licence_holds(identifier.removeprefix(LICENCE_PREFIX))
    assert not electronic_licence_holds(identifier + "0")


@pytest.mark.parametrize(("number", "holds"), [("4111111111111111", True), ("4111111111111112", False), ("", False)])
def test_bank_cards(number, holds):
    assert bank_card_holds(number) is holds


@given(some.integers(0, 10**6), some.integers(0, 17), some.integers(1, 30))
def test_one_wrong_character_never_holds(seed, place, step):
    dice = random.Random(seed)
    for number, alphabet, holds, first, last in (
        (identity_number(dice), "0123456789", identity_number_holds, 0, 16),
        (credit_code(dice), CREDIT_ALPHABET, credit_code_holds, 0, 17),
        (food_licence_number(dice), "0123456789", food_licence_holds, 2, 15),
    ):
        assert holds(number)
        at = min(max(place, first), last)
        wrong = alphabet[(alphabet.index(number[at]) + step % (len(alphabet) - 1) + 1) % len(alphabet)]
        if wrong != number[at]:
            assert not holds(number[:at] + wrong + number[at + 1 :])


@given(some.integers(0, 10**6), some.integers(0, 16))
def test_a_letter_read_for_a_digit_is_put_right(seed, place):
    number = identity_number(random.Random(seed))
    letter = {"0": "O", "1": "I", "2": "Z", "5": "S", "8": "B", "6": "G"}.get(number[place])
    if letter is not None:
        read = number[:place] + letter + number[place + 1 :]
        assert repaired(read, identity_number_holds) == Repair(number, place, letter)


def test_what_holds_or_is_doubtful_is_left():
    assert repaired(CREDIT_CODES[0], credit_code_holds) is None
    assert repaired("", credit_code_holds) is None
    # Two letters where digits must be: one change can't be enough.
    assert repaired("IIO10519491231002X", identity_number_holds) is None
    # Two changes that would each do: which it was can't be told.
    assert repaired("18", lambda number: number in ("10", "78"), {"1": "7", "8": "0"}) is None
