"""Write the tokenizer of multilingual-e5-small, pruned to what Chinese government text needs, as `tokenizer.json`.

The file is written here rather than by the `tokenizers` library, so that its bytes depend on the weights alone and its
sum in registry.yaml holds whatever versions are installed. It describes: the normalisation table; runs of spaces become
one; Metaspace; the Unigram pieces; `<s> text </s>`.

Pieces of scripts that the hub's users don't write are left out: two thirds of the word table is theirs. Digit and
punctuation pieces all stay, or telephone numbers and standard codes fall into other pieces than the model was trained
on. A dropped word is still read: by its letters if it is Latin, as `<unk>` otherwise.
"""

from __future__ import annotations

import base64
import json
import re
import struct
import unicodedata
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.build.e5_weights import Pieces

METASPACE = "\u2581"
ASCII_RANK = 34_000
"""Pieces come in order of frequency over a hundred languages; ASCII words beyond this one are seldom seen in Chinese."""
ROLE_PIECES = frozenset({METASPACE + "passage", METASPACE + "que", "ry"})
"""The words of the prefixes `passage: ` and `query: `: the model was trained with just these pieces."""
CODE = re.compile(METASPACE + "?[A-Z]{1,4}|[A-Z][A-Za-z]{1,3}")
"""Short codes and capitalised words (GB, JY, App) stay whatever their frequency: Chinese text is full of them."""
CHINESE = re.compile("[\u3005\u3006\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
SINGLE_SCRIPTS = ("LATIN ", "GREEK ", "HIRAGANA ", "KATAKANA ")
"""Of these, single characters stay: names, units and formulas use them."""


def kept_pieces(pieces: Pieces) -> NDArray[np.int64]:
    """Ids of the pieces to keep, rising; the special ones keep their ids 0 to 3."""
    special = {pieces.bos, pieces.pad, pieces.eos, pieces.unk}
    assert special == {0, 1, 2, 3}
    kept = [i for i, text in enumerate(pieces.texts) if i in special or _is_kept(text, i)]
    return np.array(kept, dtype=np.int64)


def _is_kept(piece: str, rank: int) -> bool:
    if piece == "<mask>" or piece in ROLE_PIECES or CODE.fullmatch(piece):
        return True
    text = piece.replace(METASPACE, "")
    if len(text) == 1 and unicodedata.name(text, "").startswith(SINGLE_SCRIPTS):
        return True
    if text.isascii() and text.isalpha():
        return len(text) == 1 or rank < ASCII_RANK
    return all(CHINESE.match(character) or unicodedata.category(character)[0] in "NPSZ" for character in text)


def charsmap(table: Mapping[str, str]) -> bytes:
    """The table in SentencePiece's precompiled form: u32 size, a double-array trie, NUL-terminated replacements.

    The trie is that of Darts-clone: the unit of a node holds its label (8 bits), whether a value hangs below (bit 8)
    and the XOR offset to its children (from bit 10); a value's unit has bit 31 set. Keys are UTF-8 bytes.
    """
    replacements = bytearray()
    places: dict[str, int] = {}
    root: dict[int, Any] = {}
    for character, replacement in sorted(table.items()):
        if replacement not in places:
            places[replacement] = len(replacements)
            replacements += replacement.encode() + b"\0"
        node = root
        for byte in character.encode():
            node = node.setdefault(byte, {})
        node[0] = places[replacement]
    units = _double_array(root)
    trie = struct.pack(f"<{len(units)}I", *units)
    return struct.pack("<I", len(trie)) + trie + bytes(replacements)


def _double_array(root: dict[int, Any]) -> list[int]:
    units: dict[int, int] = {0: 0}
    lowest = 1
    waiting: list[tuple[int, dict[int, Any]]] = [(0, root)]
    while waiting:
        place, node = waiting.pop()
        while lowest in units:
            lowest += 1
        # Bases are tried upwards from the first free unit, so that the same table always gives the same trie.
        base = lowest
        while not base or any(base ^ label in units for label in node):
            base += 1
        units[place] |= (base ^ place) << 10 | (0x100 if 0 in node else 0)
        for label, child in sorted(node.items(), key=lambda item: item[0]):
            if label == 0:
                units[base] = 0x8000_0000 | child
            else:
                units[base ^ label] = label
                waiting.append((base ^ label, child))
    # Lookups XOR a byte into a base without looking at the length: leave room for every byte.
    return [units.get(place, 0) for place in range((max(units) | 0xFF) + 1)]


def tokenizer_json(pieces: Pieces, kept: NDArray[np.int64]) -> bytes:
    """`tokenizer.json` over the kept pieces; a piece's id is its place in `kept`."""
    vocabulary = [[pieces.texts[i], float(pieces.scores[i])] for i in kept.tolist()]
    special = {name: vocabulary[i][0] for name, i in (("bos", pieces.bos), ("eos", pieces.eos))}
    added = [i for i, (text, _) in enumerate(vocabulary) if i < 4 or text == "<mask>"]
    metaspace = {"type": "Metaspace", "replacement": METASPACE, "prepend_scheme": "always", "split": False}
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    document = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [{"id": i, "content": vocabulary[i][0], **flags} for i in added],
        "normalizer": {
            "type": "Sequence",
            "normalizers": [
                {
                    "type": "Precompiled",
                    "precompiled_charsmap": base64.b64encode(charsmap(pieces.normalisation)).decode(),
                },
                {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "},
            ],
        },
        "pre_tokenizer": metaspace,
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [
                {"SpecialToken": {"id": special["bos"], "type_id": 0}},
                {"Sequence": {"id": "A", "type_id": 0}},
                {"SpecialToken": {"id": special["eos"], "type_id": 0}},
            ],
            "pair": [
                {"SpecialToken": {"id": special["bos"], "type_id": 0}},
                {"Sequence": {"id": "A", "type_id": 0}},
                {"SpecialToken": {"id": special["eos"], "type_id": 0}},
                {"SpecialToken": {"id": special["eos"], "type_id": 0}},
                {"Sequence": {"id": "B", "type_id": 0}},
                {"SpecialToken": {"id": special["eos"], "type_id": 0}},
            ],
            "special_tokens": {
                special["bos"]: {"id": special["bos"], "ids": [pieces.bos], "tokens": [special["bos"]]},
                special["eos"]: {"id": special["eos"], "ids": [pieces.eos], "tokens": [special["eos"]]},
            },
        },
        "decoder": metaspace,
        "model": {"type": "Unigram", "unk_id": pieces.unk, "vocab": vocabulary, "byte_fallback": False},
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
