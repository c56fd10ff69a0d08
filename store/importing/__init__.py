"""Intake: responsibility tables in, whatever program wrote them (R09). Start reading here.

> Decide, then do: ``files.py`` makes sure of the file, one reader per format gives rows of cells, ``table.py`` makes a
> table of them, ``plan.py`` compares it with what the store knows. Only `import_table` writes, all of it or nothing.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from store.db.meta import read_meta
from store.importing.exceptions import IntakeError
from store.importing.existing import known
from store.importing.files import read_file
from store.importing.plan import plan_import
from store.importing.report import ImportReport
from store.importing.table import Table, table_in
from store.values.times import now_in
from store.writer.local_writes import Ledger


def read_table(path: Path) -> Table:
    """The responsibility table in a .txt, .csv, .tsv, .xlsx or .docx file. Raises an `IntakeError`."""
    try:
        kind, data = read_file(path)
        reader = import_module(f"store.importing.{kind}")  # each format's library is loaded only for its files
        return table_in(reader.read(data))
    except IntakeError as error:
        raise error.named(path.name) from None


def import_table(ledger: Ledger, path: Path, *, dry_run: bool = False) -> ImportReport:
    """Take the table at ``path`` into the ledger, in one transaction; with ``dry_run`` only tell what would change.

    What the ledger says already is not written again. Raises an `IntakeError` with nothing written."""
    table = read_table(path)
    with ledger.database.read() as connection:
        existing = known(connection)
        offset = int(read_meta(connection).get("offset_ms", "0"))
    plan = plan_import(table, existing, now_in(ledger.wall() + offset).date())
    if plan.drafts and not dry_run:
        ledger.put_many(plan.drafts)
    return plan.report
