"""The reports by name, what each is and takes: for the command (``tui/cli/commands/reports.py``) and the screen
(``tui/screens/reports.py``). The store describes and writes them in whatever language it is told; here it is told ours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from importlib import import_module
from typing import Any, NamedTuple

from store.commands.naming import resolve
from store.db.connection import Connection
from store.db.meta import read_meta
from store.domain.status_lights import Marks
from store.queries.issues import EVERY_ISSUE
from store.queries.names import Nameable
from store.values.times import parse_day
from tui.i18n import translate
from tui.i18n.translate import N_
from tui.reports.report import Report

NAMED: dict[str, Nameable] = {
    "project": "project", "department": "unit", "unit": "unit", "person": "person", "meeting": "meeting",
}  # fmt: skip
"""Options that name a line, and the kind of that line."""


class Spoken:
    """The reader's language, for the store that speaks none."""

    def say(self, text: str) -> str:
        """A text of the program."""
        return translate._(text)

    def word(self, family: str, value: str) -> str:
        """The word for a stored value."""
        return translate.word(family, value)


class Asked(NamedTuple):
    """A report that was asked for: where from, for which day, and by which options (ids, days, stored values)."""

    connection: Connection
    on: Marks
    chosen: dict[str, Any]


def _responsibility(asked: Asked) -> Report:
    district = read_meta(asked.connection).get("district_name", "")
    return _builder("responsibility:responsibility_table")(asked.connection, Spoken(), asked.on, district=district)


def _issues(asked: Asked) -> Report:
    days = {name: asked.chosen.pop(name, None) for name in ("since", "until")}
    chosen = replace(EVERY_ISSUE, **asked.chosen)
    return _builder("tables:issue_ledger")(asked.connection, Spoken(), asked.on, chosen, **days)


def _plainly(target: str) -> Callable[[Asked], Report]:
    return lambda asked: _builder(target)(asked.connection, Spoken(), asked.on, **asked.chosen)


def _builder(target: str) -> Callable[..., Report]:
    """Who describes the report, loaded when it is asked for: one of them loads intake, and with it the models."""
    module, _colon, name = target.partition(":")
    found: Callable[..., Report] = getattr(import_module(f"tui.reports.{module}"), name)
    return found


class Kind(NamedTuple):
    """One report: what people call it, its line in the help, its options, and who describes it."""

    title: str
    help: str
    options: tuple[str, ...]
    build: Callable[[Asked], Report]


REPORTS = {
    "responsibility-table": Kind(
        N_("Responsibility table"),
        N_("The responsibility table as published; “guanjia import” reads it again."),
        (),
        _responsibility,
    ),
    "work-ledger": Kind(
        N_("Work ledger"),
        N_("Time, place, participants, issues solved, result, approval."),
        ("project", "since", "until"),
        _plainly("tables:work_ledger"),
    ),
    "issue-ledger": Kind(
        N_("Issue ledger"),
        N_("Issues by project, department or state."),
        ("project", "department", "state", "since", "until"),
        _issues,
    ),
    "service-log": Kind(
        N_("Service log"), N_("Visits, oldest first."), ("project", "since", "until"), _plainly("tables:service_log")
    ),
    "summary": Kind(
        N_("Summary"),
        N_("A period, or this month: figures, what stands out, what to do about it."),
        ("period",),
        _plainly("summary:summary"),
    ),
    "evaluation": Kind(
        N_("Evaluations"),
        N_("A sheet for each evaluation: score lines, and what the ledger says."),
        ("period", "unit", "person"),
        _plainly("evaluation:evaluation_sheets"),
    ),
    "meeting-sheet": Kind(
        N_("Meeting sheet"),
        N_("A page for each department: open issues, lights, decisions to take."),
        ("department", "meeting"),
        _plainly("meeting_sheet:meeting_sheet"),
    ),
}
"""Every report by its name (contract.md)."""


def meant(connection: Connection, now: datetime, chosen: Mapping[str, str | None]) -> dict[str, Any]:
    """Options as the store takes them: ids for names, days for what was typed; None where nothing was. Raises what
    `resolve` and `parse_day` raise."""
    found: dict[str, Any] = {}
    for name, text in chosen.items():
        if not text:
            found[name] = None
        elif name in NAMED:
            found[name] = resolve(connection, NAMED[name], text).id
        else:
            found[name] = parse_day(text, now) if name in ("since", "until") else text
    return found
