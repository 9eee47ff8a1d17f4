"""Characters beside a vector: the same text is the same row, whatever its signs; nothing to read is nothing."""

import numpy as np
import pytest

from models.wording import SIZE, WEIGHT, hashed, runs, worded


def test_runs_see_where_a_message_begins_and_ends():
    assert runs("办证") == {"办", "证", "\x02办", "办证", "证\x03", "\x02办证", "办证\x03"}


@pytest.mark.parametrize("other", ["办证!", " 办 证", "办证\n", "办\u200b证"])
def test_signs_and_blanks_do_not_count(other):
    assert (hashed(other) == hashed("办证")).all()


def test_letters_and_full_width_forms_are_one():
    assert (hashed("ＡＰＥＣ卡") == hashed("apec卡")).all()


@pytest.mark.parametrize("text", ["", "   ", "？！", "😀"])
def test_nothing_to_read_is_nothing(text):
    assert not hashed(text).any()


def test_it_has_one_length_however_long_the_text_is():
    for text in ("办", "失业金给我批下来没有", "很长的话" * 500):
        assert np.linalg.norm(hashed(text)) == pytest.approx(WEIGHT, rel=1e-4)


def test_near_meaning_put_otherwise_is_told_apart():
    asked, own = hashed("失业金多久批下来"), hashed("失业金给我批下来没有")
    assert float(asked @ own) < 0.6 * WEIGHT**2


def test_the_vector_stands_first_unchanged():
    vector = np.arange(8, dtype=np.float32)
    row = worded(vector, "办证")
    assert row.shape == (8 + SIZE,)
    assert row.dtype == np.float32
    assert (row[:8] == vector).all()
    assert (row[8:] == hashed("办证")).all()
