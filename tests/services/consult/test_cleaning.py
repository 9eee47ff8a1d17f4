import pytest

from services.consult.cleaning import clean, has_words


@pytest.mark.parametrize(
    ("sent", "plain"),
    [
        ("  居住证 怎么办 ", "居住证 怎么办"),
        ("居\u200b住\u200d证\ufeff", "居住证"),
        ("\u202e居住证\u202c", "居住证"),
        ("\u2066居住证\u2069\u00ad", "居住证"),
        ("居住证\n\n\t怎么办\r\n", "居住证 怎么办"),
        ("１２３ＡＢＣ，？", "123ABC,?"),
        ("①⑵", "1(2)"),
        ("٣١٠١٠٧", "310107"),
        ("居\x00住\x07证", "居住证"),
        ("居\ud800住证", "居住证"),
        ("\U000e0041居住证", "居住证"),
        ("\u3164\u2800\ufe0f", ""),
        ("", ""),
    ],
)
def test_clean(sent, plain):
    assert clean(sent) == plain


@pytest.mark.parametrize("text", ["", "???", "😀👍", "。。。…", "- -"])
def test_signs_alone_ask_nothing(text):
    assert not has_words(clean(text))


@pytest.mark.parametrize("text", ["证", "a", "1", "😀居住证"])
def test_one_character_is_something(text):
    assert has_words(clean(text))
