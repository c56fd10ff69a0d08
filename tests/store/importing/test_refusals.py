"""What is refused: each kind of wrong file with its own sentence, before anything could be written."""

from __future__ import annotations

import os
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import Workbook

from store.importing import exceptions as intake
from store.importing import read_table
from store.importing.cell_source import MAX_CHARACTERS, MAX_ROWS
from store.importing.files import MAX_FILE_BYTES
from store.importing.zip_safety import MAX_UNPACKED_BYTES
from tests.store.importing.samples import (
    HEAD,
    PUBLISHED,
    WRITERS,
    codes,
    part_of,
    project,
    repacked,
    saved,
    to_csv,
    to_docx,
    to_text,
    to_xlsx,
)

GOOD = [HEAD, project(1, "北山")]
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1016)
ENCRYPTED = OLE + "EncryptedPackage".encode("utf-16-le").ljust(64, b"\0") + b"\x22\0\x02" + bytes(1024)
CUT_STEP = 1 if os.environ.get("TESTS_SOAK") else 7
"""After how many bytes a text is cut again: the suite meets each byte of the characters, which have three, by turns."""
SHEET, DOCUMENT = "xl/worksheets/sheet1.xml", "word/document.xml"
MANY_LAUGHS = '<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'


def refused(path: Path) -> intake.TableImportError:
    """The error with which a file is refused."""
    with pytest.raises(intake.TableImportError) as caught:
        read_table(path)
    assert caught.value.values["file"] == path.name
    return caught.value


def file(folder: Path, name: str, data: bytes) -> Path:
    """A file with this content."""
    path = folder / name
    path.write_bytes(data)
    return path


def zipped(**parts: bytes) -> bytes:
    """A ZIP archive that is no Office package."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name, part in parts.items():
            package.writestr(name, part)
    return out.getvalue()


CASES = [
    ("empty.csv", b"", intake.EmptyFile),
    ("blank.txt", b"\n \n\t\n", intake.EmptyFile),
    ("marked.csv", b"\xef\xbb\xbf", intake.EmptyFile),
    ("other.csv", "姓名,年龄\n甲,3\n".encode(), intake.NotATable),
    ("prose.txt", "各单位要高度重视。\n项目管家要负责。\n".encode(), intake.NotATable),
    ("other.xlsx", to_xlsx([["姓名", "年龄"], ["甲", "3"]]), intake.NotATable),
    ("other.docx", to_docx([["姓名", "年龄"], ["甲", "3"]]), intake.NotATable),
    ("headings.xlsx", to_xlsx([HEAD]), intake.NoProjects),
    ("headings.txt", to_text([HEAD]), intake.NoProjects),
    ("binary.csv", b"\x00\x01\xff\xfe" * 40, intake.NotText),
    ("binary.txt", b"\x88PNG\r\n\x1a\n" + bytes(200), intake.NotText),
    ("latin.txt", b"\xff\xff\xffabc" * 40, intake.NotText),
    ("binary.xlsx", b"\x00\x01\xff\xfe" * 40, intake.DamagedFile),
    ("picture.xlsx", b"\x89PNG\r\n\x1a\n" + bytes(200), intake.WrongExtension),
    ("table.xls", OLE, intake.LegacyFormat),
    ("table.doc", OLE, intake.LegacyFormat),
    ("table.et", OLE, intake.LegacyFormat),
    ("table.pdf", b"%PDF-1.7", intake.UnknownFormat),
    ("table", b"x", intake.NotATable),
    ("old.xlsx", OLE, intake.LegacyFormat),
    ("cut.xls", OLE[:500], intake.Truncated),
    ("locked.xlsx", ENCRYPTED, intake.PasswordProtected),
    ("locked.xlsx", OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(900), intake.PasswordProtected),
    ("locked.docx", ENCRYPTED, intake.PasswordProtected),
    ("page.xlsx", b"\xef\xbb\xbf<html><table></table></html>", intake.NotATable),
    ("pdf.docx", b"%PDF-1.7", intake.WrongExtension),
    ("archive.xlsx", zipped(readme=b"x"), intake.WrongExtension),
    ("hollow.xlsx", zipped(**{"xl/workbook.xml": b"<workbook/>"}), intake.DamagedFile),
    ("hollow.docx", zipped(**{"word/document.xml": b"<document/>"}), intake.DamagedFile),
]


@pytest.mark.parametrize(("name", "data", "error"), CASES, ids=[case[0] for case in CASES])
def test_a_wrong_file_is_refused(tmp_path: Path, name: str, data: bytes, error: type[intake.TableImportError]) -> None:
    """Each wrong file is refused for what is wrong with it."""
    assert type(refused(file(tmp_path, name, data))) is error


def test_there_must_be_a_file(tmp_path: Path) -> None:
    """A missing file, a folder, a pipe, a name that no file can have: none of them hangs or fails otherwise."""
    (tmp_path / "folder.xlsx").mkdir()
    os.mkfifo(tmp_path / "pipe.csv")
    assert type(refused(tmp_path / "missing.csv")) is intake.FileNotThere
    assert type(refused(tmp_path / "folder.xlsx")) is intake.NotAFile
    assert type(refused(tmp_path / "pipe.csv")) is intake.NotAFile
    assert type(refused(tmp_path / "nul\0.csv")) is intake.FileUnreadable
    assert type(refused(tmp_path / f"{'x' * 300}.csv")) is intake.FileUnreadable


def test_an_error_says_what_it_means_and_what_to_do(tmp_path: Path) -> None:
    """Every refusal tells the file's name, that nothing was written, and a way out."""
    what, data, todo = refused(file(tmp_path, "locked.xlsx", ENCRYPTED)).localized()
    assert what == "locked.xlsx is protected by a password."
    assert data == "Nothing was imported; the ledger is as it was."
    assert "without the password" in todo
    messages = [str(refused(file(tmp_path, name, content))) for name, content, _error in CASES]
    assert not [message for message in messages if "{" in message]


