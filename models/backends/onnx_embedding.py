"""Text embedding by an ONNX encoder: tokenise with a role's prefix, run, hand out unit vectors.

The artifact's folder holds `model.onnx` (int64 `input_ids` and `attention_mask` (batch, length) -> float32 `embedding`
(batch, dimension), L2 norm 1), `tokenizer.json` (for the `tokenizers` library, special tokens by its template) and
`config.json` (`dimension`, `max_tokens`, `prefixes` by role). Nothing here knows which model it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError

from core.errors import ArtifactMissing, Invalid, ModelFailed, Unavailable
from models.model import Input, Model, ModelConfig, Output, Prepared
from models.tasks import EmbeddingInput, EmbeddingOutput, Role

CHARACTERS_PER_TOKEN = 16
"""No piece of the vocabulary is longer, so text beyond `max_tokens` times this can't be read and isn't tokenised."""
PADDING_SHARE = 0.15
FREE_PADDING = 8
"""Tokens that cost about as much as one more call of the session."""
BATCH_TOKENS = 1024
"""Throughput is flat from about 60 tokens on; more would only add memory and make others wait longer."""
PARALLEL_FROM = 16
"""From so many texts on, the tokeniser's own threads pay for themselves."""


class EncoderFacts(BaseModel):
    """What `config.json` says about an encoder."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    dimension: int
    max_tokens: int
    prefixes: dict[Role, str]


@dataclass(frozen=True, slots=True)
class Tokens:
    """A text as the encoder reads it. `ids`: int64 (length,), special tokens included."""

    ids: NDArray[np.int64]
    truncated: bool


def length_groups(lengths: Sequence[int], limit: int) -> list[list[int]]:
    """Split texts into groups that waste little on padding: indices into `lengths`, each group sorted, longest first.

    A group holds at most `limit` padded tokens (a single text may exceed it), and padding up to `PADDING_SHARE` of its
    real tokens or `FREE_PADDING`.
    """
    groups: list[list[int]] = []
    longest = real = 0
    for index in sorted(range(len(lengths)), key=lengths.__getitem__, reverse=True):
        length = lengths[index]
        if groups:
            padded = longest * (len(groups[-1]) + 1)
            padding = padded - real - length
            if padded <= limit and padding <= max(PADDING_SHARE * (real + length), FREE_PADDING):
                groups[-1].append(index)
                real += length
                continue
        groups.append([index])
        longest = real = length
    return groups


class TextEncoder:
    """Tokeniser and session of one encoder. `tokenise` is thread-safe; `embed` belongs to one thread.

    Args:
        folder: the artifact.
        threads: inference threads.
        batch_tokens: padded tokens in one call of the session.
        spinning: let inference threads wait busily for work. Quicker only where cores are idle; where they are shared
            with the event loop or another model, it more than doubles the time of a batch.
    """

    def __init__(self, folder: Path, threads: int, batch_tokens: int = BATCH_TOKENS, spinning: bool = False) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        self.batch_tokens = batch_tokens
        self.facts = _facts(folder)
        self._tokenizer = Tokenizer.from_str(_present(folder, "tokenizer.json").read_text("utf-8"))
        self._characters = self.facts.max_tokens * CHARACTERS_PER_TOKEN
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # The graph comes fused; further levels would put back a fused layer norm that is slower on processors.
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
        # Every batch has another shape: plans kept for each of them would only fill memory.
        options.enable_mem_pattern = False
        options.add_session_config_entry("session.intra_op.allow_spinning", "1" if spinning else "0")
        # By path: given as bytes, the file stays in memory a second time.
        self._session = onnxruntime.InferenceSession(
            str(_present(folder, "model.onnx")), options, providers=["CPUExecutionProvider"]
        )

    def tokenise(self, texts: Sequence[tuple[str, Role]]) -> list[Tokens]:
        """Token ids of texts with their roles, cut to what the encoder reads.

        Raises:
            Invalid: `text_not_unicode`.
        """
        prefixes = self.facts.prefixes
        whole = [prefixes[role] + text[: self._characters] for text, role in texts]
        try:
            if len(whole) < PARALLEL_FROM:
                found = [self._tokenizer.encode(text).ids for text in whole]
            else:
                found = [encoding.ids for encoding in self._tokenizer.encode_batch_fast(whole)]
        except TypeError:
            # Half of a surrogate pair, as JSON's \ud800 can bring it, is no text for the tokeniser.
            raise Invalid(
                "文本里有残缺的字符(不成对的 UTF-16 代理码)，请改正后重试。", code="text_not_unicode"
            ) from None
        longest = self.facts.max_tokens
        tokens = []
        for ids, (text, _) in zip(found, texts, strict=True):
            truncated = len(ids) > longest or len(text) > self._characters
            if len(ids) > longest:
                ids = ids[: longest - 1] + ids[-1:]
            tokens.append(Tokens(np.array(ids, dtype=np.int64), truncated))
        return tokens

    def embed(self, texts: Sequence[NDArray[np.int64]]) -> NDArray[np.float32]:
        """Unit vectors, float32 (texts, dimension), in the order of the texts.

        Raises:
            ModelFailed: a vector is not finite or not of norm 1.
        """
        vectors = np.empty((len(texts), self.facts.dimension), dtype=np.float32)
        for group in length_groups([len(ids) for ids in texts], self.batch_tokens):
            vectors[group] = self._run([texts[index] for index in group])
        norms = np.einsum("ij,ij->i", vectors, vectors)
        # A NaN compares false, so it is caught too.
        if not bool(np.all(np.abs(norms - 1) < 1e-3)):
            raise ModelFailed("句向量模型给出了无效的向量，请联系管理员。", code="model_output_invalid")
        return vectors

    def _run(self, texts: Sequence[NDArray[np.int64]]) -> NDArray[np.float32]:
        longest = len(texts[0])
        ids = np.zeros((len(texts), longest), dtype=np.int64)
        mask = np.zeros((len(texts), longest), dtype=np.int64)
        for row, text in enumerate(texts):
            ids[row, : len(text)] = text
            mask[row, : len(text)] = 1
        (vectors,) = self._session.run(["embedding"], {"input_ids": ids, "attention_mask": mask})
        found: NDArray[np.float32] = vectors
        return found


def _present(folder: Path, name: str) -> Path:
    path = folder / name
    if not path.is_file():
        raise ArtifactMissing(f"缺少模型文件 {folder.name}/{name}；请运行 kaopu models build。")
    return path


def _facts(folder: Path) -> EncoderFacts:
    try:
        return EncoderFacts.model_validate_json(_present(folder, "config.json").read_bytes())
    except ValidationError as error:
        fields = "、".join(".".join(map(str, problem["loc"])) or "全文" for problem in error.errors())
        raise Unavailable(
            f"{folder.name}/config.json 里这些字段不对：{fields}。", code="model_config_invalid"
        ) from None


class EncoderModel(Model[Input, Output]):
    """A backend that works with one text encoder. The version's options: `spinning` (see `TextEncoder`)."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__(config)
        self._encoder: TextEncoder | None = None

    @property
    def encoder(self) -> TextEncoder:
        """The loaded encoder; `load()` comes first."""
        assert self._encoder is not None, "load() comes first"
        return self._encoder

    def load(self) -> None:
        """See `Model.load`."""
        self._encoder = TextEncoder(
            self.config.folder, self.config.threads, spinning=bool(self.config.options.get("spinning", False))
        )

    def close(self) -> None:
        """See `Model.close`."""
        self._encoder = None


