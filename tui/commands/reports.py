"""``guanjia report``: what offices hand in, as a file (R14, R27, R37, R47). Each takes the options it can use."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import click

from store.connection import Connection
from store.issues import STATES
from store.meta import read_meta
from store.queries.issues import EVERY_ISSUE
from store.reports import check_format, write_report
from store.reports.report import Report, Tick
from store.times import parse_day
from tui import words
from tui.commands.desk import Desk, at_desk
from tui.commands.frame import FILE, PHRASE, Command, Group, Run
from tui.commands.naming import find_maybe
from tui.commands.output import emit, show
from tui.words import N_, _

_EVERY = 200
"""So many rows move the progress bar on."""
_OPTIONS: dict[str, dict[str, Any]] = {
    "project": {"help": N_("Only this project’s.")},
    "department": {"help": N_("Only this department’s.")},
    "unit": {"help": N_("Only this unit’s.")},
    "person": {"help": N_("Only this person’s.")},
    "state": {"type": click.Choice(STATES), "help": N_("Only issues in this state.")},
    "since": {"metavar": "DATE", "help": N_("From this day on.")},
    "until": {"metavar": "DATE", "help": N_("Up to this day, included.")},
    "period": {"metavar": "PERIOD", "help": N_("A period: 2026-07, 2026Q3, 2026H1 or 2026.")},
}
_NAMED = {"project": "project", "department": "unit", "unit": "unit", "person": "person"}


class Spoken:
    """The reader's language, for the store that speaks none."""

    def say(self, text: str) -> str:
        """A text of the program."""
        return words._(text)

    def word(self, family: str, value: str) -> str:
        """The word for a stored value."""
        return words.word(family, value)


class Asked(NamedTuple):
    """A report that was asked for: where from, for which day, and by which options."""

    connection: Connection
    desk: Desk
    chosen: dict[str, Any]

    @property
    def on(self) -> Any:
        """The day's marks."""
        return self.desk.today_in(self.connection)


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
    found: Callable[..., Report] = getattr(import_module(f"store.reports.{module}"), name)
    return found


class Kind(NamedTuple):
    """One report: its line in the help, its options, and who describes it."""

    help: str
    options: tuple[str, ...]
    build: Callable[[Asked], Report]


REPORTS = {
    "responsibility-table": Kind(
        N_("The responsibility table as published; “guanjia import” reads it again."), (), _responsibility
    ),
    "work-ledger": Kind(
        N_("Time, place, participants, issues solved, result, approval."),
        ("project", "since", "until"),
        _plainly("tables:work_ledger"),
    ),
    "issue-ledger": Kind(
        N_("Issues by project, department or state."),
        ("project", "department", "state", "since", "until"),
        _issues,
    ),
    "service-log": Kind(N_("Visits, oldest first."), ("project", "since", "until"), _plainly("tables:service_log")),
    "summary": Kind(
        N_("A period, or this month: figures, what stands out, what to do about it."),
        ("period",),
        _plainly("summary:summary"),
    ),
    "evaluation": Kind(
        N_("A sheet for each evaluation: score lines, and what the ledger says."),
        ("period", "unit", "person"),
        _plainly("evaluation:evaluation_sheets"),
    ),
    "meeting-sheet": Kind(
        N_("A page for each department: open issues, lights, decisions to take."),
        ("department",),
        _plainly("meeting_sheet:meeting_sheet"),
    ),
}
"""Every report by its name (contract.md)."""


@click.group(cls=Group, help=_("Reports to hand in: .xlsx, .docx, .csv, .json or .md."))
def report() -> None:
    """The reports, each a command."""


def _command(name: str, kind: Kind) -> Command:
    def run_(run: Run, /, out: Path, **chosen: str | None) -> None:
        check_format(out)
        with at_desk(run.home) as desk, desk.database.read() as connection:
            found = kind.build(Asked(connection, desk, _meant(desk, connection, chosen)))
            with _progress(found.total) as tick:
                rows = write_report(found, out, tick)
        emit(run.form, {"rows": rows, "file": str(out)}, _show)

    options = [click.Option(["--out"], type=FILE, required=True, metavar="FILE", help=_("The file to write."))]
    options += [
        click.Option([f"--{option}"], **{"type": PHRASE, **_OPTIONS[option], "help": _(_OPTIONS[option]["help"])})
        for option in kind.options
    ]
    return Command(name, callback=click.pass_obj(run_), params=list(options), help=_(kind.help))


def _meant(desk: Desk, connection: Connection, chosen: dict[str, str | None]) -> dict[str, Any]:
    """The options as the store takes them: ids for names, days for what was typed."""
    now = desk.now_in(connection)
    meant: dict[str, Any] = {}
    for name, text in chosen.items():
        if name in _NAMED:
            meant[name] = find_maybe(connection, _NAMED[name], text)  # type: ignore[arg-type]
        elif name in ("since", "until"):
            meant[name] = parse_day(text, now) if text else None
        else:
            meant[name] = text
    return meant


@contextmanager
def _progress(total: int) -> Iterator[Tick]:
    """A bar on a terminal's stderr, moved on by each row; nothing where nobody looks."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console  # noqa: PLC0415 - only a terminal shows a bar
    from rich.progress import Progress  # noqa: PLC0415

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(_("Writing"), total=total)
        done = 0

        def tick() -> None:
            nonlocal done
            done += 1
            if done % _EVERY == 0:
                bar.update(task, completed=done)

        yield tick


def _show(written: dict[str, Any]) -> None:
    show(_("Written to {file}; rows: {rows}").format(**written))


for _name, _kind in REPORTS.items():
    report.add_command(_command(_name, _kind))
