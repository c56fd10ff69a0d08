"""Workbooks as offices save them: any format under any name, odd packages, and what a sheet does not show."""

from __future__ import annotations

import quopri
import re
import struct
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
import xlsxwriter
from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font

from store.importing import html, spreadsheet_xml, workbook, xlsx
from store.importing.cell_source import CellSource
from store.importing.exceptions import DamagedFile, PasswordProtected, TooLarge
from store.importing.files import detect_format
from store.importing.number_spans import column_letters, spans_text
from store.importing.readers import read_cells
from store.importing.xls_strings import rich_strings
from tests.store.importing.samples import DATA, HEAD, WRITERS, part_of, project, repacked, saved, to_xlsb, to_xlsx

ROWS = [HEAD, project(1, "北山"), project(2, "南山")]
GOOD = to_xlsx(ROWS)
SHEET = "xl/worksheets/sheet1.xml"
PAGE = "<html><head><meta charset='{charset}'></head><body><p>责任表</p><table>{rows}</table></body></html>"
BOOK = (
    '<?xml version="1.0" encoding="{charset}"?><?mso-application progid="Excel.Sheet"?>'
    '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
    'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Styles><Style ss:ID="s1"><Font ss:StrikeThrough="1"/>'
    '</Style></Styles><Worksheet ss:Name="台账"><Table>{rows}</Table></Worksheet></Workbook>'
)


def texts(source: CellSource) -> list[list[str]]:
    """The text of the rows of tables."""
    return [[cell.text for cell in row.cells] for row in source.rows if row.number is not None]


def told(source: CellSource) -> dict[str, dict[str, object]]:
    """The values of a reader's warnings, by code."""
    return {warning.code: warning.values for warning in source.warnings}


def to_page(rows: list[list[str]], charset: str = "utf-8") -> bytes:
    """A web page with one table."""
    cells = "".join(
        "<tr>" + "".join(f"<td>{cell}</td>".replace("\n", "<br>") for cell in row) + "</tr>" for row in rows
    )
    return PAGE.format(charset=charset, rows=cells).encode(charset)


def to_book(rows: list[list[str]], charset: str = "utf-8") -> bytes:
    """An “XML spreadsheet 2003” with one sheet."""
    cells = "".join(
        "<Row>" + "".join(f'<Cell><Data ss:Type="String">{cell}</Data></Cell>' for cell in row) + "</Row>"
        for row in rows
    )
    return BOOK.format(charset=charset, rows=cells.replace("\n", "&#10;")).encode(charset)


def to_archive(rows: list[list[str]]) -> bytes:
    """A web page with all its parts in one file."""
    head = "MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n--x\r\n"
    head += 'Content-Transfer-Encoding: quoted-printable\r\nContent-Type: text/html; charset="gb2312"\r\n\r\n'
    return head.encode() + quopri.encodestring(to_page(rows, "gb18030")) + b"\r\n--x--\r\n"


def to_word_xml(rows: list[list[str]]) -> bytes:
    """A document as Word 2003 wrote it in one XML file."""
    cells = "".join(
        "<w:tr>"
        + "".join(f"<w:tc><w:p><w:r><w:t>{cell}</w:t></w:r></w:p></w:tc>" for cell in row).replace(
            "\n", "</w:t><w:br/><w:t>"
        )
        + "</w:tr>"
        for row in rows
    )
    namespace = "http://schemas.microsoft.com/office/word/2003/wordml"
    document = f'<w:wordDocument xmlns:w="{namespace}"><w:body><w:tbl>{cells}</w:tbl></w:body></w:wordDocument>'
    return f'<?xml version="1.0"?>{document}'.encode()


CONTENTS = {
    "archive": to_archive(ROWS),
    "word xml": to_word_xml(ROWS),
    "page of another system": b"<!-- made by OA --><div>" + to_page(ROWS) + b"</div>",
    "page without encoding": to_page(ROWS, "gb18030").replace(b"charset", b"x"),
    "tabs": "\n".join("\t".join(cell.replace("\n", " ") for cell in row) for row in ROWS).encode("gb18030"),
    **{name: write(ROWS) for name, write in WRITERS.items()},
    **{f"page {charset}": to_page(ROWS, charset) for charset in ("utf-8", "gb2312", "utf-16")},
    **{f"book {charset}": to_book(ROWS, charset) for charset in ("utf-8", "gb2312")},
}


