"""预填 as callers see it: each value with where it was read. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from knowledge_base.schema import ServiceItem
from services.precheck.facts import Case
from services.precheck.prefilling import Prefilled, form_of
from services.precheck.schemas import PrefilledView
from services.precheck.views import evidence_view

Prefill = Callable[[Case, Mapping[str, str]], Sequence[Prefilled]]


def prefilled_views(item: ServiceItem, case: Case, values: Sequence[Prefilled]) -> list[PrefilledView]:
    """One a field that something is known of."""
    names = {field.id: field.name for field in form_of(item, case.answers)}
    kinds = {paper.key: paper.kind for paper in case.papers}
    return [
        PrefilledView(
            field=one.field,
            name=names.get(one.field, one.field),
            value=one.value,
            source=one.source,
            evidence=None if one.evidence is None else evidence_view(one.evidence, kinds),
            confidence=one.confidence,
            sure=one.sure,
            disputed=[evidence_view(each, kinds) for each in one.disputed],
        )
        for one in values
    ]
