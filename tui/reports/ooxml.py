"""The body of a .docx as pieces of XML, one table row at a time; uses the styles of ``docx.py`` by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, zip_longest
from xml.sax.saxutils import escape, quoteattr

from tui.i18n.translate import _
from tui.reports import letter
from tui.reports.docx_media import Media
from tui.reports.report import (
    Report,
    ReportColumn,
    ReportSection,
    ReportTable,
    RowStream,
    RowValues,
    format_value,
    sanitized,
)

SIDE_MARGIN_CM = 2.0
"""The margins at the page's sides."""
_TWIPS_A_CM = 567
_CM_A_POINT = 0.0353
_SMALLEST, _LARGEST = 7.5, 10.5
_ABREAST = 3
"""So many pictures stand beside each other."""
_PICTURE_HEIGHT_CM = 3.8
_NAMESPACE = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
FONT_TABLE = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    f"<w:fonts {_NAMESPACE}>"
    + "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{names}"/><w:charset w:val="86"/><w:family w:val="auto"/>'
        '<w:pitch w:val="variable"/></w:font>'
        for name, names in letter.FONT_ALTERNATIVES
    )
    + "</w:fonts>"
)
_LINES = "".join(
    f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>'
    for side in ("top", "left", "bottom", "right", "insideH", "insideV")
)
_MARGINS = (
    '<w:tblCellMar><w:top w:w="30" w:type="dxa"/><w:left w:w="60" w:type="dxa"/>'
    '<w:bottom w:w="30" w:type="dxa"/><w:right w:w="60" w:type="dxa"/></w:tblCellMar>'
)
_KEEP = "<w:keepNext/>"
_AS_TALL = '<w:spacing w:before="120" w:line="240" w:lineRule="auto"/>'
"""Of a paragraph that is as tall as the picture in it, whatever the lines of its style."""
_SHADE = '<w:shd w:val="clear" w:color="auto" w:fill="E7EEF7"/>'


def table_font_size(report: Report) -> float:
    """The font size of tables in points: smaller for a wider widest table, within legible bounds."""
    widest = max((table.width for table in report.tables if not table.prose), default=1)
    fitting = _page_cm(report) / _CM_A_POINT / widest
    return max(_SMALLEST, min(_LARGEST, int(fitting * 4) / 2))


def _page_cm(report: Report) -> float:
    """The printable width of the page in cm."""
    if report.is_letter:
        return 21.0 - (letter.LEFT_MM + letter.RIGHT_MM) / 10
    return (29.7 if report.landscape else 21.0) - 2 * SIDE_MARGIN_CM


def body(report: Report, rows: RowStream, media: Media) -> Iterator[str]:
    """The body's pieces, in order; ``media`` takes its pictures."""
    yield from _letter(report, rows, media) if report.is_letter else _form(report, rows, media)


def _form(report: Report, rows: RowStream, media: Media) -> Iterator[str]:
    for number, table in enumerate(report.tables):
        new_page = number > 0 and table.starts == "page"
        if number == 0 or new_page:
            yield paragraph(report.title, "Title", new_page=new_page)
        if number == 0 and report.subtitle:
            yield paragraph(report.subtitle, "Subtitle")
        if number == 0 and report.frame and report.frame.opening():
            yield paragraph(report.frame.opening(), "Normal")
        if table.title not in ("", report.title) and len(report.tables) > 1:
            yield paragraph(table.title, "Heading1")
        if table.note:
            yield paragraph(table.note, "Normal", more=_KEEP)
        yield from _contents(table, rows, report, media)
        if number in media.charts:
            yield _chart(media.chart_drawing(number, _page_cm(report)))
    yield paragraph("", "Normal")
    if report.frame:
        told, signed = report.frame.closing(rows.count)
        yield paragraph(told, "Normal", more=_KEEP)
        yield paragraph(signed, "Normal")


