"""Write .docx: A4, a title, ruled tables with repeated headings, page numbers.

> python-docx makes styles, page and footer; the tables are streamed into the document (``ooxml.py``), because
> python-docx slows down with the square of a table's rows and keeps all of them in memory.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import docx
from docx.document import Document
from docx.enum.section import WD_ORIENT
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.section import Section
from docx.shared import Cm, Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph
from docx.text.parfmt import ParagraphFormat
from docx.text.run import Run

from tui.reports import letter, ooxml
from tui.reports.charts import EmbeddedChart, embedded_chart
from tui.reports.docx_media import CONTENT_TYPES, RELATIONS, Media, PlacedChart, add_content_type
from tui.reports.report import PROGRAM, Report, RowStream

_BODY_FONT, _HEADING_FONT = letter.BODY_FONT, letter.HEADING_FONT
_LATIN = "Times New Roman"
_TABLES_PLACEHOLDER = "guanjia-tables"
_PLACEHOLDER_PARAGRAPH = re.compile(rf"<w:p\b(?:(?!<w:p\b).)*?{_TABLES_PLACEHOLDER}.*?</w:p>", re.DOTALL)
_DOCUMENT, _FONTS = "word/document.xml", "word/fontTable.xml"
_APP = "docProps/app.xml"
_APP_XML = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Properties '
    'xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">'
    f"<Application>{PROGRAM}</Application></Properties>"
)
"""In place of the template's, which names the program and the machine that the template was made with."""
_BLOCK = 1 << 16
_TABLE_LINE = 1.25
"""The height of a line in tables, by the size of its font: some fonts ask for half as much again."""
_ALIGNMENTS = {
    "left": WD_ALIGN_PARAGRAPH.LEFT, "right": WD_ALIGN_PARAGRAPH.RIGHT, "center": WD_ALIGN_PARAGRAPH.CENTER,
    "both": WD_ALIGN_PARAGRAPH.JUSTIFY,
}  # fmt: skip


def write(report: Report, path: Path, rows: RowStream) -> None:
    """Write the report."""
    report, charts = _charted(report)
    skeleton, own_parts, document = BytesIO(), {_FONTS: ooxml.FONT_TABLE, _APP: _APP_XML}, _skeleton(report)
    media = Media({number: _add_chart(document, number, chart) for number, chart in charts.items()})
    document.save(skeleton)
    with zipfile.ZipFile(skeleton) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name == _DOCUMENT:
                _stream(old.read(name).decode(), new, ooxml.body(report, rows, media))
            elif name == CONTENT_TYPES:
                new.writestr(name, add_content_type(old.read(name).decode()))
            elif name != RELATIONS:
                new.writestr(name, own_parts.get(name) or old.read(name))
        new.writestr(RELATIONS, media.add_relations(old.read(RELATIONS).decode()))
        for name, content in media.parts():
            new.writestr(name, content, zipfile.ZIP_STORED)


def _charted(report: Report) -> tuple[Report, dict[int, EmbeddedChart]]:
    """The report with the rows of its charted tables read, which are short, and the charts by the tables' places."""
    tables = [replace(table, rows=list(table.rows)) if table.chart else table for table in report.tables]
    drawn = {
        number: embedded_chart(table, list(RowStream(lambda: None).rows_of_table(table)))
        for number, table in enumerate(tables)
        if table.chart
    }
    return replace(report, tables=tuple(tables)), {number: chart for number, chart in drawn.items() if chart}


def _add_chart(document: Document, number: int, chart: EmbeddedChart) -> PlacedChart:
    """Put a chart and its workbook into the package."""
    package = document.part.package
    part = Part(PackURI(f"/word/charts/chart{number + 1}.xml"), CONTENT_TYPE.DML_CHART, chart.part, package)
    name = PackURI(f"/word/embeddings/chart{number + 1}.xlsx")
    part.relate_to(Part(name, CONTENT_TYPE.SML_SHEET, chart.workbook, package), RELATIONSHIP_TYPE.PACKAGE)
    return PlacedChart(document.part.relate_to(part, RELATIONSHIP_TYPE.CHART), chart.title, chart.height_cm)


def _stream(document: str, package: zipfile.ZipFile, body: Iterator[str]) -> None:
    before, after = _PLACEHOLDER_PARAGRAPH.split(document, maxsplit=1)
    with package.open(_DOCUMENT, "w", force_zip64=True) as part:
        part.write(before.encode())
        pending: list[str] = []
        size = 0
        for piece in body:
            pending.append(piece)
            size += len(piece)
            if size > _BLOCK:
                part.write("".join(pending).encode())
                pending, size = [], 0
        part.write("".join([*pending, after]).encode())


