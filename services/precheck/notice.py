"""一次性补正告知书: everything that has to be put right, told at once (行政许可法 §32). Pure but for reading the kept ones.

Comes in: findings as they hold. Goes out: its points (material, problem, what to do), in the order of the item's materials, and
the page's data. What was told is kept as it was told.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import NotFound
from core.working_calendar import WorkingCalendar
from knowledge_base.schema import ServiceItem
from services.precheck.ruled import Ruled
from services.precheck.schemas import NoticeView
from services.precheck.tables import Submission, SubmissionNotice

WHOLE = "整个申请"


def points_of(item: ServiceItem, findings: Sequence[Ruled]) -> list[dict[str, str]]:
    """All confirmed defects: the machine's that no clerk overruled, and the clerk's own; the same thing is said once."""
    names = {material.id: material.name for material in item.materials}
    places = {material.id: place for place, material in enumerate(item.materials)}
    wanted = [one.finding for one in findings if one.to_be_mended]
    wanted.sort(key=lambda finding: places.get(finding.material or "", len(places)))
    points: list[dict[str, str]] = []
    for finding in wanted:
        point = {
            "material": names.get(finding.material or "", WHOLE),
            "problem": finding.applicant,
            "mend": finding.mend,
        }
        if point not in points:
            points.append(point)
    return points


def notice_view(
    session: Session, submission: Submission, item: ServiceItem, calendar: WorkingCalendar, within: str
) -> NoticeView:
    """The newest notice. Raises NotFound (`notice_not_found`): none was written."""
    row = session.scalars(
        select(SubmissionNotice)
        .where(SubmissionNotice.submission_id == submission.id)
        .order_by(SubmissionNotice.number.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        raise NotFound("这个办件没有补正告知书。", code="notice_not_found")
    day = calendar.day_of(row.made_at)
    return NoticeView(
        submission_id=submission.id,
        item_name=submission.item_name,
        number=f"补正〔{day.year}〕{submission.id[:8].upper()}-{row.number}号",
        made_at=row.made_at,
        points=row.points,
        within=within,
        department=item.department,
        phone=item.consult_phone.number if item.consult_phone else None,
    )