def _letter(report: Report, rows: RowStream, media: Media) -> Iterator[str]:
    frame = report.frame
    assert frame is not None
    annexes = 0
    for number, table in enumerate(report.tables):
        new_page = number > 0 and table.starts == "page"
        is_annex = new_page and not frame.each_page
        if new_page and (frame.each_page or annexes == 0):
            yield from letter.closing(frame, paragraph)
        annexes += is_annex
        if is_annex:
            yield from letter.annex_head(annexes if len(frame.annexes) > 1 else 0, table.title, paragraph)
        elif number == 0 or new_page:
            yield from letter.opening(frame, report.title, paragraph, new_page=new_page)
        if table.note:
            yield paragraph(table.note, "LetterDraft", more=_KEEP)
        yield from _contents(table, rows, report, media)
    if not annexes:
        yield from letter.closing(frame, paragraph)


def _contents(table: ReportTable, rows: RowStream, report: Report, media: Media) -> Iterator[str]:
    if table.prose:
        yield from _text(table, rows, "LetterText" if report.is_letter else "Normal")
    elif table.pictures:
        yield from _pictures(table, rows, report, media)
    else:
        yield from _table(table, rows, report)


def _text(table: ReportTable, rows: RowStream, style: str) -> Iterator[str]:
    """A text: its headings and paragraphs. The last one stays with what follows: no date stands alone on a page."""
    held: tuple[str, str, str] | None = None
    for row in rows.rows_of_table(table):
        is_heading = isinstance(row, ReportSection)
        for line in (row.title if isinstance(row, ReportSection) else format_value(row[0])).split("\n"):
            if held:
                yield paragraph(held[0], held[1], more=held[2])
            held = (line, "Heading1", _KEEP) if is_heading else (line, style, "")
    if held:
        yield paragraph(held[0], held[1], more=_KEEP)


def paragraph(text: str, style: str, *, new_page: bool = False, more: str = "", right: float | None = None) -> str:
    """A paragraph of plain text; ``more`` are properties of it, ``right`` its indent at the right in characters."""
    page_break = "<w:pageBreakBefore/>" if new_page else ""
    keep, _sign, border = more.partition("<w:pBdr>")  # the schema has an order
    border = _sign + border
    indent = "" if right is None else f'<w:ind w:rightChars="{right * 100:.0f}" w:right="{right * 320:.0f}"/>'
    properties = f"<w:pStyle w:val={quoteattr(style)}/>{keep}{page_break}{border}{indent}"
    return f"<w:p><w:pPr>{properties}</w:pPr>{_run(sanitized(text))}</w:p>"


def _run(text: str) -> str:
    if not text:
        return ""
    lines = (f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in text.replace("\t", " ").split("\n"))
    return f"<w:r>{'<w:br/>'.join(lines)}</w:r>"


def _pictures(table: ReportTable, rows: RowStream, report: Report, media: Media) -> Iterator[str]:
    """Small pictures beside each other, each with what its row says below."""
    width = int(_page_cm(report) * _TWIPS_A_CM) // _ABREAST
    size = (width / _TWIPS_A_CM - 0.4, _PICTURE_HEIGHT_CM)
    yield _table_head([width] * _ABREAST)
    cells: list[str] = []
    for reader, row in zip(table.pictures, rows.rows_of_table(table), strict=True):
        texts = [row.title] if isinstance(row, ReportSection) else [format_value(value) for value in row]
        said = [text for text in texts if text]
        picture = reader()
        shown = f"<w:p>{_centred(_AS_TALL)}{media.drawing(picture, sanitized(said[0]), *size)}</w:p>" if picture else ""
        cells.append(_cell_of(shown + "".join(_lines((said[0], "  ".join(said[1:])))), width))
    cells += [_cell_of(f"<w:p>{_centred()}</w:p>", width)] * (-len(cells) % _ABREAST)
    for start in range(0, len(cells), _ABREAST):
        yield f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{''.join(cells[start : start + _ABREAST])}</w:tr>"
    yield "</w:tbl>"


def _lines(texts: Iterable[str]) -> Iterator[str]:
    return (f"<w:p>{_centred()}{_run(sanitized(text))}</w:p>" for text in texts)


