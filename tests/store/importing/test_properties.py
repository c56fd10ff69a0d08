"""Properties of reading: any table comes back the same from every format; any bytes at all are read or refused."""

from __future__ import annotations

import contextlib
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from store.importing import csv, docx, read_table, text, xlsx
from store.importing.cell_parsing import is_blank, one_line
from store.importing.cell_source import Cell, CellSource, SourceRow
from store.importing.exceptions import TableImportError
from store.importing.table import parse_table
from store.values.text import FORBIDDEN, normalize_name
from tests.examples import examples
from tests.store.importing.samples import HEAD, PUBLISHED, WRITERS, repacked, said

READERS = {"txt": text.read, "csv": csv.read, "xlsx": xlsx.read, "docx": docx.read}
LINES = st.lists(st.text("北山煤电厂水库（一期）/、40万吨EMC \u3000", min_size=1, max_size=12), min_size=1, max_size=3)
WRAPPED = LINES.map(lambda lines: "\n".join(line.strip() or "项目" for line in lines))
PERSON = st.tuples(
    st.sampled_from(["甲建国", "辛  柱", "子\u3000岚", "欧阳修竹", "John Smith"]),
    st.sampled_from(["\n", "", " "]),
    st.sampled_from(["19900000001", "19900000002", "0418-0000001", "", "１９９0000 0003", "+8619900000004"]),
).map(lambda parts: "".join(parts).strip())
PEOPLE = st.one_of(st.just(""), PERSON, st.tuples(PERSON, PERSON).map("\n".join))
PROJECTS = st.lists(st.tuples(WRAPPED, PEOPLE, PEOPLE, PEOPLE), max_size=4)
TITLES = st.sampled_from(["一、计划续建项目（2项）", "二、新建项目", "（一）推进项目（十二项）", "三、其他"])
PARTS = st.lists(st.tuples(TITLES, PROJECTS), min_size=1, max_size=3)


def rows_of(parts: list[tuple[str, list[tuple[str, ...]]]]) -> list[list[str]]:
    """The rows of a table with these sections."""
    rows = [HEAD]
    for title, projects in parts:
        rows.append([title])
        rows += [[str(number), *cells] for number, cells in enumerate(projects, 1)]
    return rows


def _says_something(name: str) -> bool:
    """Whether a name is more than signs: of a project called “（” nothing is made."""
    return not is_blank(name) and any(sign.isalnum() for sign in name)


@settings(max_examples=examples(30))
@given(PARTS)
def test_a_table_comes_back_the_same_from_every_format(parts: list[tuple[str, list[tuple[str, ...]]]]) -> None:
    """Written as text, CSV, workbook or document, a table says the same, and all that was put in."""
    names = [cells[0] for _title, projects in parts for cells in projects]
    assume(any(_says_something(name) for name in names))
    rows = rows_of(parts)
    tables = {name: parse_table(READERS[name](write(rows))) for name, write in WRITERS.items()}
    assert all(said(table) == said(tables["csv"]) for table in tables.values())
    warnings = [
        [(warning.code, warning.column, warning.values) for warning in table.warnings] for table in tables.values()
    ]
    assert all(found == warnings[0] for found in warnings)
    listed = {normalize_name(row.name) for part in tables["csv"].sections for row in part.rows}
    assert listed == {normalize_name(one_line(name)) for name in names if _says_something(name)}


CELLS = st.builds(Cell, st.text(max_size=12), st.booleans(), st.booleans())
HEADINGS = st.permutations(HEAD).map(lambda head: tuple(Cell(heading) for heading in head))
ANY_ROWS = st.lists(st.one_of(HEADINGS, st.lists(CELLS, max_size=6).map(tuple)), max_size=8)


@given(HEADINGS, ANY_ROWS, st.booleans())
def test_any_rows_are_a_table_or_refused(head: tuple[Cell, ...], rows: list[tuple[Cell, ...]], ended: bool) -> None:
    """Whatever stands in the cells, what comes out is inert text, and computed cells do not come out."""
    source = CellSource(tuple(SourceRow(n, cells, n // 5) for n, cells in enumerate([head, *rows], 1)), ended)
    with contextlib.suppress(TableImportError):
        for part in parse_table(source).sections:
            for row in part.rows:
                texts = [
                    row.name,
                    *(text for person in row.people for text in (person.name, person.phone, person.title)),
                ]
                assert not [text for text in texts if FORBIDDEN.search(text) or text.startswith("=")]


def check_read_or_refused(path: Path, data: bytes) -> bool:
    """Whether a file with this content is taken. If not, it is refused by name; any other failure fails the test."""
    path.write_bytes(data)
    try:
        return bool(read_table(path).sections)
    except TableImportError as error:
        assert error.values["file"] == path.name
        return False


MAGIC = st.sampled_from(
    [b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\xff\xfe", b"\xef\xbb\xbf", "序号,项目名称,".encode()]
)


@pytest.mark.parametrize("suffix", [".txt", ".csv", ".xlsx", ".docx", ".xls", ".doc"])
def test_random_bytes_are_refused(tmp_path_factory: pytest.TempPathFactory, suffix: str) -> None:
    """No bytes make any reader fail with anything but a refusal."""
    path = tmp_path_factory.mktemp("bytes") / f"any{suffix}"

    @given(MAGIC, st.binary(max_size=300))
    def check(magic: bytes, data: bytes) -> None:
        assert not check_read_or_refused(path, magic + data)

    check()


@pytest.mark.parametrize("name", PUBLISHED)
def test_damaged_files_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    """A few bytes changed anywhere: the file is read, or refused, and nothing else happens."""
    path = tmp_path_factory.mktemp("damage") / f"damaged.{name}"
    whole = PUBLISHED[name].read_bytes()
    changes = st.lists(st.tuples(st.integers(0, len(whole) - 1), st.integers(0, 255)), min_size=1, max_size=8)

    @given(changes)
    def check(changed: list[tuple[int, int]]) -> None:
        data = bytearray(whole)
        for place, value in changed:
            data[place] = value
        check_read_or_refused(path, bytes(data))

    check()


@pytest.mark.soak(turns=2)
@pytest.mark.parametrize(("name", "part"), [("xlsx", "xl/worksheets/sheet1.xml"), ("docx", "word/document.xml")])
def test_damaged_parts_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, name: str, part: str) -> None:
    """Damage inside a package, under a correct checksum: attributes, tags and numbers that make no sense."""
    path = tmp_path_factory.mktemp("damage") / f"damaged.{name}"
    whole = PUBLISHED[name].read_bytes()
    with zipfile.ZipFile(BytesIO(whole)) as package:
        xml = package.read(part)
    pieces = st.sampled_from(
        [b"", b"<", b">", b'"', b"0", b"-1", b"99999999999", b"A1", b"XFD1048577", b"\x00", b"<row>", b"</w:tc>"]
    )

    @given(st.integers(0, len(xml) - 1), st.integers(0, 12), pieces)
    @example(xml.index(b'="') + 2, 0, b"99999999999")
    def check(place: int, gone: int, piece: bytes) -> None:
        damaged = xml[:place] + piece + xml[place + gone :]
        check_read_or_refused(path, repacked(whole, {part: damaged}))

    check()
