"""The shared inference service: one call of a model for whichever API asked.

It knows the host and the limits; the shapes of the APIs stand in `embeddings.py`, `rerank.py` and `open_inference.py`, HTTP in
the routers.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from types import MappingProxyType

from core.errors import Invalid
from core.settings import Settings
from models.handle import CallResult, Handle
from models.host import Host
from models.tasks import TASKS, Task
from services.inference import embeddings, rerank
from services.inference.catalogue import Catalogue, models_for
from services.inference.embeddings import EmbeddingRequest
from services.inference.limits import Limits
from services.inference.open_inference import InferRequest
from services.inference.rerank import RerankRequest


class InferenceService:
    """Calls models of the host.

    Args:
        host: the models.
        settings: `max_inputs`, `max_input_characters`, `max_image_pixels`.
        assistants: name and title of what answers at /v1/chat/completions, which is listed beside the models.
    """

    def __init__(self, host: Host, settings: Settings, assistants: Mapping[str, str] = MappingProxyType({})) -> None:
        self.host = host
        self.limits = Limits.of(settings)
        self.catalogue = Catalogue(host, since=int(time.time()), assistants=assistants)

    async def embed(self, request: EmbeddingRequest) -> CallResult:
        """Vectors for texts; outputs are `EmbeddingOutput`.

        Raises:
            NotFound: no such model or version.
            Invalid: the model does something else, or its vectors have another length (`dimensions_unsupported`).
            HubError: whatever `Handle.call` raises.
        """
        handle = self._handle(request.model, embeddings.TASK)
        if request.dimensions is not None:
            dimension = self.host.find(request.model).description.get("dimension")
            if dimension != request.dimensions:
                raise Invalid(
                    f"模型 {request.model} 的向量是 {dimension} 维，不能改为 {request.dimensions} 维；请去掉 dimensions。",
                    code="dimensions_unsupported",
                    param="dimensions",
                )
        return await handle.call(request.inputs)

    async def rerank(self, request: RerankRequest) -> CallResult:
        """Scores of documents for a query; outputs are `RerankOutput` in the order given. Raises as `embed` does."""
        return await self._handle(request.model, rerank.TASK).call(request.inputs)

    def task_of(self, reference: str) -> Task:
        """The task of the model behind a reference. Raises NotFound."""
        return TASKS[self.host.handle(reference).task]

    async def infer(self, reference: str, request: InferRequest) -> CallResult:
        """Any model by its task's tensors. Raises Invalid for tensors that make no sense together, else as `embed`."""
        handle = self.host.handle(reference)
        return await handle.call(TASKS[handle.task].from_tensors(request.tensors))

    def _handle(self, reference: str, task: str) -> Handle:
        handle = self.host.handle(reference)
        if handle.task != task:
            raise Invalid(
                f"模型 {reference} 的用途是“{TASKS[handle.task].title}”，不能在这里调用；"
                f"这里可用的有：{models_for(self.host, task)}。",
                code="model_task_mismatch",
                param="model",
            )
        return handle