def _skeleton(report: Report) -> Document:
    """The document without its tables: page, styles, footer, and a placeholder paragraph for the tables."""
    document = docx.Document()
    _drop_thumbnail(document)
    _set_properties(document, report)
    section = document.sections[0]
    _style(document, report)
    if report.is_letter:
        _lay_out_letter(document, section)
    else:
        _lay_out(section, landscape=report.landscape)
        _number_pages(section.footer.paragraphs[0], report.page_footer)
    document.add_paragraph(_TABLES_PLACEHOLDER)
    return document


def _drop_thumbnail(document: Document) -> None:
    """Leave out the picture of the template's first page."""
    relations = document.part.package.rels
    for name in [name for name, relation in relations.items() if relation.reltype.endswith("/thumbnail")]:
        relations.pop(name)


def _set_properties(document: Document, report: Report) -> None:
    properties = document.core_properties
    properties.title, properties.author = report.title[:250], PROGRAM
    properties.comments, properties.last_modified_by = "", PROGRAM
    properties.created = properties.modified = datetime.now(UTC).replace(tzinfo=None)


def _lay_out(section: Section, *, landscape: bool) -> None:
    long, short = Cm(29.7), Cm(21)
    section.page_width, section.page_height = (long, short) if landscape else (short, long)
    section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
    section.left_margin = section.right_margin = Cm(ooxml.SIDE_MARGIN_CM)
    section.top_margin, section.bottom_margin = Cm(2.2), Cm(2)


def _lay_out_letter(document: Document, section: Section) -> None:
    """A page of GB/T 9704: its margins, its grid of lines, its number outside."""
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.top_margin, section.bottom_margin = Mm(letter.TOP_MM), Mm(letter.BOTTOM_MM)
    section.left_margin, section.right_margin = Mm(letter.LEFT_MM), Mm(letter.RIGHT_MM)
    section.footer_distance = Mm(letter.FOOTER_MM)
    grid = section._sectPr.find(qn("w:docGrid"))
    if grid is None:
        grid = OxmlElement("w:docGrid")
        section._sectPr.append(grid)
    grid.set(qn("w:type"), "lines")
    grid.set(qn("w:linePitch"), str(letter.LINE_TWIPS))
    document.settings.odd_and_even_pages_header_footer = True
    for footer, align in ((section.footer, "right"), (section.even_page_footer, "left")):
        _number_letter(footer.paragraphs[0], align)


def _number_letter(paragraph: Paragraph, align: str) -> None:
    """The page's number between dashes: right on odd pages and left on even ones, a character from the edge."""
    _number_pages(paragraph, "— {page} —")
    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT if align == "right" else WD_ALIGN_PARAGRAPH.LEFT
    paragraph.paragraph_format.right_indent = paragraph.paragraph_format.left_indent = Pt(14)
    for run in paragraph.runs:
        run.font.name, run.font.size = letter.NUMBER_FONT, Pt(14)
        run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), letter.NUMBER_FONT)


def _style(document: Document, report: Report) -> None:
    """Set the fonts. Every style names a Chinese font, or the reader's program would choose one."""
    styles = document.styles
    defaults = styles.element.find(f"{qn('w:docDefaults')}/{qn('w:rPrDefault')}/{qn('w:rPr')}")
    for language in defaults.findall(qn("w:lang")):  # characters are drawn as mainland China writes them
        language.set(qn("w:eastAsia"), "zh-CN")
    size_in_tables = ooxml.table_font_size(report)
    shapes: tuple[tuple[str, str, float, Callable[[ParagraphFormat], None]], ...] = (
        ("Normal", _BODY_FONT, 12, _plain),
        ("Title", letter.TITLE_FONT, 20, _centred),
        ("Subtitle", _BODY_FONT, 12, _centred),
        ("Heading 1", _HEADING_FONT, 14, _heading),
        ("TableHead", _HEADING_FONT, size_in_tables, _centred),
        ("TableCell", _BODY_FONT, size_in_tables, _plain),
        ("TableSection", _HEADING_FONT, size_in_tables, _plain),
    )
    for name, font, size, arrange in shapes:
        arrange(_set_font(document, name, font, size))
    for name in ("TableHead", "TableCell", "TableSection"):
        shape = styles[name].paragraph_format
        shape.line_spacing_rule, shape.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(size_in_tables * _TABLE_LINE)
        shape.space_after = Pt(0)
    if not report.is_letter:
        return
    for known in letter.LETTER_STYLES:
        _shape_letter(_set_font(document, known.name, known.font, known.size, known.color), known)
        if known.size == letter.GRID_SIZE:
            _tighten(document.styles[known.name].element.rPr)
    for name in ("TableHead", "TableCell", "TableSection"):
        _leave_grid(document.styles[name].paragraph_format)


