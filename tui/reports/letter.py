"""The parts of a letter in .docx by GB/T 9704-2012: the mark in red, number, title, recipient, text, annexes, unit and
date, copies.

A4 with margins of 37 mm above, 28 mm at the binding, 26 mm outside and 35 mm below: 156 × 225 mm of text, 22 lines of
28 characters. The text is in 仿宋 of size 3 (16 pt), the title in 小标宋 of size 2 (22 pt), headings in 黑体 and 楷体,
the number of the page in 宋体 of size 4 (14 pt) between dashes, outside. Where a machine lacks one of the fonts its
program draws another: the file names which (`FONT_ALTERNATIVES`). Numbers and seal are the office's: it has places for
them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from tui.i18n.translate import _
from tui.reports.frame import Frame, written_day

TOP_MM, LEFT_MM, RIGHT_MM, BOTTOM_MM = 37, 28, 26, 35
FOOTER_MM = 23
"""From the page's edge to the foot: its dash stands 7 mm below the text."""
LINE_TWIPS = 579
"""A line of 22 on a page: 225 mm in twips."""
TIGHTER_TWIPS = -5
"""By so much the characters of the text stand closer, so that 28 of 16 points fill a line of 156 mm. The grid of the
page is of lines alone: some programs give a character that is wider than a cell of a grid two cells."""
TITLE_FONT, BODY_FONT, HEADING_FONT, NAME_FONT, NUMBER_FONT = "方正小标宋简体", "仿宋", "黑体", "楷体", "宋体"
FONT_ALTERNATIVES = (
    ("仿宋", "FangSong;仿宋_GB2312;STFangsong;Noto Serif CJK SC"),
    ("黑体", "SimHei;STHeiti;Noto Sans CJK SC"),
    ("楷体", "KaiTi;楷体_GB2312;STKaiti;Noto Serif CJK SC"),
    ("方正小标宋简体", "FZXiaoBiaoSong-B05S;小标宋体;宋体;SimSun;STSong;Noto Serif CJK SC"),
    ("宋体", "SimSun;STSong;Noto Serif CJK SC"),
)
"""What is drawn in place of a missing font: its names on other systems, then a free font."""
GRID_SIZE = _BODY = 16
"""The size of the text in points, by which the page's grid is counted: that of the style Normal."""
_TITLE_SIZE, _SMALL = 22, 14
_RED = "FF0000"
_SEAL_INDENT = 4
"""So many characters from the right the date stands, where a seal is put on it."""
Paragraph = Callable[..., str]


class LetterStyle(NamedTuple):
    """A style of letters: its name, font, size in points, alignment, first line's indent in characters, and the height
    of its lines in twips."""

    name: str
    font: str
    size: float
    align: str = "both"
    indent: int = 0
    line: int = LINE_TWIPS
    color: str = ""


LETTER_STYLES = (
    LetterStyle("Normal", BODY_FONT, _BODY, "left"),
    LetterStyle("LetterMark", TITLE_FONT, 34, "center", line=960, color=_RED),
    LetterStyle("LetterNumber", BODY_FONT, _BODY, "center"),
    LetterStyle("Title", TITLE_FONT, _TITLE_SIZE, "center", line=680),
    LetterStyle("LetterTo", BODY_FONT, _BODY, "left"),
    LetterStyle("LetterText", BODY_FONT, _BODY, indent=2),
    LetterStyle("Heading 1", HEADING_FONT, _BODY, indent=2),
    LetterStyle("Heading 2", NAME_FONT, _BODY, indent=2),
    LetterStyle("LetterAnnex", HEADING_FONT, _BODY, "left"),
    LetterStyle("LetterSigned", BODY_FONT, _BODY, "right"),
    LetterStyle("LetterCopies", BODY_FONT, _SMALL, "left"),
    LetterStyle("LetterDraft", BODY_FONT, 12, "left", line=400),
)
"""All styles of letters; those of tables are the reports'."""
_KEEP = "<w:keepNext/>"
_RULE_BELOW = f'<w:pBdr><w:bottom w:val="single" w:sz="18" w:space="6" w:color="{_RED}"/></w:pBdr>'
_RULES = (
    '<w:pBdr><w:top w:val="single" w:sz="8" w:space="2" w:color="000000"/>'
    '<w:bottom w:val="single" w:sz="8" w:space="2" w:color="000000"/></w:pBdr>'
)


def opening(frame: Frame, title: str, paragraph: Paragraph, *, new_page: bool = False) -> Iterator[str]:
    """What stands above the text: the mark, the number (of a minute the unit and the day), title and recipient."""
    yield paragraph(frame.mark or frame.unit, "LetterMark", new_page=new_page, more=_KEEP)
    below = frame.number_text()
    if frame.layout == "minute":
        below = "\u3000".join(part for part in (below, frame.unit, written_day(frame.day)) if part)
    yield paragraph(below, "LetterNumber", more=_KEEP + _RULE_BELOW)
    yield paragraph("", "LetterText")
    yield paragraph(title, "Title")
    yield paragraph("", "LetterText")
    if frame.to:
        yield paragraph(_("{recipient}:").format(recipient=frame.to), "LetterTo")


def closing(frame: Frame, paragraph: Paragraph) -> Iterator[str]:
    """What stands below the text: the annexes, unit and date with room for a seal, copies, and who drew it up."""
    if frame.annexes:
        yield paragraph("", "LetterText", more=_KEEP)
        numbered = len(frame.annexes) > 1
        for number, annex in enumerate(frame.annexes, 1):
            named = f"{number}. {annex}" if numbered else annex
            head = _("Annex: {title}") if number == 1 else "\u3000\u3000\u3000{title}"
            yield paragraph(head.format(title=named), "LetterText", more=_KEEP)
    if frame.layout == "letter":
        yield from _signed(frame, paragraph)
    yield paragraph("", "LetterText")
    if frame.copies:
        yield paragraph(_("Copies: {copies}").format(copies=frame.copies), "LetterCopies", more=_RULES)
    drawn = _("Drawn up by {name}; checked by ________; signed for issue by ________").format(name=frame.filled_by)
    scope = _("Counted: {scope}").format(scope=frame.scope) if frame.scope else ""
    yield paragraph("\u3000".join(part for part in (drawn, scope) if part), "LetterDraft")


def _signed(frame: Frame, paragraph: Paragraph) -> Iterator[str]:
    """Unit and date: the date four characters from the right, the unit in the middle above it."""
    day = written_day(frame.day)
    inside = _SEAL_INDENT + (_breadth(day) - _breadth(frame.unit)) / 2
    yield paragraph("", "LetterText", more=_KEEP)
    yield paragraph("", "LetterText", more=_KEEP)
    yield paragraph(frame.unit, "LetterSigned", more=_KEEP, right=max(0.0, inside))
    yield paragraph(day, "LetterSigned", right=_SEAL_INDENT + max(0.0, -inside))


def _breadth(text: str) -> float:
    """In full-width characters."""
    return sum(1.0 if ord(character) > 0x2000 else 0.5 for character in text)


def annex_head(number: int, title: str, paragraph: Paragraph) -> Iterator[str]:
    """The head of an annex, on a page of its own."""
    yield paragraph(_("Annex {number}").format(number=number or ""), "LetterAnnex", new_page=True)
    yield paragraph(title, "Title")
