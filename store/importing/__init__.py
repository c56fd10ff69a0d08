"""Imports responsibility tables from the files of office programs, whatever program wrote them (R09).

> Decide, then do: ``readers.py`` gives rows of cells, by one reader for each format, ``table.py`` judges and parses
> them, ``plan.py`` compares it with the store. Only `import_table` writes, in one transaction.

Use: `readers.read_cells` (any file as rows of cells), `import_table`, `read_table`, `compare.compare_tables`,
`import_report.ImportReport`. May import everything in the store; nothing in the store imports it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from store.db.device_facts import read_device_facts
from store.importing.cell_source import CellSource
from store.importing.column_meanings import RESPONSIBILITY, remember_columns, remembered_columns
from store.importing.exceptions import TableImportError
from store.importing.existing_lines import load_existing_lines
from store.importing.headings import SET_ASIDE
from store.importing.import_report import ImportReport
from store.importing.judge import is_field, parse_mapping
from store.importing.plan import plan_import
from store.importing.readers import read_cells
from store.importing.refusals import ColumnNotThere
from store.importing.table import ResponsibilityTable, parse_table
from store.values.times import district_time
from store.writer.local_writes import Ledger


def read_table(
    path: Path,
    said: Sequence[str] = (),
    *,
    accept: bool = False,
    this_year: int | None = None,
    source: CellSource | None = None,
    remembered: Mapping[str, str] = MappingProxyType({}),
) -> ResponsibilityTable:
    """The responsibility table in a file of any format that `read_cells` knows. ``said`` says what columns are, each
    ``COLUMN=FIELD``; with ``accept`` columns that are not understood are set aside; ``this_year`` as in `parse_table`;
    ``source`` is the file's content where it has been read; ``remembered`` what was said before of its headings. Raises
    a `TableImportError`."""
    try:
        mapping = parse_mapping(said)
        given = {*mapping.values()} - {SET_ASIDE}
        before = {key: field for key, field in remembered.items() if is_field(field) and field not in given}
        return _parse(source or read_cells(path), mapping, before, accept=accept, this_year=this_year)
    except TableImportError as error:
        raise error.with_file_name(path.name) from None


def _parse(
    source: CellSource,
    said: Mapping[str, str],
    remembered: Mapping[str, str],
    *,
    accept: bool,
    this_year: int | None,
) -> ResponsibilityTable:
    """The table, read with what is remembered of its columns as far as they are columns in it."""
    try:
        return parse_table(source, {**remembered, **said}, accept=accept, this_year=this_year)
    except ColumnNotThere as error:
        column = str(error.values["column"])
        if column in said or column not in remembered:
            raise
        rest = {key: field for key, field in remembered.items() if key != column}
        return _parse(source, said, rest, accept=accept, this_year=this_year)


def import_table(
    ledger: Ledger,
    path: Path,
    said: Sequence[str] = (),
    *,
    accept: bool = False,
    dry_run: bool = False,
    source: CellSource | None = None,
) -> ImportReport:
    """Write the table at ``path`` to the ledger, in one transaction; with ``dry_run`` only report what would change.

    Lines that would not change are not written. ``said`` and ``accept`` as in `read_table`; ``source`` is the file's
    content where it has been read. Raises a `TableImportError` with nothing written."""
    with ledger.database.read() as connection:
        offset = read_device_facts(connection).offset_ms
    today = district_time(ledger.wall_clock() + offset).date()
    cells = source or read_cells(path)
    remembered = remembered_columns(ledger, RESPONSIBILITY, cells)
    table = read_table(path, said, accept=accept, this_year=today.year, source=cells, remembered=remembered)
    with ledger.database.read() as connection:
        existing = load_existing_lines(connection)
    drafts, report = plan_import(table, existing, today)
    if dry_run:
        return report
    del table, existing, cells
    everything = [*drafts, *remember_columns(ledger, RESPONSIBILITY, parse_mapping(said))]
    if everything:
        ledger.put_all(everything)
    return replace(report, written=True)
