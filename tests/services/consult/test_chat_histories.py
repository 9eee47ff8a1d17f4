"""Conversations found again by the history that a client sends."""

from __future__ import annotations

from services.consult.chat_histories import ChatHistories

TURNS = [("user", "居住证"), ("assistant", "您想问什么？")]


def test_a_history_is_found_once():
    histories = ChatHistories()
    histories.put("key", TURNS, "one")
    assert histories.take("key", [("system", "别的"), ("user", "居住证 "), ("assistant", "您想问什么？")]) == "one"
    assert histories.take("key", TURNS) is None


def test_two_with_the_same_history_get_a_session_each():
    histories = ChatHistories()
    histories.put("key", TURNS, "one")
    histories.put("key", TURNS, "two")
    assert {histories.take("key", TURNS), histories.take("key", TURNS)} == {"one", "two"}


def test_another_caller_or_another_word_finds_nothing():
    histories = ChatHistories()
    histories.put("key", TURNS, "one")
    assert histories.take("other", TURNS) is None
    assert histories.take("key", [("user", "居住证您想问什么？"), ("assistant", "")]) is None
    assert histories.take("key", TURNS[:1]) is None


def test_only_the_latest_are_kept():
    histories = ChatHistories(most=2)
    for number in range(3):
        histories.put("key", [("user", str(number))], str(number))
    assert [histories.take("key", [("user", str(number))]) for number in range(3)] == [None, "1", "2"]
