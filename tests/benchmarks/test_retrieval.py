"""The retrieval benchmark: figures counted by hand, sets that are refused, and one run over a small real set."""

from __future__ import annotations

import json
from dataclasses import replace
from math import log2
from pathlib import Path

import pytest

from benchmarks.retrieval import HALVES, figures, half_of, halved, main, ndcg, recall, reciprocal_rank
from training.beir import NotBeir, read_beir


@pytest.mark.parametrize(
    ("ranked", "relevant", "expected"),
    [
        (["a", "b"], {"a": 1}, 1.0),
        (["b", "a"], {"a": 1}, 1 / log2(3)),
        (["x", "a", "b"], {"a": 1, "b": 1}, (1 / log2(3) + 1 / 2) / (1 + 1 / log2(3))),
        (["b", "a"], {"a": 2, "b": 1}, (1 + 2 / log2(3)) / (2 + 1 / log2(3))),
        (["x"] * 10 + ["a"], {"a": 1}, 0.0),
        ([], {"a": 1}, 0.0),
    ],
)
def test_ndcg(ranked: list[str], relevant: dict[str, float], expected: float) -> None:
    assert ndcg(ranked, relevant) == pytest.approx(expected)


def test_ndcg_s_ideal_has_at_most_ten_documents() -> None:
    relevant = {str(number): 1.0 for number in range(20)}
    assert ndcg([str(number) for number in range(10)], relevant) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("ranked", "expected"), [(["a"], 1.0), (["x", "y", "b"], 1 / 3), (["x"] * 10 + ["a"], 0.0), ([], 0.0)]
)
def test_reciprocal_rank(ranked: list[str], expected: float) -> None:
    assert reciprocal_rank(ranked, {"a": 1, "b": 1}) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("ranked", "expected"), [(["a", "b"], 1.0), (["x", "b"], 0.5), (["x"] * 10 + ["a"], 0.0), ([], 0.0)]
)
def test_recall(ranked: list[str], expected: float) -> None:
    assert recall(ranked, {"a": 1, "b": 1}) == pytest.approx(expected)


def test_figures_are_means_and_a_missing_ranking_counts_nothing() -> None:
    result = figures({"1": ["a"], "2": ["x", "b"]}, {"1": {"a": 1}, "2": {"b": 1}, "3": {"c": 1}})
    assert result.ndcg10 == pytest.approx((1 + 1 / log2(3)) / 3)
    assert result.mrr10 == pytest.approx(1.5 / 3)
    assert result.recall10 == pytest.approx(2 / 3)


CORPUS = [
    {"_id": "d1", "title": "养犬", "text": "饲养犬只应当办理养犬登记，领取狗证。"},
    {"_id": "d2", "text": "离开户籍地居住半年以上的，可以申领居住证。"},
    {"_id": 3, "text": "年满六十五周岁的老年人可以申请津贴。"},
]
QUERIES = [
    {"_id": "q1", "text": "养狗要办什么"},
    {"id": "q2", "text": "居住证多久能申请"},
    {"_id": "q3", "text": "无标注"},
]
QRELS = "query-id\tcorpus-id\tscore\nq1\td1\t1\nq2\td2\t2\nq2\t3\t0\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "small"
    (folder / "qrels").mkdir(parents=True)
    for name, rows in (("corpus", CORPUS), ("queries", QUERIES)):
        lines = [json.dumps(row, ensure_ascii=False) for row in rows]
        (folder / f"{name}.jsonl").write_text("\n".join(lines) + "\n\n", encoding="utf-8")
    (folder / "qrels" / "test.tsv").write_text(QRELS, encoding="utf-8")
    return folder


def test_a_set_is_read(folder: Path) -> None:
    data = read_beir(folder)
    assert data.name == "small"
    assert [document.id for document in data.documents] == ["d1", "d2", "3"]
    assert data.documents[0].full_text.startswith("养犬 饲养")
    assert data.relevance == {"q1": {"d1": 1.0}, "q2": {"d2": 2.0}}
    assert data.unknown_documents == 0


def test_labels_beside_the_corpus_and_without_a_header_are_read(folder: Path) -> None:
    (folder / "qrels" / "test.tsv").unlink()
    (folder / "qrels.tsv").write_text("q1\td1\t1\nq2\tgone\t1\nother\td1\t1\n", encoding="utf-8")
    data = read_beir(folder)
    assert data.relevance == {"q1": {"d1": 1.0}, "q2": {"gone": 1.0}}
    assert data.unknown_documents == 1


