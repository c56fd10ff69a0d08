"""The reach of the import on ledgers as offices keep them: cells are right or told, and none is wrong in silence."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from store.domain.issue_lifecycle import compute_state
from store.importing.exceptions import TableImportError
from store.importing.import_report import TableImportWarning
from store.importing.readers import read_cells
from store.importing.records import plan_register
from store.importing.records.fields import REGISTERS
from store.importing.records.planner import RecordPlanner
from store.importing.records.shape import RegisterName
from store.importing.records.table import read_records
from store.importing.row_verdicts import IMPORTED_KINDS, ExistingLines
from store.ledger.line import Line, derived_id
from store.values.times import district_time
from store.writer.local_writes import Draft
from tests.store.importing.records.kept_records import PROJECTS, Record
from tests.store.importing.records.kept_tables import KeptTable, make_table

KINDS: tuple[RegisterName, ...] = ("issues", "visits", "people", "policies", "progress")
RIGHT, TOLD, SILENT = "right", "wrong but told", "wrong in silence"
LEAST, LEAST_RIGHT = 0.95, 0.8
_NOW = district_time(1796083200000)
_OF_WHOLE_TABLES = frozenset(("colours_unread", "state_unsaid"))
_IDS = {derived_id("210903", "project", name): name for name in PROJECTS}
_LINES = tuple(
    Line(id, "project", None, 1, "", "", False, {"name": name, "number": f"续{number}", "category": "new"})
    for number, (id, name) in enumerate(_IDS.items(), 1)
)
Found = dict[tuple[str, ...], dict[str, str]]


def read(table: KeptTable, folder: Path) -> tuple[Found, tuple[TableImportWarning, ...]]:
    """What taking the table in would write, in the words of the truth, and what is told."""
    path = folder / table.name
    path.write_bytes(table.content)
    rows = read_records(read_cells(path), REGISTERS[table.register], {}, accept=False)
    existing = ExistingLines("210903", {**dict.fromkeys(IMPORTED_KINDS, ()), "project": _LINES}, district_name="示范区")
    planner = RecordPlanner(existing, {}, _NOW, path.name)
    plan_register(planner, table.register, rows.rows)
    found = dict(_said(table.register, planner.all_drafts()))
    return found, (*rows.warnings, *planner.all_warnings())


def _said(register: RegisterName, drafts: list[Draft]) -> Iterator[tuple[tuple[str, ...], dict[str, str]]]:
    names = {str(draft.id): str(draft.body.get("name", "")) for draft in drafts} | _IDS
    lines = [
        Line(str(draft.id), draft.kind, draft.project, stamp, "", "", False, draft.body)
        for stamp, draft in enumerate(drafts, 1)
    ]
    for line in lines:
        said = {name: _shown(names, value) for name, value in line.body.items()}
        said["project"] = _IDS.get(line.project or "", "")
        if register == "issues" and line.kind == "issue":
            steps = [each for each in lines if each.body.get("issue_id") == line.id]
            said |= {"state": compute_state(line, steps).state, "raised_at": said.get("raised_at", "")[:10]}
            whose = {name: said.get(f"{name}_id", "") for name in ("department", "owner")}
            yield (said["title"],), {**said, **whose}
        elif register == "visits" and line.kind == "visit":
            said |= {"at": said["at"][:10], "who": said.get("participants", "")}
            yield (said["project"], said["at"]), said
        elif register == "people" and line.kind == "person":
            phones = (each.body["phone"] for each in lines if each.body.get("person_id") == line.id)
            yield (said["name"],), {**said, "unit": said.get("unit_id", ""), "phone": str(next(phones, ""))}
        elif register == "policies" and line.kind == "policy":
            yield (said["title"],), said
        elif register == "progress" and line.kind == "progress_report":
            yield (said["project"],), said


def _shown(names: Mapping[str, str], value: object) -> str:
    return "、".join(map(str, value)) if isinstance(value, list) else names.get(str(value), str(value))


def judged(table: KeptTable, folder: Path) -> Iterator[tuple[str, str]]:
    """How each cell of the table is read, and what differs."""
    try:
        found, warnings = read(table, folder)
    except TableImportError as error:
        cells = sum(len(record.values) for record in table.records.values())
        yield from [(TOLD, f"{error.code} {error.values}")] * cells
        return
    for record in table.records.values():
        told = _told(table, record, warnings)
        for name, right in record.values.items():
            said = found.get(record.key, {}).get(name, "")
            if "".join(said.split()) == "".join(right.split()):
                yield RIGHT, ""
            elif told or any(_is_of(warning, table.headings.get(name)) for warning in warnings):
                yield TOLD, f"{name} {said!r} for {right!r} of {record.key}"
            else:
                yield SILENT, f"{name} {said!r} for {right!r} of {record.key}"
    own = {place for places in table.places.values() for place in places}
    beside = {warning.row for warning in warnings} - own - {None}
    for key in found.keys() - table.records.keys():
        yield (TOLD if beside else SILENT), f"{key} is none"


def _told(table: KeptTable, record: Record, warnings: tuple[TableImportWarning, ...]) -> bool:
    rows = table.places.get(record.key, ())
    return any(warning.row in rows or warning.code in _OF_WHOLE_TABLES for warning in warnings)


def _is_of(warning: TableImportWarning, heading: str | None) -> bool:
    return warning.code == "unknown_column" and heading is not None and warning.values.get("heading") == heading


@pytest.mark.soak(turns=3)
@pytest.mark.parametrize("register", KINDS)
def test_kept_tables_are_read_right_or_told(register: RegisterName, tmp_path: Path) -> None:
    """Of the cells of so many tables of a kind at least 95 in 100 are right or told, most of them right, and none is
    wrong in silence."""
    amount = int(os.environ.get("GUANJIA_SEEDS", "200")) if os.environ.get("TESTS_SOAK") else 20
    counts: Counter[str] = Counter()
    faults = []
    for seed in range(amount):
        table = make_table(register, seed)
        for reading, what in judged(table, tmp_path):
            counts[reading] += 1
            if reading != RIGHT:
                faults.append(f"{seed} {table.choices}: {reading}: {what}")
    shown = "\n".join((str(dict(counts)), *faults[:40]))
    assert counts[SILENT] == 0, shown
    assert counts[RIGHT] >= LEAST_RIGHT * counts.total(), shown
    assert counts[RIGHT] + counts[TOLD] >= LEAST * counts.total(), shown