@pytest.mark.soak(turns=2)
@pytest.mark.parametrize(("name", "part"), [("xlsx", SHEET), ("docx", "media/picture.png")])
def test_more_than_128_megabytes_unfolded_are_not_parsed(tmp_path: Path, name: str, part: str) -> None:
    """A small package that unfolds to more is refused by its directory, whichever part is the big one."""
    data = repacked(WRITERS[name](GOOD), {part: b"<" + b" " * (MAX_UNPACKED_BYTES + 1)})
    assert len(data) < 1 << 20
    assert type(refused(file(tmp_path, f"bomb.{name}", data))) is intake.TooLarge


@pytest.mark.parametrize("column", ["包保领导", "项目管家", "服务专班", "牵头单位"])
def test_a_cell_names_a_bounded_number_of_people(tmp_path: Path, column: str) -> None:
    """A cell with thousands of names is refused with its row: each name would become lines of the ledger."""
    names = "、".join(f"甲{chr(0x4E00 + n)}" for n in range(2_000))
    cells = {"序号": "1", "项目名称": "北山", "包保领导": "甲", "项目管家": "乙", "企业联系人": "丙", column: names}
    error = refused(file(tmp_path, "many.csv", to_csv([list(cells), list(cells.values())])))
    assert type(error) is intake.TooManyNames
    assert (error.values["row"], error.values["names"]) == (2, 2_000)


def test_a_directory_that_lies_about_sizes_is_refused(tmp_path: Path) -> None:
    """What unfolds is counted and checked too: a part larger than the directory says is damage."""
    data = bytearray(repacked(to_xlsx(GOOD), {SHEET: b"<" + b" " * (MAX_UNPACKED_BYTES + 1)}))
    entry = data.rindex(SHEET.encode()) - 46
    data[entry + 24 : entry + 28] = (1000).to_bytes(4, "little")
    assert type(refused(file(tmp_path, "liar.xlsx", bytes(data)))) is intake.DamagedFile


