"""Each format's own quirks: encodings and delimiters, wrapped text, merged cells, sheets, tracked changes."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import docx
import pytest
from openpyxl import Workbook

from store.importing import csv, read_table, text, xlsx
from store.importing import docx as word
from store.importing.table import ResponsibilityTable, parse_table
from tests.store.importing.samples import (
    BUTLER,
    CONTACT,
    HEAD,
    LEADER,
    PUBLISHED,
    WRITERS,
    codes,
    part_of,
    project,
    repacked,
    said,
    saved,
    to_csv,
    to_docx,
    to_text,
    to_xlsx,
)

ROWS = [["一、计划续建项目（2项）"], HEAD, project(1, "北山\n电厂项目"), project(2, "南山水厂")]
TABLE = [HEAD, ["一、计划续建项目（2项）"], project(1, "北山\n电厂项目"), project(2, "南山水厂")]
EXPECTED = said(parse_table(csv.read(to_csv(TABLE))))


def names(table: ResponsibilityTable) -> list[str]:
    """The projects' names, in order."""
    return [row.name for part in table.sections for row in part.rows]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "gbk"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_csv_in_any_encoding_with_any_delimiter(encoding: str, delimiter: str) -> None:
    """What a spreadsheet program of any country and setting saves is read alike."""
    assert said(parse_table(csv.read(to_csv(TABLE, encoding, delimiter)))) == EXPECTED


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r", "\v"])
def test_text_in_any_encoding_with_any_line_end(encoding: str, line_end: str) -> None:
    """The published text reads the same however it was saved again; Word's text export wraps with vertical tabs."""
    published = PUBLISHED["txt"].read_text("utf-8").replace("\n", line_end).encode(encoding)
    assert said(parse_table(text.read(published))) == said(read_table(PUBLISHED["txt"]))


def test_csv_text_guards_are_taken_off() -> None:
    """A phone kept as text with =\"…\" or an apostrophe is the phone; a real formula is not."""
    rows = project(1, "北山", contact="丙志远")
    raw = to_csv([[*HEAD, "联系电话"], [*rows, "'+8619900000003"]]).decode("gb18030")
    guarded = parse_table(csv.read(raw.encode()))
    assert guarded.sections[0].rows[0].people[-1].phone == "19900000003"
    literal = parse_table(csv.read(raw.replace("'+8619900000003", '="0418-0000001"').encode()))
    assert literal.sections[0].rows[0].people[-1].phone == "0418-0000001"


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("rows", [TABLE, ROWS], ids=["section under headings", "section over headings"])
def test_every_writer_gives_the_same_table(name: str, rows: list[list[str]]) -> None:
    """A section's line may stand before or after the headings, in every format."""
    table = read_bytes(name, WRITERS[name](rows))
    assert said(table) == EXPECTED


def read_bytes(name: str, data: bytes) -> ResponsibilityTable:
    """A table from bytes in one format."""
    readers = {"txt": text.read, "csv": csv.read, "xlsx": xlsx.read, "docx": word.read}
    return parse_table(readers[name](data))


def test_a_blank_line_inside_a_cell_does_not_end_the_row() -> None:
    """Published text has blank lines between rows, and here and there inside a cell."""
    broken = to_text(TABLE).decode().replace("甲建国\n1990", "甲建国\n\n1990", 1).replace("\t丙志远", "\n\n\t丙志远", 1)
    assert said(read_bytes("txt", broken.encode())) == EXPECTED


def test_blank_lines_between_rows_are_not_needed() -> None:
    """With as many cells as headings a row is full."""
    assert said(read_bytes("txt", to_text(TABLE).replace(b"\n\n", b"\n"))) == EXPECTED


def test_an_empty_cell_keeps_its_place() -> None:
    """A row without a butler does not take the contact for one."""
    rows = [HEAD, project(1, "北山", butler=""), project(2, "南山", contact="")]
    for name, write in WRITERS.items():
        table = read_bytes(name, write(rows))
        assert [[person.role for person in row.people] for row in table.sections[0].rows] == [
            ["lead_leader", "enterprise_contact"],
            ["lead_leader", "butler"],
        ], name
        assert {"missing_butler", "missing_enterprise_contact"} <= set(codes(table))


