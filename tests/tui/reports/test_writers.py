"""The writers: every format has the same values, sanitized and streamed, and is written whole or not at all."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.opc.constants import CONTENT_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from docx.shared import Cm
from openpyxl import load_workbook

from store.importing.csv import read as read_csv
from store.values.text import FORBIDDEN
from tests.tui.reports.opening import FORMATS, of, sheets, write_report, written
from tui.reports import personal_file, xlsx
from tui.reports.exceptions import ReportNotWritten, UnknownReportFormat
from tui.reports.report import PROGRAM, Chart, Report, ReportColumn, ReportSection, ReportTable, RowStream, RowValues

COLUMNS = (
    ReportColumn("text", "Words"),
    ReportColumn("day", "Day", "day"),
    ReportColumn("at", "When", "moment"),
    ReportColumn("n", "N", "number"),
)
ROW: RowValues = ("临时用水", "2026-03-05", "2026-03-05T14:30+08:00", 7)
ZIPPED = ("xlsx", "docx")
FORMULAS = (
    "=1+1",
    "+86 19900000001",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "  =1",
    "＝1+1",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("x")',
)
HOSTILE = (
    "a\x1b[31mb\x00\x07",
    "\u202eright",
    "｜|`*_[x](y)<b>&",
    "x\nline\ny",
    "_x000D_",
    "\ufffe\uffff!",
    "]]>",
    '"q",;',
)


@pytest.mark.parametrize("kind", FORMATS)
def test_what_goes_in_comes_out(kind: str, tmp_path: Path) -> None:
    """Texts, days, moments and numbers read the same in every format, under their headings."""
    cells = written(of(COLUMNS, [ROW]), tmp_path, kind)
    assert ["Words", "Day", "When", "N"] in cells
    assert cells[-1] == ["临时用水", "2026-03-05", "2026-03-05 14:30", "7"]


@pytest.mark.parametrize("kind", FORMATS)
def test_a_report_without_rows_has_its_headings(kind: str, tmp_path: Path) -> None:
    """An empty ledger gives a report that opens, with a head and nothing under it."""
    assert written(of(COLUMNS, []), tmp_path, kind)[-1] == ["Words", "Day", "When", "N"]


@pytest.mark.parametrize("kind", FORMATS)
def test_nothing_is_written_for_what_is_not_known(kind: str, tmp_path: Path) -> None:
    """A value that is None leaves its cell empty."""
    assert written(of(COLUMNS, [("x", None, None, None)]), tmp_path, kind)[-1] == ["x", "", "", ""]


def test_a_workbook_has_real_dates_and_prints_well(tmp_path: Path) -> None:
    """Dates are dates, the head is frozen, filtered and printed on each page; A4, as wide as the page."""
    path = tmp_path / "out.xlsx"
    write_report(of((ReportColumn("w", "Words", width=120), *COLUMNS[1:]), [ROW] * 3), path)
    sheet = load_workbook(path).active
    assert (sheet["B4"].value, sheet["C4"].value, sheet["D4"].value) == (
        datetime(2026, 3, 5), datetime(2026, 3, 5, 14, 30), 7,
    )  # fmt: skip
    assert (sheet.freeze_panes, sheet.auto_filter.ref, sheet.print_title_rows) == ("A4", "A3:D6", "$1:$3")
    assert sheet.print_area == "'Table'!$A$1:$D$6"
    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "landscape")
    assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (1, 0)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.oddFooter.center.text.endswith("Page &P of &N")


def test_a_date_that_is_none_stays_text(tmp_path: Path) -> None:
    """What a sheet cannot hold as a date (a month, a year before 1900) is written as it stands."""
    rows: list[RowValues] = [("x", "1815-06-18", "soon", None)]
    assert written(of(COLUMNS, rows), tmp_path, "xlsx")[-1] == ["x", "1815-06-18", "soon", ""]


def test_a_document_is_laid_out_as_offices_print(tmp_path: Path) -> None:
    """A4, fonts named for Chinese and Latin letters, page numbers as fields, a head repeated on every page."""
    path = tmp_path / "out.docx"
    write_report(of((ReportColumn("w", "Words", width=120), *COLUMNS[1:]), [ROW]), path)
    document = docx.Document(str(path))
    section = document.sections[0]
    assert (round((section.page_width or Cm(0)).cm, 1), round((section.page_height or Cm(0)).cm, 1)) == (29.7, 21.0)
    fields = [node.text for node in section.footer._element.iter(qn("w:instrText"))]
    assert fields == ["PAGE", "NUMPAGES"]
    assert section.footer.paragraphs[0].text == "Page  of "
    for style, font in (("TableCell", "仿宋"), ("TableHead", "黑体"), ("Title", "方正小标宋简体")):
        fonts = document.styles[style].element.rPr.rFonts
        assert (fonts.get(qn("w:eastAsia")), fonts.get(qn("w:ascii"))) == (font, "Times New Roman")
    head, row = document.tables[0].rows
    assert head._tr.trPr.find(qn("w:tblHeader")) is not None
    assert row._tr.trPr.find(qn("w:tblHeader")) is None
    assert "FangSong" in zipfile.ZipFile(path).read("word/fontTable.xml").decode()


@pytest.mark.parametrize("text", FORMULAS)
def test_no_workbook_computes_what_people_typed(text: str, tmp_path: Path) -> None:
    """Whatever a text begins with, a workbook holds it as text."""
    path = tmp_path / "out.xlsx"
    write_report(of((ReportColumn("w", text),), [(text,), (ReportSection(text).title,)], note=text), path)
    cells = [cell for row in load_workbook(path).active.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr"}
    assert "<f>" not in zipfile.ZipFile(path).read("xl/worksheets/sheet1.xml").decode()
    assert cells[-1].value == text


@pytest.mark.parametrize("text", FORMULAS)
def test_no_csv_computes_what_people_typed(text: str, tmp_path: Path) -> None:
    """What a spreadsheet program might compute has a quote before it, which our own import removes."""
    path = tmp_path / "out.csv"
    columns = (ReportColumn("name", "项目名称"), ReportColumn("leader", "包保领导"), ReportColumn("phone", "联系电话"))
    write_report(of(columns, [(text, text, "+86 19900000001")]), path)
    last = path.read_bytes().decode("utf-8-sig").splitlines()[-1]
    assert last.startswith(("'", "\"'"))
    assert [cell.text for cell in read_csv(path.read_bytes()).rows[-1].cells] == [text, text, "+86 19900000001"]


def test_negative_numbers_are_numbers(tmp_path: Path) -> None:
    """A number below zero is no formula: it stays a number in a .csv."""
    assert written(of((ReportColumn("n", "N", "number"),), [(-5,)]), tmp_path, "csv")[-1] == ["-5"]


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_only_text(kind: str, text: str, tmp_path: Path) -> None:
    """Control characters are gone; what is markup somewhere is text; the row stays one row of two cells."""
    columns = (ReportColumn("a", "A"), ReportColumn("b", "B"))
    cells = written(of(columns, [(text, "end")]), tmp_path, kind)
    assert cells[-1][-1] == "end"
    assert len(cells[-1]) == 2
    assert not FORBIDDEN.search(cells[-1][0])
    if kind != "md":
        assert cells[-1][0] == FORBIDDEN.sub("", text).replace("\ufffe", "").replace("\uffff", "")


@pytest.mark.parametrize("kind", FORMATS)
def test_no_text_of_a_report_carries_control_characters(kind: str, tmp_path: Path) -> None:
    """Titles, notes, headings, sections, the foot of the page and the file's properties are as clean as the cells,
    whatever a project or a district is called."""
    bad = "".join(HOSTILE[:2]) + "\x9b2J\u2066"
    rows = [ReportSection(bad), (bad, 1)]
    columns = (ReportColumn("a", bad), ReportColumn("n", bad, "number"))
    tables = tuple(ReportTable(bad, columns, rows, note=bad, sections=True) for _ in range(2))
    path = tmp_path / f"out.{kind}"
    write_report(Report("toy", bad, tables, 1, f"{bad} {{page}}", bad), path)
    parts = [path.read_bytes()]
    if kind in ZIPPED:
        with zipfile.ZipFile(path) as package:
            parts = [package.read(name) for name in package.namelist() if name.endswith((".xml", ".rels"))]
    for part in parts:
        text = part.decode("utf-8", "replace").removeprefix("\ufeff").replace("\r", "")
        assert not FORBIDDEN.search(text), FORBIDDEN.search(text)


def test_markdown_is_escaped(tmp_path: Path) -> None:
    """What people typed draws no link, no image and no HTML."""
    write_report(of((ReportColumn("a", "A"),), [("![x](http://y) <script> | `a`",)]), tmp_path / "out.md")
    assert (tmp_path / "out.md").read_text("utf-8").endswith("| \\!\\[x\\](http://y) \\<script\\> \\| \\`a\\` |\n")


def test_a_text_longer_than_a_cell_is_cut_and_says_so(tmp_path: Path) -> None:
    """A workbook's cell ends at 32,767 characters; what is longer ends in dots, and the file still opens."""
    text = max(
        (row[0] for row in written(of((ReportColumn("a", "A"),), [("长" * 40_000,)]), tmp_path, "xlsx")), key=len
    )
    assert (len(text), text[-1]) == (xlsx.MAX_CELL_TEXT, "…")


