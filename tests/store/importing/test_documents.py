"""Documents as offices keep them: numbers that Word counts, boxes and inner tables, struck and hidden text."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import docx as python_docx
import pytest

from store.importing import docx, word97
from store.importing.cell_source import CellSource
from store.importing.exceptions import DamagedFile, LegacyFormat, PasswordProtected
from store.importing.word_numbering import number_text
from tests.store.importing.samples import HEAD, part_of, project, repacked, to_docx
from tests.store.importing.test_workbooks import texts, told

DOCUMENT, STYLES, NUMBERING = "word/document.xml", "word/styles.xml", "word/numbering.xml"
NAMESPACE = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
EMPTY = BytesIO()
python_docx.Document().save(EMPTY)
LEVEL = '<w:lvl w:ilvl="{place}"><w:start w:val="1"/><w:numFmt w:val="{format}"/><w:lvlText w:val="{text}"/></w:lvl>'


def document(body: str, numbering: str = "", styles: str = "") -> CellSource:
    """The rows of a document with this body, these lists and these styles."""
    parts = {DOCUMENT: f"<w:document {NAMESPACE}><w:body>{body}</w:body></w:document>".encode()}
    data = EMPTY.getvalue()
    parts[NUMBERING] = f"<w:numbering {NAMESPACE}>{numbering}</w:numbering>".encode()
    parts[STYLES] = f"<w:styles {NAMESPACE}>{styles}</w:styles>".encode()
    return docx.read(repacked(data, parts))


def paragraph(text: str = "", properties: str = "", run: str = "") -> str:
    """A paragraph of one run."""
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:rPr>{run}</w:rPr><w:t>{text}</w:t></w:r></w:p>"


def listed(number: int, level: int = 0) -> str:
    """The properties of a paragraph in a list."""
    return f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>'


def table(*rows: list[str]) -> str:
    """A table; each cell is its paragraphs, or text."""
    cells = [
        "".join(f"<w:tc><w:tcPr/>{cell if cell.startswith('<') else paragraph(cell)}</w:tc>" for cell in row)
        for row in rows
    ]
    return "<w:tbl><w:tblPr/>" + "".join(f"<w:tr>{row}</w:tr>" for row in cells) + "</w:tbl>"


def lists(*levels: tuple[str, str]) -> str:
    """Lists 1, 2 …, each of one level with this format and text."""
    abstract = "".join(
        f'<w:abstractNum w:abstractNumId="{n}">{LEVEL.format(place=0, format=format, text=text)}</w:abstractNum>'
        for n, (format, text) in enumerate(levels, 1)
    )
    return abstract + "".join(
        f'<w:num w:numId="{n}"><w:abstractNumId w:val="{n}"/></w:num>' for n in range(1, len(levels) + 1)
    )


def test_numbers_that_word_counts_are_read() -> None:
    """Sections are 一、 二、 as people see them, projects are counted in each; names keep no list's number."""
    numbered, section = paragraph(properties=listed(2)), listed(1)
    source = document(
        paragraph("责任表", listed(1))
        + table(
            [paragraph("计划续建项目", section)],
            [numbered, paragraph("北山", listed(3)), "甲"],
            [numbered, "南山", "乙"],
            [paragraph("新建项目", section)],
            [numbered, "东山", "丙"],
        ),
        lists(("chineseCountingThousand", "%1、"), ("decimal", "%1."), ("decimal", "(%1)")),
    )
    assert source.rows[0].cells[0].text == "一、责任表"
    assert [row[0] for row in texts(source)] == ["二、计划续建项目", "1.", "2.", "三、新建项目", "1."]
    assert [row[1] for row in texts(source) if len(row) > 1] == ["北山", "南山", "东山"]


def test_lists_may_begin_anew_have_levels_and_belong_to_styles() -> None:
    """A list with a start of its own, a second level that shows the first, and a style that numbers."""
    deep = LEVEL.format(place=0, format="upperRoman", text="%1") + LEVEL.format(place=1, format="decimal", text="%1.%2")
    numbering = (
        f'<w:abstractNum w:abstractNumId="7">{deep}</w:abstractNum>'
        '<w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num>'
        '<w:num w:numId="2"><w:abstractNumId w:val="7"/>'
        '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="4"/></w:lvlOverride></w:num>'
    )
    styles = f'<w:style w:styleId="a">{listed(1)}</w:style><w:style w:styleId="b"><w:basedOn w:val="a"/></w:style>'
    body = [listed(1), listed(1, 1), listed(1, 1), '<w:pStyle w:val="b"/>', listed(1, 1), listed(2), listed(0)]
    source = document("".join(paragraph("x", properties) for properties in body), numbering, styles)
    assert [row.cells[0].text for row in source.rows] == ["Ix", "I.1x", "I.2x", "IIx", "II.1x", "IVx", "x"]


@pytest.mark.parametrize(
    ("number", "format", "expected"),
    [
        (12, "chineseCounting", "十二"),
        (20, "japaneseCounting", "二十"),
        (103, "chineseCountingThousand", "一百零三"),
        (110, "taiwaneseCounting", "一百一十"),
        (10, "ideographDigital", "一〇"),
        (3, "chineseLegalSimplified", "叁"),
        (2, "ideographTraditional", "乙"),
        (5, "decimalEnclosedCircleChinese", "⑤"),
        (21, "decimalEnclosedCircle", "21"),
        (4, "lowerRoman", "iv"),
        (3, "upperLetter", "C"),
        (7, "decimalZero", "07"),
        (0, "chineseCounting", "0"),
        (9, "somethingNew", "9"),
    ],
)
def test_numbers_are_written_as_word_writes_them(number: int, format: str, expected: str) -> None:
    """Each of Word's ways to count that Chinese offices use; others in digits."""
    assert number_text(number, format) == expected