def test_text_copied_out_of_a_document_has_tabs_between_cells() -> None:
    """Cells wrap there too, and a row starts with its number."""
    lines = ["\t".join(HEAD), "一、计划续建项目（2项）"]
    lines += ["\t".join(row) for row in (project(1, "北山\n电厂项目"), project(2, "南山水厂"))]
    assert said(read_bytes("txt", ("\n".join(lines) + "\n").encode())) == EXPECTED


def test_text_with_quoted_cells_is_read_as_csv() -> None:
    """What is pasted from a spreadsheet has quotes around wrapped cells."""
    assert said(read_bytes("txt", to_csv(TABLE, "utf-8", "\t"))) == EXPECTED


def test_cells_merged_over_rows_count_for_each_row() -> None:
    """A leader's cell that spans two projects leads both, in Excel and in Word."""
    rows = [HEAD, project(1, "北山"), project(2, "南山", leader="")]
    workbook = Workbook()
    sheet = workbook.active
    for cells in rows:
        sheet.append(cells)
    sheet.merge_cells("C2:C3")
    document = docx.Document(BytesIO(to_docx(rows)))
    table = document.tables[0]
    table.cell(1, 2).merge(table.cell(2, 2))
    out = BytesIO()
    document.save(out)
    expected = said(read_bytes("csv", to_csv([HEAD, project(1, "北山"), project(2, "南山")])))
    assert said(read_bytes("xlsx", saved(workbook))) == expected
    assert said(read_bytes("docx", out.getvalue())) == expected


def test_a_project_merged_over_rows_is_one_project() -> None:
    """Two butlers on two lines of one project's merged cell serve the same project."""
    workbook = Workbook()
    sheet = workbook.active
    for cells in (HEAD, project(1, "北山"), ["", "", "", "丁红梅19900000004", ""]):
        sheet.append(cells)
    for column in "ABCE":
        sheet.merge_cells(f"{column}2:{column}3")
    (row,) = read_bytes("xlsx", saved(workbook)).sections[0].rows
    assert [person.name for person in row.people if person.role == "butler"] == ["乙卫东", "丁红梅"]
    assert [person.name for person in row.people if person.role == "lead_leader"] == ["甲建国"]


def test_sheets_add_up_and_hidden_ones_do_not() -> None:
    """A table may go on over sheets, with headings of its own or without; what is hidden was not meant."""
    workbook = Workbook()
    sheets = [workbook.active, *(workbook.create_sheet() for _ in range(4))]
    other = [*HEAD, "备注"], [*project(3, "东山"), "略"]
    written = ([HEAD, project(1, "北山")], [["1", "随记"]], [project(2, "南山")], other, [HEAD, project(4, "西山")])
    for sheet, cells in zip(sheets, written, strict=True):
        for line in cells:
            sheet.append(line)
    sheets[-1].sheet_state = "hidden"
    assert names(read_bytes("xlsx", saved(workbook))) == ["北山", "南山", "东山"]


def test_rows_of_a_sheet_without_headings_are_not_lost_in_silence() -> None:
    """A sheet of another shape is not read as the table, and its rows are told."""
    workbook = Workbook()
    for row in (HEAD, project(1, "北山")):
        workbook.active.append(row)
    workbook.create_sheet().append(project(2, "南山")[:4])
    table = read_bytes("xlsx", saved(workbook))
    assert names(table) == ["北山"]
    assert "ignored_row" in codes(table)


def test_numbers_are_read_as_people_see_them() -> None:
    """A phone kept as a number has no exponent, a row's number no decimals."""
    workbook = Workbook()
    workbook.active.append([*HEAD, "联系电话"])
    workbook.active.append([1.0, "北山", LEADER, BUTLER, "丙志远", 19900000003])
    (row,) = read_bytes("xlsx", saved(workbook)).sections[0].rows
    assert (row.number, row.people[-1].phone) == (1, "19900000003")


def test_escaped_controls_of_excel_are_stripped() -> None:
    """Excel writes a carriage return as _x000D_; it is no part of a name."""
    table = read_bytes("xlsx", to_xlsx([HEAD, project(1, "北山_x000D_\n电厂_x001B_[31m")]))
    assert names(table) == ["北山电厂[31m"]
    assert "control_characters" in codes(table)


