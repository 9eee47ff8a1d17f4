"""Retrieval sets in BEIR form: read and checked.

A folder holds corpus.jsonl (`_id` or `id`, `title` optional, `text`), queries.jsonl (`_id` or `id`, `text`) and the
relevance labels in qrels.tsv or qrels/test.tsv (query id, document id, score; with or without a header line).
See Thakur et al., "BEIR: A Heterogeneous Benchmark for Zero-shot Evaluation of Information Retrieval Models", 2021.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from knowledge_base.index.hybrid import Document

QRELS = ("qrels.tsv", "qrels/test.tsv")


class NotBeir(ValueError):
    """The folder is not in BEIR form; the message says which file and line, and what was expected."""


@dataclass(frozen=True, slots=True)
class BeirSet:
    """`relevance`: for each query that has a relevant document, document id -> score above 0. `unknown_documents`:
    labels that name a document outside the corpus; they count as relevant and can't be found."""

    name: str
    documents: tuple[Document, ...]
    queries: dict[str, str]
    relevance: dict[str, dict[str, float]]
    unknown_documents: int


def read_beir(folder: Path) -> BeirSet:
    """Read one set. Raises NotBeir."""
    if not folder.is_dir():
        raise NotBeir(f"{folder}：没有这个目录。应为 BEIR 形式的目录，内有 corpus.jsonl、queries.jsonl 和 qrels.tsv。")
    documents: dict[str, Document] = {}
    for where, row in _rows(folder / "corpus.jsonl"):
        document = Document(_identifier(row, where), _string(row, "title", where, ""), _string(row, "text", where))
        if document.id in documents:
            raise NotBeir(f"{where}：文档编号 {document.id} 重复。")
        documents[document.id] = document
    queries: dict[str, str] = {}
    for where, row in _rows(folder / "queries.jsonl"):
        identifier = _identifier(row, where)
        if identifier in queries:
            raise NotBeir(f"{where}：问题编号 {identifier} 重复。")
        queries[identifier] = _string(row, "text", where)
    relevance, unknown = _relevance(folder, documents, queries)
    return BeirSet(folder.resolve().name, tuple(documents.values()), queries, relevance, unknown)


def _rows(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    if not path.is_file():
        raise NotBeir(
            f"{path.parent}：缺少 {path.name}。BEIR 形式的目录应有 corpus.jsonl、queries.jsonl 和 qrels.tsv。"
        )
    found = False
    with path.open(encoding="utf-8-sig") as file:
        try:
            for number, line in enumerate(file, 1):
                if not line.strip():
                    continue
                where = f"{path} 第 {number} 行"
                try:
                    row = json.loads(line)
                except json.JSONDecodeError:
                    raise NotBeir(f"{where}：不是 JSON。每行应为一个 JSON 对象。") from None
                if not isinstance(row, dict):
                    raise NotBeir(f"{where}：应为一个 JSON 对象。")
                found = True
                yield where, row
        except UnicodeDecodeError:
            raise NotBeir(f"{path}：不是 UTF-8 文本。") from None
    if not found:
        raise NotBeir(f"{path}：是空的。")


def _identifier(row: dict[str, Any], where: str) -> str:
    value = row.get("_id", row.get("id"))
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        raise NotBeir(f"{where}：缺少编号，应有 _id 或 id（文字或整数）。")
    return str(value)


def _string(row: dict[str, Any], field: str, where: str, default: str | None = None) -> str:
    value = row.get(field)
    if value is None:
        value = default
    if not isinstance(value, str):
        raise NotBeir(f"{where}：{field} 应为文字。")
    return value


def _relevance(
    folder: Path, documents: dict[str, Document], queries: dict[str, str]
) -> tuple[dict[str, dict[str, float]], int]:
    path = next((folder / name for name in QRELS if (folder / name).is_file()), None)
    if path is None:
        raise NotBeir(f"{folder}：缺少相关性标注，应有 {' 或 '.join(QRELS)}。")
    relevance: dict[str, dict[str, float]] = {}
    unknown = 0
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), 1):
        if not line.strip():
            continue
        parts = line.split("\t")
        try:
            query, document, score = parts[0], parts[1], float(parts[2])
        except (IndexError, ValueError):
            if number == 1:
                continue  # the header
            raise NotBeir(f"{path} 第 {number} 行：应为三列（问题编号、文档编号、分数），以制表符分隔。") from None
        if query not in queries or score <= 0:
            continue
        unknown += document not in documents
        relevance.setdefault(query, {})[document] = score
    if not relevance:
        raise NotBeir(f"{path}：没有一条标注属于 queries.jsonl 里的问题。")
    return relevance, unknown