def test_boxes_and_inner_tables_are_read_where_they_stand() -> None:
    """A narrow table or a box inside a cell is the cell's text; a table in a box, or in a layout table, is a table."""
    inner = table(["甲建国"], ["19900000001"]) + paragraph()
    box = "<w:p><w:r><w:pict><w:txbxContent>{}</w:txbxContent></w:pict></w:r></w:p>"
    whole = table(["序号", "项目名称", "管家"], ["1", inner, box.format(paragraph("乙卫东"))])
    expected = [["序号", "项目名称", "管家"], ["1", "甲建国\n19900000001", "乙卫东"]]
    assert texts(document(whole)) == expected
    assert texts(document(box.format(whole))) == expected
    laid_out = document(table([whole + paragraph("说明")]))
    assert texts(laid_out) == [["说明"], *expected]
    assert [row.block for row in laid_out.rows] == [1, 2, 2]
    assert set(told(document(table(["1", "2", whole])))) == {"nested_table"}
    drawn = "<w:p><w:r><AlternateContent><Choice>{0}</Choice><Fallback>{0}</Fallback></AlternateContent></w:r></w:p>"
    assert texts(document(drawn.format(f"<w:txbxContent>{whole}</w:txbxContent>"))) == expected


def test_struck_and_hidden_text_is_not_read_and_told() -> None:
    """Struck through directly or by a style, hidden text, a deleted row: not imported, and said but for the last."""
    styles = '<w:style w:styleId="gone"><w:rPr><w:strike/></w:rPr></w:style>'
    names = paragraph("旧", run="<w:dstrike/>") + paragraph("新", run='<w:strike w:val="0"/>')
    deleted = "<w:tr><w:trPr><w:del/></w:trPr><w:tc><w:p><w:del><w:r><w:t>删</w:t></w:r></w:del></w:p></w:tc></w:tr>"
    body = table(
        ["1", "北山", names],
        ["2", "南山", paragraph("乙", run="<w:vanish/>")],
        ["3", paragraph("东山", '<w:pStyle w:val="gone"/>'), "丙"],
    ).replace("</w:tbl>", f"{deleted}</w:tbl>")
    source = document(body, styles=styles)
    assert [row[1:] for row in texts(source)][:3] == [["北山", "新"], ["南山", ""], ["", "丙"]]
    assert {code: values["rows"] for code, values in told(source).items()} == {
        "struck_text": "1, 3",
        "hidden_text": "2",
    }
    assert texts(source)[3] == [""]


def test_marks_of_a_paragraph_are_not_its_text() -> None:
    """Tab stops, a struck paragraph mark, and properties before a change leave the text as it is."""
    properties = (
        '<w:tabs><w:tab w:val="left"/></w:tabs><w:rPr><w:strike/></w:rPr>'
        f"<w:pPrChange><w:pPr>{listed(1)}</w:pPr></w:pPrChange>"
    )
    source = document(table(["1", paragraph("北山", properties)]), lists(("decimal", "%1、")))
    assert (texts(source), source.warnings) == ([["1", "北山"]], ())


def test_an_embedded_worksheet_is_told() -> None:
    """A worksheet that was pasted as an object shows a table that is not in the document: it is said, a formula not."""
    body = "<w:p><w:r><w:object><o:OLEObject xmlns:o='o' ProgID='{}'/></w:object></w:r></w:p>"
    whole = table(["1", "北山", "甲"])
    assert set(told(document(body.format("Excel.Sheet.12") * 2 + whole))) == {"embedded_file"}
    assert told(document(body.format("Equation.3") + whole)) == {}


FAKE_OFFICE = """#!/bin/sh
while [ "$1" != "--outdir" ]; do echo "$1" >> {log}; shift; done
cp {result} "$2/document.docx"
"""


def test_old_documents_are_converted_where_libreoffice_is_installed(tmp_path: Path) -> None:
    """A .doc is read through LibreOffice with a profile of its own; one that fails or hangs ends in a sentence."""
    (tmp_path / "result.docx").write_bytes(to_docx([HEAD, project(1, "北山")]))
    program = tmp_path / "soffice"
    program.write_text(FAKE_OFFICE.format(log=tmp_path / "log", result=tmp_path / "result.docx"))
    program.chmod(0o755)
    assert word97.find_libreoffice(str(tmp_path)) == str(program)
    assert texts(word97.read(b"{\\rtf1}", str(tmp_path)))[0] == HEAD
    arguments = (tmp_path / "log").read_text()
    assert "--headless" in arguments and "-env:UserInstallation=file://" in arguments
    program.write_text("#!/bin/sh\nsleep 60\n")
    with pytest.raises(DamagedFile):
        word97.convert(b"", str(program), seconds=0.05)
    program.write_text("#!/bin/sh\nexit 1\n")
    with pytest.raises(DamagedFile):
        word97.convert(b"", str(program))
    with pytest.raises(LegacyFormat):
        word97.read(b"{\\rtf1}", str(tmp_path / "nowhere"))
    with pytest.raises(PasswordProtected):
        word97.read(bytes(512) + b"\xec\xa5" + bytes(8) + b"\x00\x01" + bytes(500), str(tmp_path))


def test_parts_are_found_under_other_names() -> None:
    """A document that other programs wrote may be called otherwise; relations lead to it."""
    data = to_docx([HEAD, project(1, "北山")])
    root = part_of(data, "_rels/.rels").replace(DOCUMENT, "word/document2.xml")
    moved = repacked(data, {"word/document2.xml": part_of(data, DOCUMENT).encode(), "_rels/.rels": root.encode()})
    assert texts(docx.read(repacked(moved, {DOCUMENT: b"<x/>"})))[0] == HEAD
