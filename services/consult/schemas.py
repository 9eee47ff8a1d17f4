"""What goes over the wire at /api/consult: exactly these fields."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Channel = Literal["pc", "mobile", "kiosk", "window", "api"]
Status = Literal["answered", "clarify", "not_found", "handed_over", "refused"]


class MessageRequest(BaseModel):
    """One message of a conversation. Length and emptiness of `text` are the pipeline's business (it cleans first)."""

    model_config = ConfigDict(extra="forbid", strict=True)

    session_id: Annotated[
        str | None, Field(max_length=64, description="上一次回答里的 session_id；开始新的对话时为 null")
    ] = None
    text: Annotated[str, Field(description="市民的话", examples=["公共场所卫生许可证注销要什么材料"])]
    channel: Annotated[Channel, Field(description="来自哪里：网页、手机、自助机、窗口、接口")] = "pc"


class ItemReference(BaseModel):
    """The service item that the answer is about."""

    id: str
    name: str


class Citation(BaseModel):
    """Where a part of the answer comes from; `quote` stands word for word in the section."""

    section_id: Annotated[str, Field(examples=["public-venue-hygiene-cancel/materials@1"])]
    item_name: str
    element: str
    quote: str


class MessageAnswer(BaseModel):
    """The bot's answer. `citations` is empty unless `status` is `answered`. `suggestions`: what can be sent next."""

    session_id: str
    status: Status
    text: str
    item: ItemReference | None
    element: str | None
    citations: list[Citation]
    suggestions: list[str]


class SuggestedQuestions(BaseModel):
    """Questions to start with."""

    questions: list[str]


class SectionView(BaseModel):
    """A cited section, to be read in full."""

    section_id: str
    item_id: str
    item_name: str
    element: str
    title: str
    text: str
    version: int