def test_locked_parts_of_a_package_are_a_password(tmp_path: Path) -> None:
    """A ZIP with encrypted entries asks for a password as well."""
    data = bytearray(to_xlsx(GOOD))
    entry = data.rindex(SHEET.encode()) - 46
    data[entry + 8] |= 1
    assert type(refused(file(tmp_path, "locked.xlsx", bytes(data)))) is intake.PasswordProtected


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize(("name", "part"), [("xlsx", SHEET), ("docx", DOCUMENT)])
def test_entities_are_refused(tmp_path: Path, name: str, part: str, encoding: str) -> None:
    """XML that declares entities is refused before it is parsed, in any encoding."""
    data = WRITERS[name](GOOD)
    xml = part_of(data, part)
    body = xml[xml.index("?>") + 2 :] if xml.startswith("<?xml") else xml
    bomb = f'<?xml version="1.0" encoding="{encoding}"?>{MANY_LAUGHS}{body}'.encode(encoding)
    error = refused(file(tmp_path, f"bomb.{name}", repacked(data, {part: bomb})))
    assert (type(error), error.values["detail"]) == (intake.DamagedFile, "DOCTYPE")


def test_entities_in_parts_under_other_names_are_refused(tmp_path: Path) -> None:
    """A part that does not call itself XML may still be named as the document."""
    data = repacked(to_docx(GOOD), {"word/other.bin": MANY_LAUGHS.encode()})
    assert refused(file(tmp_path, "bomb.docx", data)).values["detail"] == "DOCTYPE"


@pytest.mark.parametrize("value", ["=A1", "=CONCATENATE(A1,B1)", "=cmd|' /C calc'!A0"])
def test_a_workbook_full_of_formulas_is_refused(tmp_path: Path, value: str) -> None:
    """Where names are computed, what they are is not in the file."""
    workbook = Workbook()
    workbook.active.append(HEAD)
    for number in range(1, 6):
        workbook.active.append([number, value, value, value, value])
    error = refused(file(tmp_path, "formulas.xlsx", saved(workbook)))
    assert (type(error), error.values["found"]) == (intake.FullOfFormulas, 20)


def test_formulas_everywhere_are_formulas_and_no_missing_table(tmp_path: Path) -> None:
    """Where even the headings are computed, the sentence speaks of formulas; a million of them cost nothing."""
    workbook = Workbook()
    for _row in range(1_200):
        workbook.active.append(["=A1"] * 5)
    assert type(refused(file(tmp_path, "formulas.xlsx", saved(workbook)))) is intake.FullOfFormulas


@pytest.mark.parametrize("name", WRITERS)
def test_a_formula_is_never_taken_for_text(tmp_path: Path, name: str) -> None:
    """A single computed cell is left out with a warning, also where a format knows no formulas; the rest is read."""
    bad = '=HYPERLINK("http://x")'
    rows = [HEAD, *(project(n, f"北山{n}号") for n in range(1, 6)), project(6, "南山", butler=bad), project(7, bad)]
    if name == "xlsx":
        workbook = Workbook()
        for row in rows:
            workbook.active.append(row)
        path = file(tmp_path, "table.xlsx", saved(workbook))
    else:
        path = file(tmp_path, f"table.{name}", WRITERS[name](rows))
    table = read_table(path)
    assert [row.name for row in table.sections[0].rows] == [*(f"北山{n}号" for n in range(1, 6)), "南山"]
    assert [person.role for person in table.sections[0].rows[-1].people] == ["lead_leader", "enterprise_contact"]
    assert codes(table).count("formula") == 2
    assert "missing_butler" not in codes(table)


def test_numbers_may_be_formulas(tmp_path: Path) -> None:
    """Excel tables often number their rows by formula: the rows are then counted."""
    workbook = Workbook()
    for row in (HEAD, ["=ROW()-1", *project(1, "北山")[1:]], ["=ROW()-1", *project(2, "南山")[1:]]):
        workbook.active.append(row)
    table = read_table(file(tmp_path, "table.xlsx", saved(workbook)))
    assert [(row.number, row.name) for row in table.sections[0].rows] == [(1, "北山"), (2, "南山")]


@pytest.mark.soak(turns=3)
@pytest.mark.parametrize("name", ["csv", "txt", "xlsx"])
def test_endless_tables_are_refused(tmp_path: Path, name: str) -> None:
    """More rows than any district has projects are not read to the end."""
    row = ["x"] if name == "xlsx" else ["1", "x", "甲", "乙", "丙"]  # openpyxl takes its time for each cell
    data = WRITERS[name]([HEAD, *[row] * (MAX_ROWS + 1)])
    assert type(refused(file(tmp_path, f"long.{name}", data))) is intake.TooLarge


