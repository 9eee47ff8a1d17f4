"""The shared algorithms keep what docs/benchmarks.md says of them, where no model has to be built first."""

from __future__ import annotations

from benchmarks.algorithms import addresses, names, personal, policy_facts
from benchmarks.algorithms.similar_cases import average_precision


def test_masking_finds_what_it_has_to_and_little_else() -> None:
    made = personal.sentences("test")
    assert len(made) >= 600
    by_kind, right, total, _ = personal.score(made, personal.ours)
    hits, count = (sum(pair[place] for pair in by_kind.values()) for place in (0, 1))
    assert hits / count >= 0.98
    assert right / total >= 0.97


def test_a_missed_datum_and_a_wrong_find_are_counted() -> None:
    sentence = personal.Sentence("我叫张伟，很好", (("name", 2, 4),))
    by_kind, right, total, faults = personal.score([sentence], lambda _: [(5, 7)])
    assert (by_kind, right, total, len(faults)) == ({"name": (0, 1)}, 0, 1, 2)


def test_test_sentences_are_none_of_devs() -> None:
    dev = {one.text for one in personal.sentences("dev")}
    assert not dev & {one.text for one in personal.sentences("test")}


def test_addresses_come_out_exact() -> None:
    made = addresses.cases("test")
    assert len(made) >= 300
    assert sum(not addresses.faults(*one) for one in made) / len(made) >= 0.93


def test_policy_facts_are_read() -> None:
    made = policy_facts.cases("test")
    assert len(made) >= 300
    fields = ("who", "what", "much", "until")
    right, found, wanted = (
        sum(one) for one in zip(*(policy_facts.compared(policy_facts.ours(t), w, fields) for t, w in made), strict=True)
    )
    assert 2 * right / (found + wanted) >= 0.90


def test_names_are_better_than_the_librarys() -> None:
    def f1(finder: object) -> float:
        rows = [names.marked(one) for one in names.read(names.Path(names.__file__).with_name("names.yaml"))["test"]]
        found = [finder(text) for text, _ in rows]  # type: ignore[operator]
        right = sum(len(one & wanted) for one, (_, wanted) in zip(found, rows, strict=True))
        return 2 * right / (sum(map(len, found)) + sum(len(wanted) for _, wanted in rows))

    assert f1(names.ours) > f1(names.library) + 0.05


def test_average_precision_falls_with_a_wrong_pair_in_front() -> None:
    import numpy as np

    right = np.array([True, False, True])
    assert average_precision(np.array([3.0, 1.0, 2.0]), right) == 1.0
    assert average_precision(np.array([2.0, 3.0, 1.0]), right) == (1 / 2 + 2 / 3) / 2
