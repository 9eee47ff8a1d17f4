"""How much one call may carry; taken from the settings once."""

from __future__ import annotations

from dataclasses import dataclass

from core.errors import Invalid, TooLarge
from core.settings import Settings


@dataclass(frozen=True, slots=True)
class Limits:
    """`inputs` per call, `characters` per text, `pixels` per image. Bytes per request are `core.limits`' matter."""

    inputs: int
    characters: int
    pixels: int

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        """The limits that the settings name."""
        return cls(
            inputs=settings.max_inputs,
            characters=settings.max_input_characters,
            pixels=settings.max_image_pixels,
        )

    def check_count(self, count: int, field: str) -> None:
        """Refuse none (`input_empty`) and more than a call may carry (`too_many_inputs`)."""
        if count == 0:
            raise Invalid(f"{field} 是空的；请至少给一条内容。", code="input_empty", param=field)
        if count > self.inputs:
            raise TooLarge(
                f"{field} 有 {count} 条，一次最多 {self.inputs} 条；请分批调用。", code="too_many_inputs", param=field
            )

    def check_text(self, text: str, field: str) -> None:
        """Refuse a text with nothing to read (`input_empty`) and one that is too long (`input_too_long`)."""
        if len(text) > self.characters:
            raise TooLarge(
                f"{field} 有 {len(text)} 字，单条最多 {self.characters} 字；请截短或分段。",
                code="input_too_long",
                param=field,
            )
        if not text or text.isspace():
            raise Invalid(f"{field} 是空的；请给出要处理的文字。", code="input_empty", param=field)
