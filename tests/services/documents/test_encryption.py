"""Sealed files: what comes out is what went in, or an error; nothing in between."""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path

import pytest
from pydantic import SecretStr

from core.errors import HubError, Invalid, Unavailable
from services.documents.encryption import CHUNK, HEADER_BYTES, TAG_BYTES, Key, KeyUnknown, Tampered, seal, unseal
from services.documents.files import DocumentFiles
from services.documents.key_ring import KeyRing

KEY = Key(bytes(range(32)))
SIZES = (0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 7)


def sealed(content: bytes, name: str = "one", key: Key = KEY) -> bytes:
    out = BytesIO()
    seal(BytesIO(content), out, key, name)
    return out.getvalue()


def opened(content: bytes, name: str = "one", key: Key = KEY) -> bytes:
    return unseal(BytesIO(content), {key.id: key}.get, name)


@pytest.mark.parametrize("size", SIZES)
def test_what_was_sealed_comes_out_again(size: int) -> None:
    content = os.urandom(size)
    one, other = sealed(content), sealed(content)
    assert opened(one) == opened(other) == content
    assert one != other
    # A short content may stand in what was sealed by chance: one byte does in a quarter of all runs.
    assert content[:64] not in one or size < 64
    assert len(one) == HEADER_BYTES + size + TAG_BYTES * max(1, -(-size // CHUNK))


def test_every_changed_byte_is_noticed() -> None:
    whole = sealed(b"x" * 40)
    for place in range(len(whole)):
        changed = bytearray(whole)
        changed[place] ^= 1
        with pytest.raises((Tampered, KeyUnknown)):
            opened(bytes(changed))


@pytest.mark.parametrize("size", SIZES)
def test_a_file_cut_off_anywhere_is_noticed(size: int) -> None:
    whole = sealed(os.urandom(size))
    piece = CHUNK + TAG_BYTES
    for end in {0, 5, HEADER_BYTES, len(whole) - 1, HEADER_BYTES + piece, HEADER_BYTES + 2 * piece} - {len(whole)}:
        if end < len(whole):
            with pytest.raises(Tampered):
                opened(whole[:end])


def test_chunks_that_are_swapped_left_out_or_appended_are_noticed() -> None:
    whole = sealed(os.urandom(3 * CHUNK))
    header, piece = whole[:HEADER_BYTES], CHUNK + TAG_BYTES
    first, second, third = (whole[HEADER_BYTES + n * piece :][:piece] for n in range(3))
    assert opened(header + first + second + third)
    for pieces in ((second, first, third), (first, third), (first, second), (first, second, third, third)):
        with pytest.raises(Tampered):
            opened(header + b"".join(pieces))


def test_one_file_can_not_stand_in_for_another() -> None:
    with pytest.raises(Tampered):
        opened(sealed(b"x", "one"), "two")
    with pytest.raises(KeyUnknown):
        opened(sealed(b"x"), key=Key.make())


def test_a_key_is_never_shown() -> None:
    key = Key.make()
    assert Key.read(key.written()) == key
    assert key.written() not in repr(key)
    for text in ("", "nonsense", key.written()[:-8], "密钥"):
        with pytest.raises(ValueError, match=r"^(not base64|\d+ bytes)") as raised:
            Key.read(text)
        assert not text or text not in str(raised.value)


class TestKeyRing:
    def test_the_first_start_makes_a_file(self, tmp_path: Path) -> None:
        ring = KeyRing(SecretStr(""), tmp_path / "var" / "document.key")
        ring.prepare(make=True)
        file = tmp_path / "var" / "document.key"
        assert file.stat().st_mode & 0o777 == 0o600
        assert [path.name for path in file.parent.iterdir()] == ["document.key"]
        again = KeyRing(SecretStr(""), file)
        again.prepare(make=True)
        assert again.current == ring.current

    def test_none_is_made_where_something_was_sealed(self, tmp_path: Path) -> None:
        ring = KeyRing(SecretStr(""), tmp_path / "document.key")
        with pytest.raises(Unavailable, match="恢复") as raised:
            ring.prepare(make=False)
        assert raised.value.code == "document_key_unusable"
        (tmp_path / "document.key").write_text(KEY.written())
        assert ring.current == KEY

    def test_the_setting_wins_and_no_file_is_made(self, tmp_path: Path) -> None:
        old = Key.make()
        ring = KeyRing(SecretStr(f"{KEY.written()}, {old.written()}"), tmp_path / "document.key")
        ring.prepare(make=True)
        assert ring.current == KEY
        assert ring.find(old.id) == old
        assert list(tmp_path.iterdir()) == []

    def test_what_the_file_sealed_stays_readable_when_the_setting_comes(self, tmp_path: Path) -> None:
        file = tmp_path / "document.key"
        before = KeyRing(SecretStr(""), file)
        before.prepare(make=True)
        ring = KeyRing(SecretStr(KEY.written()), file)
        assert ring.current == KEY
        assert ring.find(before.current.id) == before.current
        assert ring.find(b"x" * 8) is None

    def test_what_is_no_key_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(Invalid) as raised:
            KeyRing(SecretStr("secret"), tmp_path / "document.key")
        assert raised.value.code == "document_key_invalid"
        assert "secret" not in raised.value.message
        for content in ("", "secret\n"):
            (tmp_path / "document.key").write_text(content)
            with pytest.raises(Unavailable):
                KeyRing(SecretStr(""), tmp_path / "document.key").prepare(make=True)


class TestFiles:
    @staticmethod
    def files(folder: Path, *keys: Key) -> DocumentFiles:
        one = DocumentFiles(folder, KeyRing(SecretStr(",".join(key.written() for key in keys)), folder / "none"))
        one.prepare()
        return one

    def test_an_old_plain_file_is_read_and_sealed(self, tmp_path: Path) -> None:
        files = self.files(tmp_path, KEY)
        received = files.receive(BytesIO(b"paper"))
        files.keep(received)
        path = files.path(received.document_id)
        assert b"paper" not in path.read_bytes()
        path.write_bytes(b"paper")
        assert files.read(received.document_id, received.sha256) == b"paper"
        assert files.reseal(received.document_id, received.sha256)
        assert b"paper" not in path.read_bytes()
        assert path.stat().st_mode & 0o777 == 0o600
        assert files.read(received.document_id, received.sha256) == b"paper"
        assert not files.reseal(received.document_id, received.sha256)
        assert [one.name for one in tmp_path.iterdir()] == [received.document_id]

    def test_a_plain_file_put_there_is_no_way_round_the_seal(self, tmp_path: Path) -> None:
        files = self.files(tmp_path, KEY)
        received = files.receive(BytesIO(b"paper"))
        files.keep(received)
        files.path(received.document_id).write_bytes(b"another")
        for work in (files.read, files.reseal):
            with pytest.raises(HubError) as raised:
                work(received.document_id, received.sha256)
            assert raised.value.code == "file_tampered"

    def test_keys_are_rotated(self, tmp_path: Path) -> None:
        new = Key.make()
        old = self.files(tmp_path, KEY)
        received = old.receive(BytesIO(b"paper"))
        old.keep(received)
        both = self.files(tmp_path, new, KEY)
        assert both.read(received.document_id, received.sha256) == b"paper"
        assert both.reseal(received.document_id, received.sha256)
        assert self.files(tmp_path, new).read(received.document_id, received.sha256) == b"paper"
        with pytest.raises(Unavailable) as raised:
            old.read(received.document_id, received.sha256)
        assert raised.value.code == "document_key_unusable"
