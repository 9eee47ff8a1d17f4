"""The tokeniser's file: what is kept of the vocabulary, and the normalisation table in SentencePiece's form."""

import numpy as np
import pytest
from tokenizers import Tokenizer
from tokenizers.normalizers import Precompiled

from models.build.e5_tokenizer import METASPACE, charsmap, kept_pieces, tokenizer_json
from models.build.e5_weights import Pieces

SPECIAL = ["<s>", "<pad>", "</s>", "<unk>"]


def pieces(texts: list[str], normalisation: dict[str, str] | None = None) -> Pieces:
    scores = np.array([0.0] * 4 + [-float(rank) for rank in range(1, len(texts) + 1)], dtype=np.float32)
    return Pieces([*SPECIAL, *texts], scores, bos=0, eos=2, pad=1, unk=3, normalisation=normalisation or {})


def test_charsmap_is_read_back_as_the_table() -> None:
    table = {
        "\uff21": "A",
        "\uff11": "1",
        "\u3000": " ",
        "㎡": "m2",
        "①": "1",
        "\u200b": "",
        "㈱": "(株)",
        "𠮷": "吉",
        "\t": " ",
    }
    normaliser = Precompiled(charsmap(table))
    for character, replacement in table.items():
        assert normaliser.normalize_str(f"办{character}理") == f"办{replacement}理"
    assert normaliser.normalize_str("办理ABC 公证💡") == "办理ABC 公证💡"


def test_charsmap_copes_with_many_entries() -> None:
    table = {chr(code): chr(code + 1) for code in range(0x4E00, 0x6E00, 3)}
    normaliser = Precompiled(charsmap(table))
    assert [normaliser.normalize_str(key) for key in table] == list(table.values())
    assert normaliser.normalize_str(chr(0x4E01)) == chr(0x4E01)


@pytest.mark.parametrize(
    ("piece", "kept"),
    [
        ("许可证", True),
        (METASPACE + "办理", True),
        ("〇", True),
        ("-52", True),
        ("11643", True),
        (METASPACE + "(", True),
        ("😀", True),
        ("GB", True),
        ("App", True),
        ("x", True),
        ("é", True),
        ("か", True),
        (METASPACE, True),
        ("<mask>", True),
        ("ありがとう", False),
        ("Привет", False),
        ("مرحبا", False),
        ("größe", False),
    ],
)
def test_keeps_what_chinese_government_text_needs(piece: str, kept: bool) -> None:
    found = kept_pieces(pieces([piece]))
    assert found.tolist() == ([0, 1, 2, 3, 4] if kept else [0, 1, 2, 3])


def test_rare_words_go_frequent_ones_and_the_prefixes_stay() -> None:
    filler = ["许"] * 60_000
    found = kept_pieces(pieces([METASPACE + "document", *filler, METASPACE + "dokumentua", METASPACE + "passage"]))
    assert 4 in found
    assert 60_005 not in found
    assert 60_006 in found


def test_file_is_one_that_the_tokenizers_library_reads() -> None:
    some = pieces([METASPACE + "A", METASPACE, "办", "理", "办理", "ありがとう"], {"\uff21": "A", "\u3000": " "})
    kept = kept_pieces(some)
    content = tokenizer_json(some, kept)
    assert content == tokenizer_json(some, kept)
    tokenizer = Tokenizer.from_str(content.decode())
    assert tokenizer.encode("\uff21 \u3000办理").tokens == ["<s>", METASPACE + "A", METASPACE, "办理", "</s>"]
    assert tokenizer.encode("ありがとう").tokens == ["<s>", METASPACE, "ありがとう", "</s>"]
    assert tokenizer.encode("ありがとう").ids[2] == some.unk
    assert tokenizer.token_to_id("办理") == kept.tolist().index(some.texts.index("办理"))
