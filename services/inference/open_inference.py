"""Open Inference Protocol v2: the request of `infer` read into tensors, the response written, as JSON and as binary tensors.

https://github.com/kserve/open-inference-protocol and Triton's binary tensor data extension. The JSON stands first; if the
header `Inference-Header-Content-Length` names its length, raw tensors follow it in the order of `inputs` (of `outputs` in the
response), each as long as its `binary_data_size` says. Which tensors a model takes and gives is the task's matter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from numpy.typing import NDArray

from core.errors import BadRequest, Invalid, TooLarge, shown
from models.handle import CallResult
from models.tasks import Task, TensorSpec
from services.inference import tensors as wire
from services.inference.limits import Limits
from services.inference.request_body import parse_object

HEADER_LENGTH = "Inference-Header-Content-Length"


@dataclass(frozen=True, slots=True)
class WantedOutput:
    """One output that goes back, and whether as raw bytes."""

    spec: TensorSpec
    binary: bool


@dataclass(frozen=True, slots=True)
class InferRequest:
    """One call. `tensors`: checked against the task. `outputs`: in the order they are to be given."""

    id: str | None
    tensors: dict[str, NDArray[Any]]
    outputs: list[WantedOutput]


def split(body: bytes, header: str | None) -> tuple[dict[str, Any], memoryview]:
    """The request's object and the raw bytes after it. Raises BadRequest (`binary_header_invalid`, `json_*`)."""
    if header is None:
        return parse_object(body), memoryview(b"")
    if not (header.isascii() and header.isdecimal() and len(header) < 16 and 0 < int(header) <= len(body)):
        raise BadRequest(
            f"{HEADER_LENGTH} 是 {shown(header)}，应为请求体开头 JSON 的字节数(1 到 {len(body)})。",
            code="binary_header_invalid",
        )
    view = memoryview(body)
    length = int(header)
    return parse_object(view[:length]), view[length:]


def parse(task: Task, document: Mapping[str, Any], raw: memoryview, limits: Limits) -> InferRequest:
    """Check and read the request for a model of `task`. Raises Invalid, BadRequest or TooLarge naming the tensor."""
    given_id = document.get("id")
    if given_id is not None and not isinstance(given_id, str):
        raise Invalid("id 应为字符串。", code="field_invalid", param="id")
    return InferRequest(
        id=given_id,
        tensors=_inputs(task, document, raw, limits),
        outputs=_outputs(task, document),
    )


def _parameters(owner: Mapping[str, Any], where: str) -> Mapping[str, Any]:
    parameters = owner.get("parameters")
    if parameters is None:
        return {}
    if not isinstance(parameters, dict):
        raise Invalid(f"{where} 的 parameters 应为对象。", code="field_invalid", param="parameters")
    return parameters


def _named(document: Mapping[str, Any], field: str, specs: Sequence[TensorSpec]) -> list[tuple[TensorSpec, Any]]:
    """The objects of a list of tensors with the spec of each, every name known and named once."""
    given = document.get(field)
    if not isinstance(given, list):
        raise Invalid(f"{field} 应为数组，每项是一个张量。", code="field_invalid", param=field)
    known = {spec.name: spec for spec in specs}
    found: dict[str, tuple[TensorSpec, Any]] = {}
    for one in given:
        name = one.get("name") if isinstance(one, dict) else None
        if not isinstance(name, str) or name not in known:
            raise Invalid(
                f"{field} 里没有名为 {shown(name)} 的张量；可用的有：{'、'.join(known)}。",
                code="tensor_unknown",
                param=field,
            )
        if name in found:
            raise Invalid(f"{field} 里张量 {name} 出现了两次。", code="tensor_duplicate", param=name)
        found[name] = known[name], one
    return list(found.values())


