"""一次性补正告知书 as a PDF to take along. Comes in: the page's data. Goes out: the bytes."""

from __future__ import annotations

from core.pdf_sheet import BLUE, INDENT, NAME, SOFT, TEXT, TITLE, WARM, Sheet, day
from services.precheck.schemas import NoticeView


def render_notice(notice: NoticeView) -> bytes:
    """As many pages as it takes. About half a second of processor time: call it in a thread."""
    foot = f"{notice.number}　{day(notice.made_at)}"
    sheet = Sheet(f"一次性补正告知书：{notice.item_name}", foot, notice.made_at)
    sheet.say("一次性补正告知书", size=NAME, colour=WARM, gap=0.5)
    sheet.say(notice.item_name, size=TITLE, colour=BLUE, gap=1.0)
    sheet.say(f"{notice.number}　{notice.department}　{day(notice.made_at)}", size=TEXT, colour=SOFT, gap=1.5)
    sheet.say(f"办件编号 {notice.submission_id}", colour=SOFT, gap=1.5)
    sheet.heading(f"需要补正的内容（{len(notice.points)} 处）")
    for number, point in enumerate(notice.points, 1):
        sheet.room()
        sheet.tick_box(NAME)
        sheet.say(f"{number}. {point['material']}：{point['problem']}", size=NAME, indent=INDENT, gap=0.2)
        sheet.say(f"怎样改：{point['mend']}", indent=INDENT, gap=1.6)
    sheet.heading("怎样重新提交")
    sheet.say(notice.within, indent=3.5)
    if notice.phone:
        sheet.say(f"咨询电话：{notice.phone}", indent=3.5)
    return bytes(sheet.output())