@pytest.mark.parametrize("content", CONTENTS)
@pytest.mark.parametrize("name", ["a.xls", "a.XLSX", "a.csv", "a.txt", "a.docx", "a"])
def test_content_decides_the_format(tmp_path: Path, content: str, name: str) -> None:
    """A table is read whatever its file is called: web pages as .xls, workbooks as .csv, documents as .txt."""
    path = tmp_path / name
    path.write_bytes(CONTENTS[content])
    read = texts(read_cells(path))
    assert [[cell.replace(" ", "\n") for cell in row] for row in read] == ROWS


@pytest.mark.parametrize("name", ["workbook.xls", "workbook.ods"])
def test_workbooks_of_other_formats_are_read(tmp_path: Path, name: str) -> None:
    """Excel 97–2003 and WPS (.xls, .et) and OpenDocument are read as what they are, also under a wrong name."""
    path = tmp_path / "table.xlsx"
    path.write_bytes((DATA / name).read_bytes())
    rows = texts(read_cells(path))
    assert rows == [HEAD, ["1", "北山风电项目", "甲建国 19900000001", "乙卫东 19900000002", "丙志远 19900000003"]]


def test_a_binary_workbook_is_read_and_what_it_cannot_tell_is_told(tmp_path: Path) -> None:
    """.xlsb, also under a wrong name: every cell is read, and that hidden rows are not known is a warning."""
    path = tmp_path / "table.xlsx"
    path.write_bytes(to_xlsb(ROWS))
    read = read_cells(path)
    assert texts(read) == ROWS
    assert [warning.code for warning in read.warnings] == ["unknown_marks"]


def test_a_workbook_that_breaks_its_reader_is_refused() -> None:
    """A cut or locked old workbook, or one that claims more cells than memory holds, ends in a sentence."""
    data = (DATA / "workbook.xls").read_bytes()
    with pytest.raises(DamagedFile):
        workbook.read(data[:2000])
    content = part_of((DATA / "workbook.ods").read_bytes(), "content.xml")
    cell = re.search("<table:table-cell[ >]", content)
    assert cell
    far = content.replace(
        cell[0],
        '<table:table-cell office:value-type="string" table:number-columns-repeated="16384"><text:p>x</text:p>'
        "</table:table-cell></table:table-row>"
        '<table:table-row table:number-rows-repeated="1048576"><table:table-cell office:value-type="string" '
        'table:number-columns-repeated="16384"><text:p>x</text:p></table:table-cell>' + cell[0],
        1,
    )
    with pytest.raises((TooLarge, DamagedFile)):
        workbook.read(repacked((DATA / "workbook.ods").read_bytes(), {"content.xml": far.encode()}))


