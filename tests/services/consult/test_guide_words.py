"""What the guides' own words tell."""

import pytest

from services.consult.guide_words import GuideWords


@pytest.fixture(scope="module")
def words(library):
    return GuideWords(library)


def test_a_pair_that_many_lines_hold_tells_less(words):
    assert words.weight("办理") < words.weight("旅馆") < words.weight("饕餮")


def test_what_a_guide_speaks_of_is_explained(library, words):
    hotel = library.items["hotel-trade-licence"]
    assert words.explained("客房清单", hotel) > 0.9
    assert words.explained("饕餮魍魉", hotel) == 0
    assert words.explained("旅馆饕餮", hotel) < words.explained("旅馆许可", hotel)


def test_nothing_is_explained_by_itself(library, words):
    assert words.explained("", library.items["hotel-trade-licence"]) == 1