# Sections, sheets, charts


@pytest.mark.parametrize("kind", FORMATS)
def test_sections_part_a_table(kind: str, tmp_path: Path) -> None:
    """A section's title stands before its rows, over the table's width; in JSON it is said with each row."""
    rows: list[RowValues | ReportSection] = [ReportSection("One"), ("a", "b"), ReportSection("Two"), ("c", "d")]
    cells = written(of((ReportColumn("x", "X"), ReportColumn("y", "Y")), rows, sections=True), tmp_path, kind)[-4:]
    if kind == "json":
        assert cells[-2:] == [["One", "a", "b"], ["Two", "c", "d"]]
        return
    assert [cells[0][0].strip("*"), cells[1], cells[2][0].strip("*"), cells[3]] == [
        "One",
        ["a", "b"],
        "Two",
        ["c", "d"],
    ]


def test_each_table_has_a_sheet_of_its_own_name(tmp_path: Path) -> None:
    """Names that a sheet cannot have, or that another has, are changed; a table may stand below another."""
    titles = ("a/b[c]:*?", "a/b[c]:*?", "History", "长" * 40, "")
    tables = [ReportTable(title, (ReportColumn("x", "X"),), [(title or "none",)]) for title in titles]
    tables.append(
        ReportTable("Below", (ReportColumn("x", "X"), ReportColumn("y", "Y")), [("below", "b")], starts="below")
    )
    path = tmp_path / "out.xlsx"
    write_report(Report("toy", "Toy", tuple(tables), 0, ""), path)
    found = sheets(path)
    assert len(found) == 5
    assert all(len(name) <= 31 for name in found)
    assert list(found.values())[-1][-1] == ("below", "b")