class OnnxEmbedding(EncoderModel[EmbeddingInput, EmbeddingOutput]):
    """Task text-embedding."""

    max_batch_cost = BATCH_TOKENS
    max_batch_items = 64
    free_padding = FREE_PADDING

    def warmup(self) -> None:
        """One lone query and one batch, so that both paths have their memory."""
        self.infer(self.prepare([EmbeddingInput("公共场所卫生许可证怎么办")]))
        self.infer(self.prepare([EmbeddingInput("公共场所卫生许可证怎么办，要什么材料。" * 4)] * 8))

    def prepare(self, inputs: Sequence[EmbeddingInput]) -> list[Prepared]:
        """Tokenise; `size` is the length in tokens."""
        found = self.encoder.tokenise([(one.text, one.role) for one in inputs])
        return [Prepared(tokens, len(tokens.ids)) for tokens in found]

    def infer(self, batch: Sequence[Prepared]) -> list[EmbeddingOutput]:
        """See `Model.infer`."""
        tokens: list[Tokens] = [one.payload for one in batch]
        vectors = self.encoder.embed([one.ids for one in tokens])
        return [
            EmbeddingOutput(vector, len(one.ids), one.truncated) for vector, one in zip(vectors, tokens, strict=True)
        ]

    def describe(self) -> dict[str, Any]:
        """`dimension` of the vectors and `max_tokens` of an input."""
        return {"dimension": self.encoder.facts.dimension, "max_tokens": self.encoder.facts.max_tokens}