def renamed(change: Callable[[str], str | None], text: Callable[[str], str] = str) -> bytes:
    """The good workbook with other names of parts (None leaves one out) and other XML."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(GOOD)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            if changed := change(name):
                new.writestr(changed, text(old.read(name).decode()))
    return out.getvalue()


STRICT = {
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main": "http://purl.oclc.org/ooxml/spreadsheetml/main",
    "http://schemas.openxmlformats.org/officeDocument/2006/": "http://purl.oclc.org/ooxml/officeDocument/",
}


def strict(text: str) -> str:
    """XML in the strict dialect."""
    for transitional, namespace in STRICT.items():
        text = text.replace(transitional, namespace)
    return text


def prefixed(text: str) -> str:
    """XML of a sheet with a prefix before every element."""
    if "<worksheet" not in text:
        return text
    return re.sub(r"<(/?)(?=[a-zA-Z])", r"<\1x:", text).replace("xmlns=", "xmlns:x=", 1)


ODD = {
    "strict": renamed(str, strict),
    "prefixes": renamed(str, prefixed),
    "no styles": renamed(lambda name: None if "styles" in name else name),
    "no relations of the package": renamed(lambda name: None if name == "_rels/.rels" else name),
    "another name of the workbook": renamed(
        lambda name: name.replace("workbook.xml", "workbook22.xml"),
        lambda text: text.replace("workbook.xml", "workbook22.xml"),
    ),
    "another folder": renamed(lambda name: name.replace("xl/", "excel/"), lambda text: text.replace("xl/", "excel/")),
    "backslashes": renamed(lambda name: name.replace("/", "\\")),
    "other case": renamed(lambda name: name.replace("worksheets", "WorkSheets")),
    "no references": renamed(str, lambda text: re.sub(r'(<(?:c|row)) r="\w+"', r"\1", text)),
    "bloated styles": renamed(str, lambda text: text.replace("</cellXfs>", "<xf/>" * 100_000 + "</cellXfs>")),
}


@pytest.mark.parametrize("oddity", ODD)
def test_odd_packages_are_read(oddity: str) -> None:
    """Workbooks of other programs than Excel: strict dialect, other names, parts and references left out, bloat."""
    assert detect_format(ODD[oddity]) == "xlsx"
    assert texts(xlsx.read(ODD[oddity])) == ROWS


def test_a_formula_counts_as_the_value_that_people_see() -> None:
    """The value that Excel kept is read; an error or a formula never computed is not taken for text."""
    cells = (
        '<row r="9"><c r="A9"><f>A1</f><v>7</v></c><c r="B9" t="str"><f>A1</f><v>西山</v></c>'
        '<c r="C9" t="e"><f>A1</f><v>#REF!</v></c><c r="D9"><f>A1</f></c><c r="E9" t="str"><f>A1</f><v></v></c></row>'
    )
    sheet = part_of(GOOD, SHEET).replace("</sheetData>", f"{cells}</sheetData>")
    row = xlsx.read(repacked(GOOD, {SHEET: sheet.encode()})).rows[-1]
    assert [cell.text for cell in row.cells] == ["7", "西山", "", ""]
    assert [cell.formula for cell in row.cells] == [False, False, True, True]


def test_hidden_rows_columns_and_sheets_are_told() -> None:
    """What a filter or a person hid is read, and said with how much it is; a hidden sheet is not read, and said."""
    book = Workbook()
    for row in [*ROWS, project(3, "东山")]:
        book.active.append(row)
    book.active.title = "台账"
    for number in (3, 4, 900):
        book.active.row_dimensions[number].hidden = True
    book.active.column_dimensions.group("D", "ZZ", hidden=True)
    book.create_sheet("去年").append(["旧"])
    book.create_sheet("空").sheet_state = "hidden"
    book["去年"].sheet_state = "veryHidden"
    source = xlsx.read(saved(book))
    assert [row.hidden for row in source.rows] == [False, False, True, True]
    assert told(source) == {
        "hidden_rows": {"place": "台账", "count": 2, "rows": "3–4"},
        "hidden_columns": {"place": "台账", "count": 2, "columns": "D–E"},
        "hidden_sheet": {"place": "去年"},
    }
    assert source.places == ("台账", "去年", "空")


def test_struck_text_is_not_read_and_told() -> None:
    """Who strikes a row or a name through takes it back: it is not imported, and said."""
    book = Workbook()
    for row in [*ROWS, project(3, "东山")]:
        book.active.append(row)
    for cell in book.active[3]:
        cell.font = Font(strike=True)
    old, new = TextBlock(InlineFont(strike=True), "乙卫东"), TextBlock(InlineFont(strike=False), "丁红梅")
    book.active["D4"] = CellRichText(old, new)
    source = xlsx.read(saved(book))
    assert [(row.number, row.cells[-2].text) for row in source.rows[1:]] == [(2, "乙卫东19900000002"), (4, "丁红梅")]
    assert told(source) == {"struck_text": {"place": "Sheet", "rows": "3–4"}}


def test_pages_are_read_as_they_are_seen() -> None:
    """Spans, line breaks, entities, comments, exact numbers behind rounded ones, struck and hidden parts."""
    page = """<!--[if x]><table><tr><td>no</td></tr></table><![endif]-->
    <style>.xl1 {text-decoration:line-through;}</style>
    <script>if (a<b) "<table>"</script><table><tr><td rowspan=2>一</td>
    <td colspan="2">甲&amp;乙<br/>丙 &#20012;</td></tr>
    <tr style='display:none'><td x:num="19900000003">1.99E+10</td><td><s>旧<b>名</b></s>新</td></tr>
    <tr><td class=xl1>删<td>b > c</td><td>a < d</td></table>"""
    source = read_bytes_as_page(page)
    assert texts(source) == [["一", "甲&乙\n丙 丬", ""], ["一", "19900000003", "新"], ["", "b > c", "a < d"]]
    assert [row.hidden for row in source.rows] == [False, True, False]
    assert source.rows[1].cells[0].merged
    assert {code: values["rows"] for code, values in told(source).items()} == {"hidden_rows": "2", "struck_text": "2–3"}


def read_bytes_as_page(page: str) -> CellSource:
    """The rows of a page."""
    assert detect_format(page.encode()) == "html" or page.startswith("<!--")
    return html.read(page.encode())


def test_an_xml_spreadsheet_tells_what_it_hides() -> None:
    """Indexes, merged cells, numbers, dates, hidden and struck rows of “XML spreadsheet 2003”."""
    rows = (
        '<Column ss:Hidden="1" ss:Index="2"/>'
        '<Row ss:Index="3"><Cell ss:MergeDown="1"><Data ss:Type="String">一</Data></Cell>'
        '<Cell><Data ss:Type="Number">19900000003</Data></Cell></Row>'
        '<Row ss:Hidden="1"><Cell ss:Index="3"><Data ss:Type="DateTime">2026-12-31T00:00:00.000</Data></Cell></Row>'
        '<Row><Cell ss:StyleID="s1"><Data ss:Type="String">旧</Data></Cell></Row>'
        '<Row><Cell ss:Formula="=A1"><Data ss:Type="Error">#REF!</Data></Cell></Row>'
    )
    source = spreadsheet_xml.read(BOOK.format(charset="utf-8", rows=rows).encode())
    assert texts(source) == [["一", "19900000003"], ["一", "", "2026-12-31"], [""]]
    assert [row.number for row in source.rows] == [3, 4, 6]
    assert set(told(source)) == {"hidden_rows", "hidden_columns", "struck_text"}
    with pytest.raises(DamagedFile):
        spreadsheet_xml.read(b'<!DOCTYPE a [<!ENTITY b "ha">]>' + BOOK.format(charset="utf-8", rows="").encode())


def test_a_locked_old_workbook_asks_for_a_copy_without_password(tmp_path: Path) -> None:
    """An encrypted workbook or document, of whichever age and name, is said to be locked."""
    entry = "EncryptedPackage".encode("utf-16-le").ljust(64, b"\0") + b"\x22\0\x02"
    path = tmp_path / "a.doc"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + entry)
    with pytest.raises(PasswordProtected):
        read_cells(path)


def test_an_old_workbook_tells_what_it_hides() -> None:
    """Hidden rows, columns and sheets, struck-through rows and names, errors: of Excel 97–2003 and WPS as of .xlsx."""
    source = workbook.read((DATA / "hidden.xls").read_bytes())
    assert [(row.number, row.hidden) for row in source.rows[1:5]] == [(2, False), (3, True), (4, False), (5, False)]
    assert [row.cells[2].text for row in source.rows[3:]] == ["", "甲建国", *["甲建国\n19900000001"] * 2]
    assert source.rows[2].cells[7].formula and source.rows[-1].cells[2].merged
    assert told(source) == {
        "hidden_rows": {"place": "台账", "count": 1, "rows": "3"},
        "hidden_columns": {"place": "台账", "count": 1, "columns": "D"},
        "struck_text": {"place": "台账", "rows": "4–5"},
        "hidden_sheet": {"place": "旧"},
    }


def test_a_text_that_crosses_records_of_an_old_workbook_is_one() -> None:
    """A string may go on in the next record, in another width; its runs say what is struck through."""
    head = struct.pack("<II", 2, 2)
    first = struct.pack("<HBH", 6, 0x08, 1) + b"ab"
    second = b"\x01" + "𠮷甲乙".encode("utf-16-le") + struct.pack("<HH", 4, 7) + struct.pack("<HB", 1, 0) + b"x"
    strings = rich_strings([head + first, second])
    assert strings == {0: ("ab𠮷甲乙", [(4, 7)])}
    assert [strings[0].without({7}, struck) for struck in (False, True)] == ["ab𠮷", ""]
    assert strings[0].without(set(), True) == "甲乙"


ODS_NAMES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text", "style")
)
STRUCK = '<style:text-properties style:text-line-through-style="solid"/>'
ODS = (
    f"<office:document-content {ODS_NAMES}><office:automatic-styles>"
    f'<style:style style:name="x">{STRUCK}</style:style><style:style style:name="y" style:parent-style-name="x"/>'
    '<style:style style:name="n"><style:text-properties style:text-line-through-type="none"/></style:style>'
    '<style:style style:name="h" style:family="table"><style:table-properties table:display="false"/></style:style>'
    '</office:automatic-styles><office:body><office:spreadsheet><table:table table:name="台账">'
    '<table:table-column table:number-columns-repeated="2"/><table:table-column table:visibility="collapse"/>'
    "{rows}</table:table>"
    '<table:table table:name="旧" table:style-name="h"><table:table-row>{old}</table:table-row></table:table>'
    "</office:spreadsheet></office:body></office:document-content>"
)


def ods_cell(text: str, attributes: str = "") -> str:
    """A cell of text."""
    return f'<table:table-cell office:value-type="string" {attributes}><text:p>{text}</text:p></table:table-cell>'


def test_an_open_document_tells_what_it_hides() -> None:
    """Filtered rows, hidden columns and sheets, struck cells and parts of them, merged cells; a million empty rows."""
    rows = [
        ods_cell("甲", 'table:number-rows-spanned="2"')
        + ods_cell("乙").replace("<text:p>", "<office:annotation><text:p>注</text:p></office:annotation><text:p>")
        + ods_cell("丙").replace("<text:p>", "<text:text-box><text:p>框</text:p></text:text-box><text:p>"),
        "<table:covered-table-cell/>" + ods_cell("旧", 'table:style-name="x"') + ods_cell("丁"),
        ods_cell('<text:span text:style-name="y">旧<text:span text:style-name="n">新</text:span></text:span>'),
    ]
    attributes = ("", ' table:visibility="filter"', "")
    written = "".join(
        f"<table:table-row{more}>{row}</table:table-row>" for row, more in zip(rows, attributes, strict=True)
    )
    written += '<table:table-row table:number-rows-repeated="1048573"><table:table-cell/></table:table-row>'
    content = ODS.replace("{rows}", written).replace("{old}", ods_cell("旧"))
    source = workbook.read(repacked((DATA / "workbook.ods").read_bytes(), {"content.xml": content.encode()}))
    assert texts(source) == [["甲", "乙", "丙"], ["甲", "", "丁"], ["新"]]
    assert source.rows[1].cells[0].merged
    assert told(source) == {
        "hidden_rows": {"place": "台账", "count": 1, "rows": "2"},
        "hidden_columns": {"place": "台账", "count": 1, "columns": "C"},
        "struck_text": {"place": "台账", "rows": "2–3"},
        "unread_box": {"place": "台账", "text": "框"},
        "hidden_sheet": {"place": "旧"},
    }


def test_a_text_box_over_a_sheet_is_told() -> None:
    """What stands in a box over the cells is not read, and said with its text; a note is no part of the table."""
    out = BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet("台账")
    for number, row in enumerate(ROWS):
        sheet.write_row(number, 0, row)
    sheet.insert_textbox(3, 3, "乙卫东 19900000002")
    sheet.write_comment("A1", "批注")
    book.close()
    source = xlsx.read(out.getvalue())
    assert texts(source) == ROWS
    assert told(source) == {"unread_box": {"place": "台账", "text": "乙卫东 19900000002"}}


def test_numbers_of_rows_and_letters_of_columns_are_written_short() -> None:
    """A warning names rows as ranges and columns by their letters."""
    assert spans_text([1, 2, 3, 7, 9, 10]) == "1–3, 7, 9–10"
    assert spans_text(range(0, 100, 2)).endswith(" …")
    assert [column_letters(column) for column in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]
