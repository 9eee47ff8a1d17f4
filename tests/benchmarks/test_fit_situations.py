"""The threshold from which told answers are read."""

from benchmarks.consult.fit_situations import NEVER, RIGHT, least


def test_the_lowest_chance_from_which_enough_is_right():
    good = [(0.5 + number / 100, True) for number in range(40)]
    assert least(good) == 0.5
    assert least([*good, (0.49, False), (0.48, False), (0.47, False)]) == 0.48
    assert 40 / 42 >= RIGHT > 40 / 43


def test_none_if_the_plainest_are_wrong():
    assert least([(0.9, False), (0.8, True)]) == NEVER