@pytest.mark.parametrize(
    ("file", "text", "expected"),
    [
        ("corpus.jsonl", None, "缺少 corpus.jsonl"),
        ("queries.jsonl", None, "缺少 queries.jsonl"),
        ("qrels/test.tsv", None, "缺少相关性标注"),
        ("corpus.jsonl", "", "是空的"),
        ("corpus.jsonl", '{"_id": "a", "text": "x"}\n{oops\n', "第 2 行：不是 JSON"),
        ("corpus.jsonl", "[1]\n", "第 1 行：应为一个 JSON 对象"),
        ("corpus.jsonl", '{"text": "x"}\n', "缺少编号"),
        ("corpus.jsonl", '{"_id": "a"}\n', "text 应为文字"),
        ("corpus.jsonl", '{"_id": "a", "text": "x"}\n{"_id": "a", "text": "y"}\n', "重复"),
        ("queries.jsonl", '{"_id": "q1", "text": 5}\n', "text 应为文字"),
        ("qrels/test.tsv", "query-id\tcorpus-id\tscore\nq1 d1 1\n", "第 2 行"),
        ("qrels/test.tsv", "query-id\tcorpus-id\tscore\nnobody\td1\t1\n", "没有一条标注"),
    ],
)
def test_what_is_not_in_beir_form_is_refused(folder: Path, file: str, text: str | None, expected: str) -> None:
    path = folder / file
    if text is None:
        path.unlink()
    else:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(NotBeir, match=expected):
        read_beir(folder)


@pytest.mark.parametrize(
    # First byte of `printf %s TEXT | sha256sum`: 85, 98, 0b.
    ("text", "half"),
    [("谁可以成为个体工商户？", "test"), ("养狗要办什么", "dev"), ("居住证多久能申请", "test")],
)
def test_a_query_s_half_is_told_by_its_text(text: str, half: str) -> None:
    assert half_of(text) == half


def test_the_halves_are_a_set_s_queries_once_each_and_about_equal(folder: Path) -> None:
    questions = [{"_id": f"q{number}", "text": f"第{number}个问题"} for number in range(200)]
    (folder / "queries.jsonl").write_text(
        "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in questions), encoding="utf-8"
    )
    labels = "".join(f"q{number}\td1\t1\n" for number in range(150))  # the rest have none
    (folder / "qrels" / "test.tsv").write_text(labels, encoding="utf-8")
    data = read_beir(folder)
    dev, test = (halved(data, half) for half in HALVES)
    assert dev.relevance.keys().isdisjoint(test.relevance)
    assert dev.relevance.keys() | test.relevance.keys() == data.relevance.keys()
    assert 50 <= len(dev.relevance) <= 100
    assert dev.documents == test.documents == data.documents


def test_the_same_question_is_in_the_same_half_of_every_set(folder: Path) -> None:
    data = read_beir(folder)
    renamed = replace(
        data,
        queries={f"other-{query}": text for query, text in data.queries.items()},
        relevance={f"other-{query}": relevant for query, relevant in data.relevance.items()},
    )
    for half in {half_of(data.queries[query]) for query in data.relevance}:
        expected = {f"other-{query}" for query in halved(data, half).relevance}
        assert set(halved(renamed, half).relevance) == expected


def test_a_half_without_a_labelled_query_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "qrels" / "test.tsv").write_text("q1\td1\t1\n", encoding="utf-8")
    empty = next(half for half in HALVES if half != half_of("养狗要办什么"))
    with pytest.raises(NotBeir, match="不能分半"):
        halved(read_beir(folder), empty)
    assert main([str(folder), "--half", empty]) == 2
    assert capsys.readouterr().out == ""


def test_the_command_refuses_before_it_loads_a_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "none")]) == 2
    assert capsys.readouterr().out == ""


def test_a_small_set_is_scored_by_the_real_embedder(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from core.settings import Settings

    monkeypatch.setenv("KAOPU_ARTIFACTS_DIR", str(Settings().artifacts))
    monkeypatch.setenv("KAOPU_VAR_DIR", str(tmp_path / "var"))
    for _ in range(2):  # the second time with vectors from disk
        assert main([str(folder), "--json"]) == 0
        (result,) = json.loads(capsys.readouterr().out)
        assert list(result) == ["set", "words", "vectors", "fused"]
        assert result["set"] == "small"
        assert result["fused"] == {"ndcg10": 1.0, "mrr10": 1.0, "recall10": 1.0}
    assert list((tmp_path / "var" / "benchmarks" / "vectors").glob("*.npz"))