def _centred(spacing: str = "") -> str:
    return f'<w:pPr><w:pStyle w:val="TableCell"/>{spacing}<w:jc w:val="center"/></w:pPr>'


def _cell_of(paragraphs: str, width: int) -> str:
    return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr>{paragraphs}</w:tc>'


def _table_head(widths: list[int]) -> str:
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:jc w:val="center"/>'
        f'<w:tblBorders>{_LINES}</w:tblBorders><w:tblLayout w:type="fixed"/>{_MARGINS}</w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid>"
    )


def _table(table: ReportTable, rows: RowStream, report: Report) -> Iterator[str]:
    columns, table_rows = table.columns, rows.rows_of_table(table)
    if table.abreast > 1:
        columns, table_rows = columns * table.abreast, _abreast(list(table_rows), table.abreast)
    beside = tuple(column for column in columns if not column.below)
    widths = _widths(beside, report)
    yield _table_head(widths)
    headings = [_cell(column.heading, "TableHead", width, _SHADE) for column, width in zip(beside, widths, strict=True)]
    yield f"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{''.join(headings)}</w:tr>"
    for row in table_rows:
        below = "" if isinstance(row, ReportSection) else _said_below(columns, row)
        cells = _cells(beside, widths, row, _KEEP if below else "")
        yield f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{cells}</w:tr>"
        if below:
            spanned = _cell(below, "TableCell", sum(widths), f'<w:gridSpan w:val="{len(beside)}"/>')
            yield f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{spanned}</w:tr>"
    yield "</w:tbl>"


def _abreast(rows: list[RowValues | ReportSection], blocks: int) -> Iterator[RowValues]:
    """The rows in so many blocks side by side: the first block has the first rows."""
    values = [row for row in rows if not isinstance(row, ReportSection)]
    height = -(-len(values) // blocks)
    for beside in zip_longest(*(values[block * height : (block + 1) * height] for block in range(blocks))):
        yield tuple(chain.from_iterable(row or [None] * len(values[0]) for row in beside))


def _said_below(columns: tuple[ReportColumn, ...], row: RowValues) -> str:
    """What stands below a row: the headings and values of its last columns, where there is something to say."""
    said = (
        _("{heading}: {value}").format(heading=column.heading, value=format_value(value, column.kind))
        for column, value in zip(columns, row, strict=True)
        if column.below and value
    )
    return "    ".join(said)


def _cells(columns: tuple[ReportColumn, ...], widths: list[int], row: RowValues | ReportSection, keep: str = "") -> str:
    if isinstance(row, ReportSection):
        return _cell(row.title, "TableSection", sum(widths), f'<w:gridSpan w:val="{len(columns)}"/>')
    return "".join(
        _cell(format_value(value, column.kind), "TableCell", width, align=_align(column), keep=keep)
        for column, width, value in zip(columns, widths, row, strict=False)
    )


def _align(column: ReportColumn) -> str:
    return "center" if column.kind != "text" else ""


def _cell(text: str, style: str, width: int, more: str = "", *, align: str = "", keep: str = "") -> str:
    centred = f'<w:jc w:val="{align}"/>' if align else ""
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{more}<w:vAlign w:val="center"/></w:tcPr>'
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{keep}{centred}</w:pPr>{_run(sanitized(text))}</w:p></w:tc>'
    )


def _widths(columns: tuple[ReportColumn, ...], report: Report) -> list[int]:
    """The columns' widths in twips: the page's width, divided in proportion to the report's widths."""
    page = int(_page_cm(report) * _TWIPS_A_CM)
    total = sum(column.width for column in columns)
    return [page * column.width // total for column in columns]


def _chart(drawing: str) -> str:
    """A chart in a paragraph of its own."""
    return f'<w:p><w:pPr><w:pStyle w:val="Normal"/>{_AS_TALL}<w:jc w:val="center"/></w:pPr>{drawing}</w:p>'
