"""The set of formal sentences: what is asked, what counts as relevant, and that what is written can be read and scored."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.formal_sentences import EVERY, LEAST, formal_set, main, paraphrased
from knowledge_base.index.search_documents import sections_of_library
from knowledge_base.index.words import runs
from knowledge_base.library import Library
from knowledge_base.terms import Element, EntryKind
from training.beir import read_beir


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("经营者应当遵守卫生标准", "经营者遵守卫生标准"),
        ("年满十六周岁的公民，应当申请领取居民身份证", "申请领取居民身份证 年满十六周岁公民"),
        ("《食品安全法》（2021年修正）第三十五条", "第三十五条 2021年修正 食品安全法"),
        ("的，或者", ""),
    ],
)
def test_a_query_has_no_function_words_and_its_clauses_reversed(sentence: str, expected: str) -> None:
    assert paraphrased(sentence) == expected


def test_every_section_is_searched_and_every_fourth_sentence_asked(library: Library) -> None:
    corpus, queries, pairs = formal_set(library)
    assert [row["_id"] for row in corpus] == [document.id for _, document in sections_of_library(library)]
    assert len({row["_id"] for row in corpus}) == len(corpus)
    assert len(queries) > 400
    assert {query for query, _ in pairs} == {row["_id"] for row in queries}
    assert all(sum(map(len, runs(row["text"]))) >= LEAST for row in queries)
    assert formal_set(library) == (corpus, queries, pairs)
    assert EVERY == 4


def test_the_relevant_are_all_sections_with_the_sentence_and_one_of_them_is_formal(library: Library) -> None:
    _, queries, pairs = formal_set(library)
    documents = {document.id: (section, document.text) for section, document in sections_of_library(library)}
    formal = (Element.CONDITIONS, Element.LEGAL_BASIS)
    for row in queries:
        relevant = [documents[place] for query, place in pairs if query == row["_id"]]
        assert any(section.kind is EntryKind.POLICY or section.element in formal for section, _ in relevant)
        asked = set("".join(runs(row["text"])))
        for _, text in relevant:
            assert asked <= set("".join(runs(text)))


def test_a_sentence_that_several_sections_hold_has_several_relevant(library: Library) -> None:
    _, queries, pairs = formal_set(library)
    assert len(pairs) > len(queries)
    assert len(set(pairs)) == len(pairs)


def test_what_is_written_is_in_beir_form(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main([str(tmp_path / "formal")])
    data = read_beir(tmp_path / "formal")
    labels = sum(map(len, data.relevance.values()))
    assert capsys.readouterr().out == f"{len(data.documents)} sections, {len(data.queries)} queries, {labels} labels\n"
    assert data.relevance.keys() == data.queries.keys()
    assert data.unknown_documents == 0