def test_a_long_table_goes_on_with_another_sheet(tmp_path: Path) -> None:
    """Rows that a sheet has no room for are on the next one, under the same headings: none is lost."""
    path = tmp_path / "out.xlsx"
    report = of((ReportColumn("n", "N", "number"),), [(n,) for n in range(30)])
    xlsx.write(report, path, RowStream(lambda: None), max_sheet_rows=10)
    found = sheets(path)
    assert len(found) == 4
    assert [row[0] for rows in found.values() for row in rows if isinstance(row[0], int)] == list(range(30))
    assert all(("N",) in rows for rows in found.values())


_CHARTED = (ReportColumn("a", "A"), ReportColumn("n", "N", "number"))


def test_a_chart_is_drawn_of_a_short_table(tmp_path: Path) -> None:
    """A workbook has a chart of the cells, a document one with its numbers in it, a text bars of characters."""
    report = of(_CHARTED, [("x", 4), ("y", 1), ("z", 0)], chart=Chart("bar", 0, (1,)))
    assert written(report, tmp_path, "md")[-3:] == [["x", "4", "█" * 8], ["y", "1", "██"], ["z", "0", ""]]
    assert written(report, tmp_path, "docx")[-3:] == [["x", "4"], ["y", "1"], ["z", "0"]]
    write_report(report, tmp_path / "out.xlsx")
    chart = zipfile.ZipFile(tmp_path / "out.xlsx").read("xl/charts/chart1.xml").decode()
    assert "Table!$B$4:$B$6" in chart
    assert drawn_values(chart) == ["x", "y", "z", "4", "1", "0"]


def drawn_values(chart: str) -> list[str]:
    """What a chart has of its own, for programs that compute nothing."""
    return re.findall(r'<c:pt idx="\d+"><c:v>([^<]*)</c:v>', chart)


