from __future__ import annotations

import stat
from pathlib import Path

import pytest

from core.errors import Invalid, Unavailable
from services.consult.desk.sealing import Contact, Sealing, phone_digits

CONTACT = Contact("13800138000", "王女士")


def test_only_the_key_opens_it(tmp_path: Path) -> None:
    file = tmp_path / "var" / "desk.key"
    sealed = Sealing(file).seal(CONTACT)
    assert b"138" not in sealed
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert Sealing(file).open(sealed) == CONTACT
    with pytest.raises(Unavailable) as caught:
        Sealing(tmp_path / "other.key").open(sealed)
    assert caught.value.code == "desk_key_unusable"
    other = Sealing(tmp_path / "other.key")
    other.seal(CONTACT)
    with pytest.raises(Unavailable):
        other.open(sealed)
    assert sorted(path.name for path in file.parent.iterdir()) == ["desk.key"]


def test_a_key_file_that_holds_something_else(tmp_path: Path) -> None:
    (tmp_path / "desk.key").write_text("kein Schlüssel", encoding="utf-8")
    with pytest.raises(Unavailable, match="内容不是密钥"):
        Sealing(tmp_path / "desk.key").seal(CONTACT)


@pytest.mark.parametrize(
    ("typed", "digits"),
    [
        ("13800138000", "13800138000"),
        (" +86 138-0013-8000 ", "13800138000"),
        ("１３８００１３８０００", "13800138000"),
        ("021-52345678", "02152345678"),
        ("(0511) 8523456", "05118523456"),
    ],
)
def test_a_number(typed: str, digits: str) -> None:
    assert phone_digits(typed) == digits


@pytest.mark.parametrize(
    "typed", ["", "12345", "23800138000", "1380013800", "138001380000", "abc", "021-12", "+1 5550100"]
)
def test_no_number(typed: str) -> None:
    with pytest.raises(Invalid) as caught:
        phone_digits(typed)
    assert caught.value.code == "phone_invalid"
    assert not typed or typed not in caught.value.message


def test_the_middle_is_hidden() -> None:
    assert CONTACT.phone_shown == "138****8000"
    assert Contact("05118523456", "").phone_shown == "051****3456"