def _inputs(task: Task, document: Mapping[str, Any], raw: memoryview, limits: Limits) -> dict[str, NDArray[Any]]:
    found: dict[str, NDArray[Any]] = {}
    offset = 0
    for spec, given in _named(document, "inputs", task.inputs):
        wire.check_datatype(spec, given.get("datatype"))
        shape = wire.check_shape(spec, given.get("shape"))
        _check_room(spec, shape, limits)
        parameters = _parameters(given, f"张量 {spec.name}")
        if any(name.startswith("shared_memory") for name in parameters):
            raise Invalid("不支持共享内存传递张量。", code="shared_memory_unsupported", param=spec.name)
        size = parameters.get("binary_data_size")
        if size is None:
            found[spec.name] = wire.from_json(spec, shape, given.get("data"))
        else:
            if type(size) is not int or size < 0 or "data" in given:
                raise Invalid(
                    f"张量 {spec.name} 的 binary_data_size 应为非负整数，且不能同时给 data。",
                    code="binary_size_invalid",
                    param=spec.name,
                )
            if offset + size > len(raw):
                raise BadRequest(
                    f"张量 {spec.name} 需要 {shown(size)} 字节，请求体里只剩 {len(raw) - offset} 字节；"
                    f"数据被截断，或缺少请求头 {HEADER_LENGTH}。",
                    code="binary_truncated",
                    param=spec.name,
                )
            found[spec.name] = wire.from_binary(spec, shape, raw[offset : offset + size])
            offset += size
        if spec.datatype == "BYTES":
            _check_strings(spec, found[spec.name], limits)
    if offset != len(raw):
        raise BadRequest(
            f"读完所有张量后请求体还剩 {len(raw) - offset} 字节；请核对 binary_data_size。", code="binary_left_over"
        )
    for spec in task.inputs:
        if spec.name not in found and not spec.optional:
            raise Invalid(
                f"缺少张量 {spec.name}({spec.datatype})；见模型的元数据。", code="tensor_missing", param=spec.name
            )
    return found


def _check_room(spec: TensorSpec, shape: tuple[int, ...], limits: Limits) -> None:
    """Refuse before reading: an empty tensor, too many texts, too large an image."""
    if 0 in shape:
        raise Invalid(f"张量 {spec.name} 是空的。", code="input_empty", param=spec.name)
    if spec.datatype == "BYTES":
        limits.check_count(shape[0], spec.name)
    elif len(shape) == 3 and shape[0] * shape[1] > limits.pixels:
        raise TooLarge(
            f"图像有 {shown(shape[0] * shape[1])} 像素，最多 {limits.pixels}；请缩小后再传。",
            code="image_too_large",
            param=spec.name,
        )


def _check_strings(spec: TensorSpec, array: NDArray[Any], limits: Limits) -> None:
    for value in array.reshape(-1):
        # Bytes that are no UTF-8 are refused by the task, which names the tensor.
        limits.check_text(value.decode("utf-8", "replace") if isinstance(value, bytes) else value, spec.name)


def _outputs(task: Task, document: Mapping[str, Any]) -> list[WantedOutput]:
    everything_binary = _parameters(document, "请求").get("binary_data_output", False) is True
    if document.get("outputs") in (None, []):
        return [WantedOutput(spec, everything_binary) for spec in task.outputs]
    wanted = []
    for spec, given in _named(document, "outputs", task.outputs):
        parameters = _parameters(given, f"输出 {spec.name}")
        for name in parameters:
            if name == "classification" or name.startswith("shared_memory"):
                raise Invalid(f"输出 {spec.name} 不支持参数 {name}。", code="parameter_unsupported", param=spec.name)
        wanted.append(WantedOutput(spec, parameters.get("binary_data", everything_binary) is True))
    return wanted


def dump(task: Task, request: InferRequest, result: CallResult) -> tuple[bytes, int | None]:
    """The response's body, and the length of its JSON if raw tensors follow it (None: it is all JSON)."""
    arrays = task.to_tensors(result.outputs)
    outputs: list[dict[str, Any]] = []
    raw: list[bytes] = []
    for wanted in request.outputs:
        array = arrays[wanted.spec.name]
        one: dict[str, Any] = {
            "name": wanted.spec.name,
            "datatype": wanted.spec.datatype,
            "shape": list(array.shape),
        }
        if wanted.binary:
            raw.append(wire.to_binary(wanted.spec.datatype, array))
            one["parameters"] = {"binary_data_size": len(raw[-1])}
        else:
            one["data"] = wire.to_json(wanted.spec.datatype, array)
        outputs.append(one)
    document: dict[str, Any] = {"model_name": result.model, "model_version": result.version, "outputs": outputs}
    if request.id is not None:
        document["id"] = request.id
    head = orjson.dumps(document, option=orjson.OPT_SERIALIZE_NUMPY)
    if not raw:
        return head, None
    return b"".join((head, *raw)), len(head)
