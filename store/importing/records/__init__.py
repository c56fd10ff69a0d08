"""Takes tables of registers in: issues with their history, visits, people, units; whatever office program wrote them.

> Decide, then do, as for responsibility tables: `read_records` understands the table, a planner for each register
> compares it with the store, and only `import_records` writes, in one transaction. Whoever takes a table over has not
> done what it tells: its steps are marked with the file's name.

Use: `import_records`, `taking_back.take_back`, `fields.REGISTERS`, `report.RecordReport`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from store.db.device_facts import read_device_facts
from store.importing.cell_source import CellSource
from store.importing.column_meanings import remember_columns, remembered_columns
from store.importing.exceptions import TableImportError
from store.importing.existing_lines import load_existing_lines, load_kind, load_shown_issues
from store.importing.import_report import TableImportWarning
from store.importing.readers import read_cells
from store.importing.records.fields import REGISTERS
from store.importing.records.issues import plan_issues
from store.importing.records.line_fields import LINE_REGISTERS
from store.importing.records.lines import kinds_of, plan_lines
from store.importing.records.people import plan_people, plan_units
from store.importing.records.planner import RecordPlanner
from store.importing.records.record_rows import RecordRow, RecordTable
from store.importing.records.report import RecordReport
from store.importing.records.shape import RegisterName
from store.importing.records.table import parse_said, read_records
from store.importing.records.taking_back import noting
from store.importing.records.visits import plan_visits
from store.importing.row_verdicts import ExistingLines
from store.ledger.line import Line
from store.values.text import sanitize
from store.values.times import district_time
from store.writer.local_writes import Ledger

_PLANS: Mapping[RegisterName, Callable[[RecordPlanner, Sequence[RecordRow]], None]] = {
    "issues": plan_issues,
    "visits": plan_visits,
    "people": plan_people,
    "units": plan_units,
    **{each.name: partial(plan_lines, each.name) for each in LINE_REGISTERS},
}
_LONGEST_SOURCE = 100


def import_records(
    ledger: Ledger,
    path: Path,
    register: RegisterName,
    said: Sequence[str] = (),
    *,
    accept: bool = False,
    dry_run: bool = False,
    noted_in: Path | None = None,
    source: CellSource | None = None,
) -> RecordReport:
    """Write the register's table at ``path`` to the ledger, in one transaction; with ``dry_run`` only report what would
    change. ``said`` says what columns are, each ``COLUMN=FIELD``; with ``accept`` columns with names that are not
    understood are set aside; ``noted_in`` is the file from which `taking_back.take_back` reads, ``source`` the
    table's content where it has been read. Raises a `TableImportError` with nothing written."""
    with ledger.database.read() as connection:
        now = district_time(ledger.wall_clock() + read_device_facts(connection).offset_ms)
    known = REGISTERS[register]
    try:
        mapped, cells = parse_said(known, said), source or read_cells(path)
        before = remembered_columns(ledger, register, cells)
        table = read_records(cells, known, mapped, accept=accept, remembered=before)
    except TableImportError as error:
        raise error.with_file_name(path.name) from None
    source = None
    del cells  # a large table's cells take more memory than its rows
    lines, existing = _known(ledger, register)
    planner = RecordPlanner(existing, lines, now, sanitize(path.name)[:_LONGEST_SOURCE], rehearses=dry_run)
    plan_register(planner, register, table.rows)
    drafts = planner.all_drafts()
    report = _report(register, table, planner)
    if dry_run:
        return report
    everything = [*drafts, *remember_columns(ledger, register, mapped)]
    if everything:
        with noting(ledger, noted_in, drafts, planner.by_id) if noted_in and drafts else contextlib.nullcontext():
            ledger.put_all(everything)
    return replace(report, written=True)


def _known(ledger: Ledger, register: RegisterName) -> tuple[dict[str, Sequence[Line]], ExistingLines]:
    """The lines with which a register's table is compared: its own kinds, and what all tables name."""
    with ledger.database.read() as connection:
        lines: dict[str, Sequence[Line]] = {kind: load_kind(connection, kind) for kind in kinds_of(register)}
        existing = load_existing_lines(connection)
        shown = load_shown_issues(connection) if register == "issues" else {}
    return lines, existing._replace(issues=shown)


def plan_register(planner: RecordPlanner, register: RegisterName, rows: Sequence[RecordRow]) -> None:
    """Let the planner draft what the rows of a register's table say."""
    _PLANS[register](planner, rows)


def _report(register: RegisterName, table: RecordTable, planner: RecordPlanner) -> RecordReport:
    headings = {meaning: heading for heading, meaning in zip(table.headings, table.meanings, strict=True) if meaning}
    people, units = planner.named()
    return RecordReport(
        register,
        planner.counts,
        0 if register == "people" else len(people),
        0 if register == "units" else len(units),
        tuple(planner.verdicts),
        (*table.warnings, *(_under_heading(warning, headings) for warning in planner.all_warnings())),
        table.headings,
        table.meanings,
        tuple(planner.refused),
    )


def _under_heading(warning: TableImportWarning, headings: Mapping[str, str]) -> TableImportWarning:
    """The warning with the heading of the column in place of the field."""
    return replace(warning, column=headings.get(warning.column, warning.column)) if warning.column else warning
