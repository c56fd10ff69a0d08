"""``guanjia issue``: the ledger of difficulties, problems and requests; every act of an issue's life is a command."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from store.db.connection import Connection
from store.domain.issue_deadlines import clocks
from store.domain.issue_lifecycle import STATES
from store.domain.limits import limits
from store.domain.status_lights import LIGHTS
from store.exceptions import LineNotFound
from store.queries.issues import IssueFilter, course_of, steps
from store.queries.issues import issue as read_issue
from store.queries.issues import issues as read_issues
from store.queries.names import Nameable
from tui.cli.groups import PHRASE, Entry, Group, Run
from tui.cli.name_lookup import find_maybe, find_one
from tui.cli.output import Form, emit, show, show_pairs, show_table
from tui.cli.read_context import Desk, at_desk
from tui.i18n.translate import _, ngettext, word

NAMED: dict[str, Nameable] = {"project": "project", "department": "unit", "owner": "person", "reporter": "person"}
"""Options that name a line, and the kind of that line."""
_ACTS = "tui.cli.commands.issue_acts:ACTS"
ENTRIES = (
    Entry("add", "tui.cli.commands.issue_changes:add", _("Record an issue.")),
    Entry("edit", "tui.cli.commands.issue_changes:edit", _("Change what was recorded.")),
    Entry("assign", _ACTS, _("To a department and one named owner, with a due date.")),
    Entry("accept", _ACTS, _("The department takes it on.")),
    Entry("dispute", _ACTS, _("The department says it is not theirs.")),
    Entry("progress", _ACTS, _("What was done since.")),
    Entry("wait", _ACTS, _("For something, until a day.")),
    Entry("extend", _ACTS, _("A later due date; the old one stays visible.")),
    Entry("escalate", _ACTS, _("To the next level: lead leader, principal leader.")),
    Entry("resolve", _ACTS, _("What a meeting of that level decided.")),
    Entry("settle", _ACTS, _("The measure taken, and the evidence.")),
    Entry("confirm", _ACTS, _("The enterprise agrees that it is settled.")),
    Entry("reject", _ACTS, _("The enterprise does not.")),
    Entry("approve", _ACTS, _("The bureau closes it out.")),
    Entry("return", _ACTS, _("The bureau sends it back.")),
    Entry("reopen", _ACTS, _("After it was closed, with the cause.")),
    Entry("cancel", _ACTS, _("Recorded by mistake, or merged into another.")),
    Entry("remind", _ACTS, _("Whoever has it.")),
    Entry("supervise", _ACTS, _("A supervision finding.")),
    Entry("tell", _ACTS, _("The enterprise, how it stands.")),
)


@click.group(cls=Group, entries=ENTRIES, help=_("The issue ledger: add, list, show, edit and every act."))
def issue() -> None:
    """What is done with issues."""


@issue.command("list", help=_("Issues, newest first."))
@click.option("--project", type=PHRASE, help=_("Only this project’s."))
@click.option("--department", type=PHRASE, help=_("Only those with this department."))
@click.option("--owner", type=PHRASE, help=_("Only those with this owner."))
@click.option("--state", type=click.Choice(STATES), help=_("Only those in this state."))
@click.option("--light", type=click.Choice(LIGHTS), help=_("Only those with this light."))
@click.option("--text", type=PHRASE, help=_("Only those that say this."))
@click.option("--reporter", type=PHRASE, metavar="NAME", help=_("Only those that this person recorded or escalated."))
@click.option("--proposed", is_flag=True, help=_("Only those that the overdue rule would escalate."))
@click.option("--open", "unfinished", is_flag=True, help=_("Without what is closed or cancelled."))
@click.option("--limit", type=click.IntRange(min=1), help=_("At most so many."))
@click.pass_obj
def list_(run: Run, /, limit: int | None, **wanted: Any) -> None:
    """Print the issue ledger."""
    with at_desk(run.home) as desk, desk.database.read() as connection:
        for name, kind in NAMED.items():
            wanted[name] = find_maybe(connection, kind, wanted[name])
        rows = read_issues(connection, desk.today_in(connection), IssueFilter(**wanted), limit=limit or -1)
        found = [asdict(row) for row in rows]
        if run.form is not Form.TEXT:
            found = [{**row, "steps": _steps(connection, row)} for row in found]
    emit(run.form, found, _show_list)


@issue.command("show", help=_("One issue with every step."))
@click.argument("issue", metavar="ID", type=PHRASE)
@click.pass_obj
def show_(run: Run, issue: str) -> None:
    """Print one issue, named by number, title or id."""
    with at_desk(run.home) as desk, desk.database.read() as connection:
        found = issue_json(connection, desk, find_one(connection, "issue", issue))
    emit(run.form, found, show_issue)


def issue_json(connection: Connection, desk: Desk, issue_id: str) -> dict[str, Any]:
    """One issue as ``--json`` prints it. Raises `LineNotFound` when it is not here."""
    found = read_issue(connection, issue_id, desk.today_in(connection))
    if found is None:
        raise LineNotFound(id=issue_id)
    running = clocks(course_of(found), desk.now_in(connection).date(), limits(connection))
    return {**found.to_json(), "clocks": [asdict(one) for one in running]}


def _steps(connection: Connection, row: dict[str, Any]) -> list[dict[str, Any]]:
    return [asdict(step) for step in steps(connection, row["id"], row["out_of_turn"])]


def _show_list(rows: list[dict[str, Any]]) -> None:
    columns = (
        _("No."), _("Issue"), _("Project"), _("State"), _("Light"), _("Level"), _("Department"), _("Owner"), _("Due"),
    )  # fmt: skip
    show_table(columns, (_cells(row) for row in rows))


def _cells(row: dict[str, Any]) -> tuple[object, ...]:
    state, light = word("state", row["state"]), row["light"] and word("light", row["light"])
    return (
        row["number"],
        row["title"],
        row["project"],
        state,
        light,
        row["level"],
        row["department"],
        row["owner"],
        row["due"],
    )


def show_issue(found: dict[str, Any]) -> None:
    """One issue for people."""
    show_pairs(
        (
            (_("No."), found["number"]),
            (_("Issue"), found["title"]),
            (_("Project"), found["project"]),
            (_("Kind"), word("issue.kind", found["kind"])),
            (_("Category"), found["category"] and word("issue.category", found["category"])),
            (_("State"), word("state", found["state"])),
            (_("Why"), found["because"] and word("because", found["because"])),
            (_("Must act now"), _duty(found)),
            (_("Proposed"), _proposal(found["proposed"])),
            (_("Light"), found["light"] and word("light", found["light"])),
            (_("Level"), found["level"]),
            (_("Department"), found["department"]),
            (_("Owner"), found["owner"]),
            (_("Due"), found["due"]),
            (_("Waiting until"), found["waiting_until"]),
            *((_("Limit"), _clock(one)) for one in found["clocks"]),
            (_("Close-out number"), found["close_number"]),
            (_("Text"), found["text"]),
            (_("First contact"), found["first_contact"]),
            (_("By"), found["author"]),
            ("ID", found["id"]),
        )
    )
    show("")
    steps_shown = ((_when(step["at"]), _act(step), step["author"], _said(step)) for step in found["steps"])
    show_table((_("When"), _("Act"), _("By"), _("What was said")), steps_shown)


def _clock(one: dict[str, Any]) -> str:
    """One limit that runs: which, from when to when, how many working days are left or over."""
    left = ngettext("over by {n} working day", "over by {n} working days", -one["left"])
    if not one["over"]:
        left = ngettext("{n} working day left", "{n} working days left", one["left"])
    days = _("{since} to {until}").format(since=one["since"], until=one["until"])
    return f"{word('clock', one['name'])} {days} · {left.format(n=abs(one['left']))}"


def _duty(found: dict[str, Any]) -> str | None:
    if found["must_act"] is None:
        return None
    role = word("duty", found["must_act"])
    return f"{role} {found['acting']}" if found["acting"] else role


def _proposal(level: int | None) -> str | None:
    return _("escalate to level {level}: overdue").format(level=level) if level else None


def _when(at: str) -> str:
    return at[:16].replace("T", " ")


def _act(step: dict[str, Any]) -> str:
    done = word("issue_step.act", step["act"])
    return _("{act} (out of turn)").format(act=done) if step["out_of_turn"] else done


def _said(step: dict[str, Any]) -> str:
    names = ("department", "owner", "due", "until", "level", "text", "reason", "measure", "evidence", "cause")
    return " · ".join(str(step[name]) for name in names if step[name] is not None)