def test_endless_cells_are_refused(tmp_path: Path) -> None:
    """A file larger than any table, spans and rows without bound."""
    assert type(refused(file(tmp_path, "lines.txt", to_text([HEAD]) + b"\n" * MAX_CHARACTERS))) is intake.TooLarge
    assert type(refused(file(tmp_path, "huge.csv", b"x" * (MAX_FILE_BYTES + 1)))) is intake.TooLarge
    span = part_of(to_docx(GOOD), DOCUMENT).replace("<w:tcPr>", '<w:tcPr><w:gridSpan w:val="2000000000"/>', 1)
    assert (
        type(refused(file(tmp_path, "wide.docx", repacked(to_docx(GOOD), {DOCUMENT: span.encode()}))))
        is intake.TooLarge
    )
    tall = part_of(to_xlsx(GOOD), SHEET).replace('r="2"', 'r="99999999999"')
    assert (
        type(refused(file(tmp_path, "tall.xlsx", repacked(to_xlsx(GOOD), {SHEET: tall.encode()})))) is intake.TooLarge
    )


@pytest.mark.parametrize(("name", "row"), [("long.txt", 15), ("long.csv", 3), ("long.docx", 3), ("wrapped.txt", 8)])
def test_a_cell_without_bound_is_refused_by_its_row(tmp_path: Path, name: str, row: int) -> None:
    """A cell longer than a spreadsheet takes is refused by its row, or its line in a text, so that it can be mended."""
    if name.startswith("wrapped"):
        data = to_text([HEAD]) + b"\t1\n\tx" + b"a\n" * 1_000_000
    else:
        data = WRITERS[Path(name).suffix[1:]]([HEAD, project(1, "北山"), project(2, "北" * 40_000)])
    error = refused(file(tmp_path, name, data))
    assert (type(error), error.values["row"]) == (intake.CellTooLong, row)


def test_a_merge_over_everything_costs_nothing(tmp_path: Path) -> None:
    """A merged range that names every cell there can be is not unfolded."""
    data = to_xlsx(GOOD)
    sheet = part_of(data, SHEET).replace(
        "</sheetData>", '</sheetData><mergeCells count="1"><mergeCell ref="A2:XFD1048576"/></mergeCells>'
    )
    table = read_table(file(tmp_path, "merged.xlsx", repacked(data, {SHEET: sheet.encode()})))
    assert [row.name for row in table.sections[0].rows] == ["北山"]


def test_extensions_may_be_written_in_capitals(tmp_path: Path) -> None:
    """Old cameras and old mail programs shout."""
    assert read_table(file(tmp_path, "TABLE.XLSX", to_xlsx(GOOD))).sections[0].project_count == 1


@pytest.mark.soak(turns=4)
@pytest.mark.parametrize("name", PUBLISHED)
def test_the_published_files_cut_anywhere_never_fail_otherwise(tmp_path: Path, name: str) -> None:
    """Cut after any number of bytes, a file is refused, or what is left is whole rows and the lack is warned of."""
    data = PUBLISHED[name].read_bytes()
    whole = read_table(PUBLISHED[name])
    known = [(row.name, len(row.people)) for part in whole.sections for row in part.rows]
    phones = {(person.name, person.phone) for part in whole.sections for row in part.rows for person in row.people}
    step = CUT_STEP if name in ("txt", "csv") else 97
    cut = file(tmp_path, f"cut.{name}", data)
    for length in range(len(data) - 1, -1, -step):
        os.truncate(cut, length)
        try:
            table = read_table(cut)
        except intake.TableImportError as error:
            assert isinstance(error, (intake.Truncated, intake.NotATable, intake.EmptyFile, intake.DamagedFile))
            continue
        assert name in ("txt", "csv"), "a package that is cut off has lost its directory"
        found = [(row.name, len(row.people)) for part in table.sections for row in part.rows]
        assert found == known[: len(found)]
        assert "count_differs" in codes(table)
        read = {(person.name, person.phone) for part in table.sections for row in part.rows for person in row.people}
        assert len(read - phones) <= 1, "only the last person may lack the end"
