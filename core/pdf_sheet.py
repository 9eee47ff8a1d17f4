"""A sheet of paper to take along, as a PDF: A4, headings, paragraphs, boxes to tick.

The text can be searched and copied; the font's used characters are embedded (Noto Sans SC, SIL Open Font License 1.1), so that it
prints anywhere.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from fpdf import FPDF
from fpdf.enums import WrapMode, XPos, YPos
from pylopdf_fonts_zh_cn import sans_path

MARGIN = 18.0
"""Millimetres, as all lengths here."""
BOX = 4.0
INDENT = 7.0
INK, SOFT, BLUE, WARM = (28, 35, 51), (92, 101, 117), (23, 78, 166), (146, 64, 14)
TITLE, HEADING, NAME, TEXT, SMALL = 18.0, 12.5, 11.0, 10.0, 8.5
"""Points."""
LEADING = 0.56
"""Height of a line in millimetres for each point of the type."""
KEEP = 30.0
"""A heading or a material begins on the next page if less than this is left."""
CHINA = timezone(timedelta(hours=8))


class Sheet(FPDF):
    """A4 with what it is at the foot of every page. `title`: of the file; `made_at`: aware."""

    def __init__(self, title: str, foot: str, made_at: datetime) -> None:
        super().__init__(format="A4")
        self._foot = foot
        self.set_margins(MARGIN, MARGIN, MARGIN)
        self.set_auto_page_break(True, margin=MARGIN + 4)
        self.add_font("sans", fname=sans_path())
        self.set_title(title)
        self.set_author("靠普智枢")
        self.set_lang("zh-CN")
        self.set_creation_date(made_at)
        self.alias_nb_pages("{pages}")
        self.add_page()

    def footer(self) -> None:
        """Which list, which page: sheets get separated at the window."""
        self.set_y(-MARGIN + 2)
        self.set_font("sans", size=SMALL)
        self.set_text_color(*SOFT)
        width = self.epw / 4
        self.cell(self.epw - width, 5, self._foot)
        self.cell(width, 5, f"第 {self.page_no()} 页，共 {{pages}} 页", align="R")

    def say(
        self,
        text: str,
        *,
        size: float = TEXT,
        colour: tuple[int, int, int] = INK,
        indent: float = 0.0,
        gap: float = 0.8,
    ) -> None:
        """A paragraph, wrapped; `gap` below it."""
        self.set_font("sans", size=size)
        self.set_text_color(*colour)
        self.set_x(self.l_margin + indent)
        self.multi_cell(
            self.epw - indent,
            size * LEADING,
            text,
            align="L",
            new_x=XPos.LMARGIN,
            new_y=YPos.NEXT,
            wrapmode=WrapMode.CHAR,
        )
        self.ln(gap)

    def room(self, height: float = KEEP) -> None:
        """Go on to the next page if there is less room than this."""
        if self.will_page_break(height):
            self.add_page()

    def heading(self, text: str) -> None:
        """A part's heading, never alone at the foot of a page."""
        self.room()
        self.ln(2.5)
        self.set_fill_color(*BLUE)
        self.rect(self.l_margin, self.get_y() + 0.7, 1.2, HEADING * LEADING - 1.4, style="F")
        self.say(text, size=HEADING, colour=BLUE, indent=3.5, gap=1.2)

    def tick_box(self, size: float) -> None:
        """Drawn, since fonts differ in whether they have the sign."""
        self.set_draw_color(*INK)
        self.set_line_width(0.3)
        self.rect(self.l_margin + 0.5, self.get_y() + (size * LEADING - BOX) / 2, BOX, BOX)


def day(at: datetime) -> str:
    """The day in China. `at`: UTC; SQLite gives it back without its zone."""
    day = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(CHINA)
    return f"{day.year} 年 {day.month} 月 {day.day} 日"
