"""The meeting sheet (R12, R13, R34): a page for each department, its open issues, their lights, decisions to take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from store.db.connection import Connection
from store.domain.issue_lifecycle import TOP_LEVEL
from store.domain.registers import MEETING
from store.domain.status_lights import Marks
from store.queries.issues import Step
from store.queries.meetings import as_open, decided, discussed
from store.queries.register_lines import row
from store.queries.reports import Load, OpenIssue, loads, open_issues
from tui.reports.report import N_, Column, Report, Row, Table, Words
from tui.reports.tables import PAGE_WORDS

NOTHING_OPEN = N_("No open issues.")
UNDECIDED = N_("Discussed, nothing decided")
_WAITS_FOR = {
    "open": N_("Assign it: department, owner, due date"),
    "assigned": N_("The department accepts it or says why not"),
    "settled": N_("Approve the settlement or return it"),
    "pending_approval": N_("Approve the settlement or return it"),
}
"""What an issue in such a state waits for, whatever its light."""
_LIT = {
    "red": N_("Overdue: settle it now, extend it with a reason, or escalate it"),
    "yellow": N_("No progress: the owner reports what keeps it"),
    "blue": N_("Due soon: the owner says whether it will be done"),
}


def meeting_sheet(
    connection: Connection, words: Words, on: Marks, *, department: str | None = None, meeting: str | None = None
) -> Report:
    """A page for each department with open issues, or for one; issues of no department have the last page. Of a
    ``meeting`` that was held: the issues that it discussed, and what it decided."""
    if meeting is not None:
        return _held(connection, words, on, meeting)
    found = loads(connection, on, department)
    tables = tuple(_page(connection, words, on, load) for load in found)
    title = words.say(N_("Meeting sheet"))
    if not tables:
        tables = (Table(title, _columns(words), (), words.say(NOTHING_OPEN), "page"),)
    return Report("meeting-sheet", title, tables, sum(load.open for load in found), words.say(PAGE_WORDS))


def _page(connection: Connection, words: Words, on: Marks, load: Load) -> Table:
    name = load.department or words.say(N_("No department yet"))
    note = words.say(N_("Open {open} · red {red} · yellow {yellow} · blue {blue} · as of {day}"))
    counts = note.format(open=load.open, red=load.red, yellow=load.yellow, blue=load.blue, day=on.today)
    return Table(name, _columns(words), _rows(connection, words, on, load), counts, "page")


def _columns(words: Words) -> tuple[Column, ...]:
    say = words.say
    return (
        Column("light", say(N_("Light")), width=6),
        Column("number", say(N_("Issue No.")), width=13),
        Column("project", say(N_("Project")), width=18),
        Column("title", say(N_("Issue")), width=24),
        Column("owner", say(N_("Owner")), width=8),
        Column("due", say(N_("Due")), "day", 12),
        Column("state", say(N_("State")), width=8),
        Column("latest", say(N_("Latest")), width=22),
        Column("asked", say(N_("Decision to take")), width=24),
        Column("decided", say(N_("Decided")), width=20),
    )


def _rows(connection: Connection, words: Words, on: Marks, load: Load) -> Iterator[Row]:
    for one in open_issues(connection, on, load.department_id):
        light = one.light and words.word("light_name", one.light)
        state = words.word("state", one.state)
        asked = words.say(decision(one, on)).format(level=one.level, up=one.level + 1)
        yield (light, one.number, one.project, one.title, one.owner, one.due, state, one.latest, asked, None)


def _held(connection: Connection, words: Words, on: Marks, line_id: str) -> Report:
    """The sheet of a meeting that was held: a page for each department whose issues it discussed."""
    met = row(connection, MEETING, line_id) or {}
    pages: dict[str, list[Row]] = {}
    for one in decided(connection, on, discussed(connection, line_id)):
        asked = as_open(one)
        light = asked.light and words.word("light_name", asked.light)
        what = words.say(decision(asked, on)).format(level=asked.level, up=asked.level + 1)
        told = (light, asked.number, asked.project, asked.title, asked.owner, asked.due)
        state = words.word("state", asked.state)
        said = "\n".join(said_in(step, words) for step in one.steps)
        rows = pages.setdefault(one.row.department or words.say(N_("No department yet")), [])
        rows.append((*told, state, None, what, said or words.say(UNDECIDED)))
    note = _note(met, words)
    tables = tuple(Table(name, _columns(words), tuple(rows), note, "page") for name, rows in pages.items())
    title = str(met.get("title") or words.say(N_("Meeting sheet")))
    empty = (Table(title, _columns(words), (), words.say(NOTHING_OPEN), "page"),)
    total = sum(len(rows) for rows in pages.values())
    return Report("meeting-sheet", title, tables or empty, total, words.say(PAGE_WORDS))


def _note(met: Mapping[str, Any], words: Words) -> str:
    """Number, time, level, chair and departments of a meeting, in a line."""
    level = words.word("level", str(met["level"])) if met.get("level") else ""
    told = [met.get("number"), str(met.get("at") or "")[:16].replace("T", " "), level, met.get("chair")]
    return " · ".join(str(part) for part in (*told, "、".join(met.get("departments") or ())) if part)


def said_in(step: Step, words: Words) -> str:
    """One decision in words: the act, whom and which day it names, what was said."""
    named = (step.department, step.owner, step.due, step.until, step.text, step.reason, step.measure, step.evidence)
    return "  ".join((words.word("issue_step.act", step.act), *(part for part in named if part)))


def decision(one: OpenIssue, on: Marks) -> str:
    """What the meeting has to decide on an issue: a text with the places ``{level}`` and ``{up}``, drawn from its state
    and dates alone."""
    if one.state == "escalated":
        return N_("Resolve it: it was escalated to level {level}")
    if one.state in _WAITS_FOR:
        return _WAITS_FOR[one.state]
    if one.due is not None and one.due < on.escalate and one.level < TOP_LEVEL:
        return N_("Long overdue: escalate it to level {up}, or extend it with a reason")
    if one.light == "yellow" and one.state == "waiting":
        return N_("It has waited too long: go on, or wait until a new date")
    return _LIT[one.light] if one.light else N_("Nothing to decide")