@pytest.mark.parametrize("kind", ["bar", "column", "line"])
def test_a_chart_in_a_document_is_a_chart(kind: Any, tmp_path: Path) -> None:
    """The document shows a chart part with the table's numbers, whose workbook office programs open to edit it."""
    write_report(of(_CHARTED, [("x", 4), ("y", None)], chart=Chart(kind, 0, (1,))), tmp_path / "out.docx")
    document = docx.Document(str(tmp_path / "out.docx"))
    (shown,) = document.element.iter("{http://schemas.openxmlformats.org/drawingml/2006/chart}chart")
    part = document.part.related_parts[next(iter(shown.attrib.values()))]
    assert part.content_type == CONTENT_TYPE.DML_CHART
    (editable,) = parse_xml(part.blob).iter("{*}externalData")
    assert drawn_values(part.blob.decode()) == ["x", "y", "4", "0"]
    workbook = part.related_parts[next(iter(editable.attrib.values()))]
    book = load_workbook(BytesIO(workbook.blob))
    assert list(book.worksheets[0].iter_rows(max_row=3, values_only=True)) == [("A", "N"), ("x", 4), ("y", None)]


@pytest.mark.parametrize("kind", ["docx", "xlsx"])
def test_a_chart_says_when_it_draws_no_more_than_the_first_rows(kind: str, tmp_path: Path) -> None:
    """A single row needs no chart; of a long table the first rows are drawn, and the title says so."""
    for rows, drawn in ((1, None), (20, 20), (21, 20)):
        report = of(_CHARTED, [(f"r{n}", n) for n in range(rows)], chart=Chart("bar", 0, (1,)))
        written(report, tmp_path, kind)
        package = zipfile.ZipFile(tmp_path / f"out.{kind}")
        charts = [
            package.read(name).decode() for name in package.namelist() if "/charts/chart" in name and "rels" not in name
        ]
        assert [len(drawn_values(chart)) // 2 for chart in charts] == ([drawn] if drawn else [])
        assert ["the first 20" in chart for chart in charts] == ([rows > 20] if drawn else [])


def test_a_narrow_table_is_printed_in_blocks_side_by_side(tmp_path: Path) -> None:
    """The first block has the first rows, and nothing is lost where the last one is shorter."""
    report = of(_CHARTED, [("x", 4), ("y", 1), ("z", 0)], abreast=2)
    assert written(report, tmp_path, "docx") == [["A", "N", "A", "N"], ["x", "4", "z", "0"], ["y", "1", "", ""]]
    assert written(report, tmp_path, "csv")[-4:] == [["A", "N"], ["x", "4"], ["y", "1"], ["z", "0"]]


# Streaming


class Counted(tuple[str, ...]):
    """A row that knows how many rows are alive."""

    alive = most = 0

    def __new__(cls, *values: str) -> Counted:
        """One more."""
        Counted.alive += 1
        Counted.most = max(Counted.most, Counted.alive)
        return super().__new__(cls, values)

    def __del__(self) -> None:
        Counted.alive -= 1


@pytest.mark.parametrize("kind", FORMATS)
def test_a_long_report_never_holds_many_rows(kind: str, tmp_path: Path) -> None:
    """Of 5,000 rows at most three are alive at any time, whatever the format: the writer keeps none."""

    def rows() -> Iterator[RowValues]:
        return (Counted(str(n), "x" * 50) for n in range(5_000))

    Counted.alive = Counted.most = 0
    ticks: list[int] = []
    report = of((ReportColumn("n", "N"), ReportColumn("x", "X")), rows())
    assert write_report(report, tmp_path / f"out.{kind}", lambda: ticks.append(1)) == 5_000
    assert len(ticks) == 5_000
    assert Counted.most <= 3


# Whole or not at all


def test_an_unknown_ending_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    """A name that ends in nothing known raises; no row is drawn and no file appears."""
    drawn: list[int] = []

    def rows() -> Iterator[RowValues]:
        drawn.append(1)
        yield (1,)

    for name in ("out.pdf", "out", "out.xls", ".docx"):
        with pytest.raises(UnknownReportFormat, match=r"\.xlsx, \.docx, \.csv, \.json or \.md"):
            write_report(of((ReportColumn("n", "N", "number"),), rows()), tmp_path / name)
    assert (drawn, list(tmp_path.iterdir())) == ([], [])


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_an_interrupted_report_leaves_nothing_half_written(
    kind: str, error: type[BaseException], tmp_path: Path
) -> None:
    """When it breaks off in the middle, the older report of that name is as it was, and no other file is left."""

    def rows() -> Iterator[RowValues]:
        yield ("first",)
        raise error

    path = tmp_path / f"out.{kind}"
    path.write_text("older")
    with pytest.raises(error):
        write_report(of((ReportColumn("x", "X"),), rows()), path, overwrite=True)
    assert path.read_text() == "older"
    assert list(tmp_path.iterdir()) == [path]


def test_what_the_system_refuses_is_told(tmp_path: Path) -> None:
    """A folder that is not there, or a folder in the file's place, is said in words, and nothing is left behind."""
    report = of(COLUMNS, [ROW])
    with pytest.raises(ReportNotWritten, match="it is not there"):
        write_report(report, tmp_path / "nowhere" / "out.csv")
    (tmp_path / "taken.csv").mkdir()
    with pytest.raises(ReportNotWritten, match="folder"):
        write_report(report, tmp_path / "taken.csv", overwrite=True)
    assert [path.name for path in tmp_path.iterdir()] == ["taken.csv"]


@pytest.mark.parametrize(
    ("text", "width", "lines"), [("abc", 3, 1), ("abcd", 3, 2), ("中文", 4, 1), ("中文字", 4, 2), ("a\nb", 9, 2)]
)
def test_a_row_is_as_tall_as_its_text(text: str, width: int, lines: int) -> None:
    """A Chinese character is two wide; each line counts."""
    assert xlsx.wrapped_line_count(text, width) == lines


@pytest.mark.soak(turns=4)
@pytest.mark.parametrize("length", [300, 461, 900, 5_000])
@pytest.mark.parametrize("place", [0, 2_500])
def test_a_long_text_is_seen_whole_in_a_workbook(length: int, place: int, tmp_path: Path) -> None:
    """However long a text is, its rows are as tall as it needs, also where no column got wider for it."""
    rows: list[RowValues] = [*[("短", 1)] * place, ("长" * length, 2), ("后", 3)]
    columns = (ReportColumn("a", "A", width=34), ReportColumn("n", "N", "number"))
    path = tmp_path / "out.xlsx"
    write_report(of(columns, rows), path)
    sheet = load_workbook(path).active
    (cell,) = [cell for cell in sheet["A"] if str(cell.value).startswith("长")]
    covered = [merged for merged in sheet.merged_cells.ranges if cell.coordinate in merged and cell.row > 1]
    taken = range(cell.row, covered[0].max_row + 1 if covered else cell.row + 1)
    height = sum(sheet.row_dimensions[row].height for row in taken)
    assert cell.value == "长" * length
    assert height >= xlsx.wrapped_line_count(cell.value, int(sheet.column_dimensions["A"].width) - 1) * 15
    assert all(sheet.row_dimensions[row].height <= 409 for row in taken)
    assert [sheet.cell(taken[-1] + 1, n).value for n in (1, 2)] == ["后", 3]


@pytest.mark.parametrize("kind", ZIPPED)
def test_a_file_says_truly_when_and_by_what_it_was_made(kind: str, tmp_path: Path) -> None:
    """Its metadata has today and this program, and neither the machine nor the picture of a template."""
    path = tmp_path / f"out.{kind}"
    write_report(of(COLUMNS, [ROW]), path)
    opened = load_workbook(path).properties if kind == "xlsx" else docx.Document(str(path)).core_properties
    made = opened.created if kind == "xlsx" else docx.Document(str(path)).core_properties.created
    assert abs((datetime.now(UTC).replace(tzinfo=None) - made.replace(tzinfo=None)).total_seconds()) < 3600
    assert PROGRAM in (getattr(opened, "creator", None), getattr(opened, "author", None))
    with zipfile.ZipFile(path) as package:
        assert not [name for name in package.namelist() if "thumbnail" in name]
        assert all(b"Macintosh" not in package.read(name) for name in package.namelist())


def test_a_file_named_after_people_can_be_written_however_long_their_names_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names of 80 characters are cut, title and day are not; a second file of the name gets a number."""
    monkeypatch.setenv("HOME", str(tmp_path))
    names = [character * 80 for character in "甲乙丙丁"]
    for number in ("", " (2)"):
        file = personal_file(".docx", "交接清单", *names, "2026-05-20")
        file.touch()
        assert file.name.startswith("交接清单-甲") and file.name.endswith(f"丁-2026-05-20{number}.docx")
    assert personal_file(".xlsx", "汇总分析", "2026-05-20") == tmp_path / "汇总分析-2026-05-20.xlsx"
