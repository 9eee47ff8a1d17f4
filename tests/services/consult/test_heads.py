"""The heads of the registry, over real vectors."""

import numpy as np
import pytest

from core.errors import Unavailable
from services.consult.heads import TrainedHeads

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize(
    ("text", "route"),
    [
        ("居住证要什么材料", "how_to"),
        ("我要投诉你们窗口的工作人员", "complaint"),
        ("给我转人工", "person"),
        ("你是谁呀", "who_are_you"),
        ("家里着火了快来人", "emergency"),
    ],
)
async def test_routes(search, heads, text, route):
    query = await search.embed(text)
    chances = await heads.route(query.vector, query.version, text)
    assert max(chances, key=chances.__getitem__) == route
    assert sum(chances.values()) == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize(
    ("text", "element"), [("要多少钱", "fee"), ("要多久才能办下来", "limits"), ("要带哪些材料", "materials")]
)
async def test_elements(search, heads, text, element):
    query = await search.embed(text)
    chances = await heads.element(query.vector, query.version, text)
    assert max(chances, key=chances.__getitem__) == element


async def test_vectors_of_another_embedder_are_not_judged(heads):
    assert await heads.route(np.zeros(384, dtype=np.float32), "e5-small-zh/1-q4", "居住证") == {}


async def test_a_head_that_cannot_answer_says_nothing():
    class Away:
        task = "vector-classification"

        async def call(self, inputs):
            raise Unavailable("没有装载。", code="model_not_loaded")

    assert (
        await TrainedHeads(Away(), Away()).element(np.zeros(384, dtype=np.float32), "e5-small-zh/1-q4", "居住证") == {}
    )
