"""Text rerank by an embedder: the cosine of query and document, mapped to 0..1.

The artifact is an embedder's (see `onnx_embedding`). In one `infer` each distinct text is embedded once: twenty documents
of one query cost twenty-one texts, not forty.

An embedder's cosines crowd together: with E5 as it comes, over Chinese legal questions, an unrelated text lies at 0.845 (5th to
95th percentile 0.82 to 0.88), a right answer at 0.93 (0.90 to 0.96), a pertinent article of law at 0.90. A reader would take 0.845
for "very relevant", so the score is `1 / (1 + exp(-steepness * (cosine - middle)))`: rising in the cosine, hence the same order;
about 0.1 for unrelated texts, 0.5 where it is open, 0.95 for a good answer. It is no probability, and comparable within
one query only. Where the middle lies depends on the weights: a version's options say so (`middle`, `steepness`; else those of
E5 as it comes). See docs/decisions/0002-four-bit-embedder.md.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.backends.onnx_embedding import EncoderModel, Tokens
from models.model import Prepared
from models.tasks import RerankInput, RerankOutput

MIDDLE = 0.88
STEEPNESS = 60.0


def score(cosine: float, middle: float = MIDDLE, steepness: float = STEEPNESS) -> float:
    """The score of a cosine: strictly rising, within 0..1, and 0.5 at `middle`."""
    return 1.0 / (1.0 + math.exp(-steepness * (cosine - middle)))


class EmbeddingRerank(EncoderModel[RerankInput, RerankOutput]):
    """Task text-rerank. A prepared input is the pair (query, document) of tokens."""

    max_batch_cost = 2048
    max_batch_items = 64
    # Padding between documents is settled inside `infer`, which sorts them into groups of like length.
    free_padding = max_batch_cost

    def warmup(self) -> None:
        """One query with documents of two lengths."""
        documents = ["凭身份证到窗口办理。", "申请人应当在有效期届满三十日前提出延续申请，并提交申请表。" * 3]
        self.infer(self.prepare([RerankInput("许可证到期了怎么办", document) for document in documents]))

    def prepare(self, inputs: Sequence[RerankInput]) -> list[Prepared]:
        """Tokenise each distinct text once; `size` is the document's length in tokens, the query is shared."""
        queries = list(dict.fromkeys(one.query for one in inputs))
        documents = list(dict.fromkeys(one.document for one in inputs))
        found = self.encoder.tokenise([(text, "query") for text in queries] + [(text, "passage") for text in documents])
        query_tokens = dict(zip(queries, found, strict=False))
        document_tokens = dict(zip(documents, found[len(queries) :], strict=True))
        return [
            Prepared((query_tokens[one.query], document), len(document.ids))
            for one in inputs
            for document in (document_tokens[one.document],)
        ]

    def infer(self, batch: Sequence[Prepared]) -> list[RerankOutput]:
        """See `Model.infer`."""
        pairs: list[tuple[Tokens, Tokens]] = [one.payload for one in batch]
        places: dict[bytes, int] = {}
        texts: list[NDArray[np.int64]] = []
        for ids in (tokens.ids for pair in pairs for tokens in pair):
            if places.setdefault(ids.tobytes(), len(texts)) == len(texts):
                texts.append(ids)
        vectors = self.encoder.embed(texts)
        middle = float(self.config.options.get("middle", MIDDLE))
        steepness = float(self.config.options.get("steepness", STEEPNESS))
        outputs = []
        for query, document in pairs:
            cosine = float(vectors[places[query.ids.tobytes()]] @ vectors[places[document.ids.tobytes()]])
            outputs.append(RerankOutput(score(cosine, middle, steepness), len(query.ids) + len(document.ids)))
        return outputs

    def describe(self) -> dict[str, Any]:
        """`max_tokens` of the query and of each document."""
        return {"max_tokens": self.encoder.facts.max_tokens}
