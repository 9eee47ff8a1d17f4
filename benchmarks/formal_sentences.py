"""A retrieval set in BEIR form from the library's own content: formal sentences, taken apart, against all sections.

    python -m benchmarks.formal_sentences DIR

Documents are all sections as they are indexed. A query is a sentence of a condition, a policy or a legal basis without its
function words, its clauses in reverse order, so that no query is a copy of a whole sentence. Relevant is every section that
holds the sentence. The same content always gives the same set. It shows whether fusion stays beside words where words are
strongest; wording overlaps by construction, so its figures say nothing about citizens' questions.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Sequence
from pathlib import Path

from knowledge_base.index.search_documents import sections_of_library
from knowledge_base.index.words import runs
from knowledge_base.library import Library
from knowledge_base.terms import Element, EntryKind

CONTENT = Path(__file__).parent.parent / "knowledge_base" / "content"
LEAST = 10
"""A query keeps at least so many characters: shorter ones name no one section."""
EVERY = 4
"""Of the sentences found, each fourth is asked: enough to tell .005 apart, and minutes instead of a quarter of an hour."""
_FUNCTION = re.compile(r"的|了|和|与|及|或者|或|并|且|在|由|对|向|按照|按|应当|可以|其|之|所|以及|为|是|有|等")
_NUMBER = re.compile(r"^\d+\. ")
_SENTENCE = re.compile(r"[。；\n]")
_CLAUSE = re.compile(r"[，：、（）《》()]")


def paraphrased(sentence: str) -> str:
    """`sentence` without function words, clauses in reverse order."""
    clauses = [_FUNCTION.sub("", clause).strip() for clause in _CLAUSE.split(sentence)]
    return " ".join(clause for clause in reversed(clauses) if clause)


def formal_set(library: Library) -> tuple[list[dict[str, str]], list[dict[str, str]], list[tuple[str, str]]]:
    """Rows of corpus and queries, and the (query, document) pairs that are relevant."""
    sections = sections_of_library(library)
    corpus = [{"_id": document.id, "title": document.title, "text": document.text} for _, document in sections]
    holding: dict[str, list[str]] = {}
    asked: list[str] = []
    for section, document in sections:
        # An FAQ bears the element that it explains, but is citizens' talk.
        formal = section.kind is EntryKind.POLICY or (
            section.kind is EntryKind.ITEM and section.element in (Element.CONDITIONS, Element.LEGAL_BASIS)
        )
        for sentence in dict.fromkeys(_NUMBER.sub("", part.strip()) for part in _SENTENCE.split(document.text)):
            holding.setdefault(sentence, []).append(document.id)
            query = paraphrased(sentence)
            if formal and sum(map(len, runs(query))) >= LEAST and "".join(runs(query)) != "".join(runs(sentence)):
                asked.append(sentence)
    chosen = list(dict.fromkeys(asked))[::EVERY]
    queries = [{"_id": f"f{number}", "text": paraphrased(sentence)} for number, sentence in enumerate(chosen)]
    pairs = [(f"f{number}", place) for number, sentence in enumerate(chosen) for place in holding[sentence]]
    return corpus, queries, pairs


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.formal_sentences", description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, metavar="DIR", help="where the set is written")
    folder: Path = parser.parse_args(arguments).folder
    corpus, queries, pairs = formal_set(Library.load(CONTENT))
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in (("corpus", corpus), ("queries", queries)):
        lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows]
        (folder / f"{name}.jsonl").write_text("".join(lines), encoding="utf-8")
    labels = [f"{query}\t{document}\t1\n" for query, document in pairs]
    (folder / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\n" + "".join(labels), encoding="utf-8")
    print(f"{len(corpus)} sections, {len(queries)} queries, {len(pairs)} labels")


if __name__ == "__main__":
    main()
