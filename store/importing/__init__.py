"""Intake: responsibility tables in, whatever program wrote them (R09). Start reading here.

> Decide, then do: ``files.py`` makes sure of the file, one reader per format gives rows of cells, ``table.py`` makes a
> table of them, ``plan.py`` compares it with what the store knows. Only `import_table` writes, all of it or nothing.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from store.db.device_facts import read_device_facts
from store.importing.exceptions import TableImportError
from store.importing.existing_lines import load_existing_lines
from store.importing.files import read_file
from store.importing.import_report import ImportReport
from store.importing.plan import plan_import
from store.importing.table import ResponsibilityTable, parse_table
from store.values.times import district_time
from store.writer.local_writes import Ledger


def read_table(path: Path) -> ResponsibilityTable:
    """The responsibility table in a .txt, .csv, .tsv, .xlsx or .docx file. Raises an `TableImportError`."""
    try:
        kind, data = read_file(path)
        reader = import_module(f"store.importing.{kind}")  # each format's library is loaded only for its files
        return parse_table(reader.read(data))
    except TableImportError as error:
        raise error.with_file_name(path.name) from None


def import_table(ledger: Ledger, path: Path, *, dry_run: bool = False) -> ImportReport:
    """Take the table at ``path`` into the ledger, in one transaction; with ``dry_run`` only tell what would change.

    What the ledger says already is not written again. Raises an `TableImportError` with nothing written."""
    table = read_table(path)
    with ledger.database.read() as connection:
        existing = load_existing_lines(connection)
        offset = read_device_facts(connection).offset_ms
    plan = plan_import(table, existing, district_time(ledger.wall_clock() + offset).date())
    if plan.drafts and not dry_run:
        ledger.put_many(plan.drafts)
    return plan.report
