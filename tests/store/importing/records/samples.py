"""Ledgers as offices keep them, and a store with projects that they name."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from store.importing.records import import_records
from store.importing.records.report import RecordReport
from store.importing.records.shape import RegisterName
from store.ledger.line import derived_id
from store.writer.sync_writes import SyncLedger
from tests.store.importing.samples import to_csv

PROJECTS = {"续1": "北山风电场", "续2": "临江热电厂二期工程", "新1": "临江水库"}


def with_projects(ledger: SyncLedger) -> SyncLedger:
    """The ledger, with the projects."""
    for number, name in PROJECTS.items():
        body = {"name": name, "number": number, "category": "continuing"}
        ledger.put("project", body, id=derived_id("210903", "project", name))
    return ledger


def take(
    ledger: SyncLedger,
    folder: Path,
    register: RegisterName,
    *rows: list[str],
    name: str = "台账.csv",
    dry: bool = False,
) -> RecordReport:
    """Take a table with these rows in, or rehearse it."""
    path = folder / name
    path.write_bytes(to_csv(list(rows)))
    return import_records(ledger, path, register, dry_run=dry)


def verdicts(report: RecordReport) -> Counter[str]:
    """How many rows have each verdict."""
    return Counter(row.verdict for row in report.rows)


def codes(report: RecordReport) -> list[str]:
    """The codes of the warnings."""
    return [warning.code for warning in report.warnings]
