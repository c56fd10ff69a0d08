"""Charts of short tables: how they look in workbooks and in documents, in this one place.

> A document's chart is what XlsxWriter draws of its table, with that workbook beside it: it has its numbers in itself,
> and office programs let people edit them.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple

from tui.i18n.translate import _
from tui.reports.report import Chart, ReportSection, ReportTable, RowValues

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.chart import Chart as DrawnChart

MAX_CHARTED_ROWS = 20
"""A chart draws the first of a longer table's rows, and says so."""
_LINE_CM = 0.5
_FONT = "黑体"
_COLOURS = ("1F4E8C", "F0A030", "5FAF5F")
"""Of the series: their brightness differs, so that a print without colours tells them apart."""
_MARKERS = ("square", "circle", "triangle")
_OFF = b'<c:%s val="0"/>'
_OUTRIGHT = (
    (rb"(<c:lang [^>]*/>)", rb"\1" + _OFF % b"roundedCorners"),
    (rb"(</c:tx>|</c:legendPos>|<c:legendPos [^>]*/>)<c:layout/>", rb"\1<c:layout/>" + _OFF % b"overlay"),
    (rb"(</c:title>)", rb"\1" + _OFF % b"autoTitleDeleted"),
    (rb"(<c:grouping [^>]*/>)", rb"\1" + _OFF % b"varyColors"),
    (
        rb'<c:showVal val="1"/>',
        _OFF % b"showLegendKey" + rb"\g<0>" + b"".join(
            _OFF % name for name in (b"showCatName", b"showSerName", b"showPercent", b"showBubbleSize")
        ),
    ),
    (rb"(</c:scaling>)(?!<c:delete)", rb"\1" + _OFF % b"delete"),
    (rb'(<a:latin (typeface="[^"]*")/>)', rb"\1<a:ea \2/>"),  # Chinese text heeds this alone
)  # fmt: skip
"""What is not said in a chart of a workbook, and what other programs than Excel would take as said in a document."""
_PRINTING = b"<c:printSettings>"
_LATIN = f'<a:latin typeface="{_FONT}"/>'.encode()
_CHART_FILE = "xl/charts/chart1.xml"


class EmbeddedChart(NamedTuple):
    """A chart of a document: its part, which names the workbook ``rId1``, and the workbook with its numbers."""

    part: bytes
    workbook: bytes
    title: str
    height_cm: float


def charted_rows(table: ReportTable, rows: Sequence[RowValues | ReportSection]) -> list[RowValues]:
    """The rows that the table's chart draws; none where it has no chart, or a single row, which needs none."""
    if table.chart is None or table.sections:
        return []
    charted = [row for row in rows[:MAX_CHARTED_ROWS] if not isinstance(row, ReportSection)]
    return charted if len(charted) > 1 else []


def draw_chart(
    workbook: Workbook,
    sheet: str,
    first: int,
    table: ReportTable,
    chart: Chart,
    rows: Sequence[RowValues],
    *,
    longer: bool,
) -> DrawnChart:
    """A chart of these rows of a table, which begin in row ``first`` of a sheet. ``longer``: the table has more."""
    drawn = workbook.add_chart({"type": chart.kind})
    last = first + len(rows) - 1
    for number, place in enumerate(chart.values):
        colour = {"color": f"#{_COLOURS[number % len(_COLOURS)]}"}
        series: dict[str, object] = {
            "name": table.columns[place].heading,
            "categories": [sheet, first, chart.labels, last, chart.labels],
            "values": [sheet, first, place, last, place],
            "categories_data": [row[chart.labels] for row in rows],  # else viewers that compute nothing show no chart
            "values_data": [row[place] or 0 for row in rows],
        }
        if chart.kind == "line":
            series["line"] = {**colour, "width": 2.25}
            series["marker"] = {"type": _MARKERS[number % len(_MARKERS)], "size": 6, "fill": colour, "border": colour}
        else:
            series["fill"] = series["border"] = colour
            series["gap"] = 60
            series["data_labels"] = {"value": True, "font": {"size": 9}}
        drawn.add_series(series)
    _shape(drawn, chart, table.title + (_(" (the first {n})").format(n=len(rows)) if longer else ""))
    return drawn


def _shape(drawn: DrawnChart, chart: Chart, title: str) -> None:
    small = {"name": _FONT, "size": 9}
    drawn.set_title({"name": title, "name_font": {"name": _FONT, "size": 12, "bold": False}})
    drawn.set_legend({"position": "bottom", "font": small})
    is_line = chart.kind == "line"
    labels = {"num_font": small, "major_gridlines": {"visible": False}}
    grid = {"visible": is_line, "line": {"color": "#D0D0D0"}}
    values = {"num_font": small, "num_format": "0", "major_gridlines": grid, "visible": is_line}
    if chart.kind == "bar":  # the labels stand on its upright axis, the first row above
        drawn.set_x_axis(values)
        drawn.set_y_axis({**labels, "reverse": True})
    else:
        drawn.set_x_axis(labels)
        drawn.set_y_axis(values)


def height_in_rows(chart: Chart, rows: int) -> int:
    """The height of a chart in lines of text: that of lying bars grows with their number."""
    return 6 + round(1.2 * rows) if chart.kind == "bar" else 11


def embedded_chart(table: ReportTable, rows: Sequence[RowValues | ReportSection]) -> EmbeddedChart | None:
    """The chart of a document's table, or None where there is nothing to draw."""
    charted = charted_rows(table, rows)
    if not charted or table.chart is None:
        return None
    from xlsxwriter import Workbook  # noqa: PLC0415 - few documents have charts

    file = BytesIO()
    with Workbook(file, {"in_memory": True}) as workbook:
        sheet = workbook.add_worksheet()
        for place, column in enumerate(table.columns):
            sheet.write_string(0, place, column.heading)
        for at, row in enumerate(charted, 1):
            for place, value in enumerate(row):
                if isinstance(value, str):
                    sheet.write_string(at, place, value)
                elif value is not None:
                    sheet.write_number(at, place, value)
        drawn = draw_chart(workbook, sheet.get_name(), 1, table, table.chart, charted, longer=len(rows) > len(charted))
        sheet.insert_chart(len(charted) + 2, 0, drawn)
    with zipfile.ZipFile(file) as package:
        part = package.read(_CHART_FILE)
    before, printing, _after = part.partition(_PRINTING)  # a document's chart has no page of its own
    if not printing:
        before = part.removesuffix(b"</c:chartSpace>")
    if table.chart.kind == "line":
        before = before.replace(b"</c:val></c:ser>", b"</c:val>" + _OFF % b"smooth" + b"</c:ser>")
    for found, outright in _OUTRIGHT:
        before = re.sub(found, outright, before)
    part = before + b'<c:externalData r:id="rId1"><c:autoUpdate val="0"/></c:externalData></c:chartSpace>'
    return EmbeddedChart(part, file.getvalue(), table.title, _LINE_CM * height_in_rows(table.chart, len(charted)))