def _set_font(document: Document, name: str, font: str, size: float, color: str = "") -> ParagraphFormat:
    """Give the style of this name, which may be new, its fonts; returns the format of its paragraphs."""
    styles = document.styles
    style = styles[name] if name in styles else styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    style.font.name, style.font.size = _LATIN, Pt(size)
    style.font.bold = style.font.italic = False
    style.font.color.rgb = RGBColor.from_string(color or "000000")
    fonts = style.element.rPr.rFonts
    for theme in ("asciiTheme", "eastAsiaTheme", "hAnsiTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    fonts.set(qn("w:eastAsia"), font)
    shape: ParagraphFormat = style.paragraph_format
    shape.space_before = shape.space_after = Pt(0)
    return shape


def _tighten(properties: BaseOxmlElement) -> None:
    """Let the characters stand closer, where the schema has its place for it."""
    for former in properties.findall(qn("w:spacing")):
        properties.remove(former)
    tighter = OxmlElement("w:spacing")
    tighter.set(qn("w:val"), str(letter.TIGHTER_TWIPS))
    followers = [qn(f"w:{name}") for name in ("w", "kern", "position", "sz")]
    next(child for child in properties if child.tag in followers).addprevious(tighter)


def _leave_grid(paragraph: ParagraphFormat) -> None:
    """Draw its characters as wide, and its lines as tall, as they are: the grid of the page is of the text's size."""
    properties = paragraph.element.get_or_add_pPr()
    snapping = OxmlElement("w:snapToGrid")
    snapping.set(qn("w:val"), "0")
    followers = [qn(f"w:{name}") for name in ("spacing", "ind", "contextualSpacing", "jc", "outlineLvl")]
    first = next((child for child in properties if child.tag in followers), None)
    if first is None:
        properties.append(snapping)
    else:
        first.addprevious(snapping)


def _shape_letter(paragraph: ParagraphFormat, known: letter.LetterStyle) -> None:
    _centred(paragraph)  # without the template's rule under a title
    paragraph.alignment = _ALIGNMENTS[known.align]
    paragraph.space_after = Pt(0)
    paragraph.line_spacing_rule, paragraph.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(known.line / 20)
    if known.size != letter.GRID_SIZE:
        _leave_grid(paragraph)
    if known.indent:
        indent = paragraph.element.get_or_add_pPr().get_or_add_ind()
        indent.set(qn("w:firstLineChars"), str(known.indent * 100))
        indent.set(qn("w:firstLine"), str(int(known.indent * known.size * 20)))


def _plain(paragraph: ParagraphFormat) -> None:
    paragraph.alignment = WD_ALIGN_PARAGRAPH.LEFT


def _centred(paragraph: ParagraphFormat) -> None:
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    borders = paragraph.element.pPr.find(qn("w:pBdr"))
    if borders is not None:  # the template's title is underlined over the page
        paragraph.element.pPr.remove(borders)
    paragraph.space_after = Pt(4)


def _heading(paragraph: ParagraphFormat) -> None:
    paragraph.alignment = WD_ALIGN_PARAGRAPH.LEFT
    paragraph.space_before, paragraph.space_after = Pt(12), Pt(4)
    paragraph.keep_with_next = True


def _number_pages(paragraph: Paragraph, footer: str) -> None:
    """Write the footer, with fields for ``{page}`` and ``{pages}``."""
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for piece in re.split(r"(\{pages?\})", footer):
        if piece in ("{page}", "{pages}"):
            for kind, field in (("begin", ""), ("", "PAGE" if piece == "{page}" else "NUMPAGES"), ("end", "")):
                _add_field_part(paragraph.add_run(), kind, field)
        elif piece:
            paragraph.add_run(piece)


def _add_field_part(run: Run, kind: str, text: str) -> None:
    part = OxmlElement("w:fldChar" if kind else "w:instrText")
    if kind:
        part.set(qn("w:fldCharType"), kind)
    else:
        part.text = text
    run._r.append(part)