def test_a_stray_cell_far_away_does_no_harm() -> None:
    """Somebody typed into the last row once, and formatted a thousand columns."""
    workbook = Workbook()
    workbook.active.append(HEAD)
    workbook.active.append(project(1, "北山"))
    workbook.active.cell(1_048_576, 1).value = "x"
    workbook.active.cell(3, 1_000).number_format = "0.00"
    assert names(read_bytes("xlsx", saved(workbook))) == ["北山"]


def test_a_table_split_over_pages_repeats_its_headings() -> None:
    """Two Word tables with the same headings are one; a title between them opens a section."""
    document = docx.Document()
    document.add_paragraph("新邱区2019年项目管家责任分劈表")
    for title, row in (
        ("一、计划续建项目（1项）", project(1, "北山")),
        ("二、计划新建项目（1项）", project(1, "南山")),
    ):
        document.add_paragraph(title)
        table = document.add_table(0, 5)
        for cells in (HEAD, row):
            for cell, value in zip(table.add_row().cells, cells, strict=True):
                cell.text = value
    document.add_paragraph("三、工作要求")
    document.add_paragraph("各单位要高度重视。")
    out = BytesIO()
    document.save(out)
    table_read = read_bytes("docx", out.getvalue())
    assert [(part.category, part.project_count) for part in table_read.sections] == [("continuing", 1), ("new", 1)]
    assert (table_read.year, table_read.warnings) == (2019, ())


def test_tracked_insertions_are_read_and_deletions_are_not() -> None:
    """What a reader of the document sees is what is imported."""
    data = to_docx([HEAD, project(1, "北山电厂")])
    tracked = part_of(data, "word/document.xml").replace(
        "<w:r><w:t>北山电厂</w:t></w:r>",
        '<w:ins w:id="1" w:author="x"><w:r><w:t>北山</w:t></w:r></w:ins>'
        '<w:del w:id="2" w:author="x"><w:r><w:delText>南山</w:delText></w:r></w:del>'
        '<w:moveFrom w:id="3" w:author="x"><w:r><w:t>西山</w:t></w:r></w:moveFrom>'
        "<w:sdt><w:sdtContent><w:r><w:t>水</w:t></w:r></w:sdtContent></w:sdt><w:r><w:t>厂</w:t></w:r>",
    )
    assert "w:ins" in tracked
    assert names(read_bytes("docx", repacked(data, {"word/document.xml": tracked.encode()}))) == ["北山水厂"]


def test_rows_and_cells_in_content_controls_are_read() -> None:
    """Word wraps repeating rows in a content control."""
    data = to_docx([HEAD, project(1, "北山"), project(2, "南山")])
    xml = part_of(data, "word/document.xml")
    start = xml.rindex("<w:tr>")
    end = xml.rindex("</w:tr>") + len("</w:tr>")
    wrapped = f"{xml[:start]}<w:sdt><w:sdtContent>{xml[start:end]}</w:sdtContent></w:sdt>{xml[end:]}"
    assert names(read_bytes("docx", repacked(data, {"word/document.xml": wrapped.encode()}))) == ["北山", "南山"]


def test_places_are_those_a_person_sees(tmp_path: Path) -> None:
    """A warning's row is the sheet's row, the Word table's row or the text's line."""
    rows = [HEAD, project(1, "北山"), project(2, "南山", contact="巳芒种")]
    found = {}
    for name, write in WRITERS.items():
        path = tmp_path / f"table.{name}"
        path.write_bytes(write(rows))
        (found[name],) = (w.row for w in read_table(path).warnings if w.code == "missing_phone")
    assert found == {"txt": len(HEAD) + 1 + 9, "csv": 3, "xlsx": 3, "docx": 3}


def test_contact_of_the_sample_has_a_phone() -> None:
    """The samples of these tests have all they should have, so that their warnings mean something."""
    assert CONTACT.endswith("19900000003")
    assert [code for name, write in WRITERS.items() for code in codes(read_bytes(name, write(TABLE)))] == []
