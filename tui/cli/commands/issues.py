"""``guanjia issue``: the ledger of difficulties, problems and requests; every act of an issue's life is a command."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from store.db.connection import Connection
from store.domain.issue_deadlines import running_deadlines
from store.domain.issue_lifecycle import STATES
from store.domain.limits import read_limits
from store.domain.status_lights import LIGHTS
from store.exceptions import LineNotFound
from store.queries.issues import IssueFilter, steps_of_issue, timeline_of
from store.queries.issues import issue as read_issue
from store.queries.issues import issues as read_issues
from store.queries.name_lookup import NamedKind
from tui.cli.groups import CLEAN_TEXT, CommandContext, LazyCommand, LazyGroup
from tui.cli.name_lookup import find_maybe, find_one
from tui.cli.output import OutputFormat, emit, show, show_pairs, show_table
from tui.cli.read_context import HomeSession, home_session
from tui.i18n.translate import _, ngettext, value_label

NAMED_OPTIONS: dict[str, NamedKind] = {
    "project": "project",
    "department": "unit",
    "owner": "person",
    "reporter": "person",
}
"""Options that name a line, and the kind of that line."""
_ACTS = "tui.cli.commands.issue_acts:ACTS"
ENTRIES = (
    LazyCommand("add", "tui.cli.commands.issue_changes:add", _("Record an issue.")),
    LazyCommand("edit", "tui.cli.commands.issue_changes:edit", _("Change what was recorded.")),
    LazyCommand("assign", _ACTS, _("To a department and one named owner, with a due date.")),
    LazyCommand("accept", _ACTS, _("The department takes it on.")),
    LazyCommand("dispute", _ACTS, _("The department says it is not theirs.")),
    LazyCommand("progress", _ACTS, _("What was done since.")),
    LazyCommand("wait", _ACTS, _("For something, until a day.")),
    LazyCommand("extend", _ACTS, _("A later due date; the old one stays visible.")),
    LazyCommand("escalate", _ACTS, _("To the next level: lead leader, principal leader.")),
    LazyCommand("resolve", _ACTS, _("What a meeting of that level decided.")),
    LazyCommand("settle", _ACTS, _("The measure taken, and the evidence.")),
    LazyCommand("confirm", _ACTS, _("The enterprise agrees that it is settled.")),
    LazyCommand("reject", _ACTS, _("The enterprise does not.")),
    LazyCommand("approve", _ACTS, _("The bureau closes it out.")),
    LazyCommand("return", _ACTS, _("The bureau sends it back.")),
    LazyCommand("reopen", _ACTS, _("After it was closed, with the cause.")),
    LazyCommand("cancel", _ACTS, _("Recorded by mistake, or merged into another.")),
    LazyCommand("remind", _ACTS, _("Whoever has it.")),
    LazyCommand("supervise", _ACTS, _("A supervision finding.")),
    LazyCommand("tell", _ACTS, _("The enterprise, how it stands.")),
)


@click.group(cls=LazyGroup, entries=ENTRIES, help=_("The issue ledger: add, list, show, edit and every act."))
def issue() -> None:
    """What is done with issues."""


@issue.command("list", help=_("Issues, newest first."))
@click.option("--project", type=CLEAN_TEXT, help=_("Only this project’s."))
@click.option("--department", type=CLEAN_TEXT, help=_("Only those with this department."))
@click.option("--owner", type=CLEAN_TEXT, help=_("Only those with this owner."))
@click.option("--state", type=click.Choice(STATES), help=_("Only those in this state."))
@click.option("--light", type=click.Choice(LIGHTS), help=_("Only those with this light."))
@click.option("--text", type=CLEAN_TEXT, help=_("Only those that say this."))
@click.option(
    "--reporter", type=CLEAN_TEXT, metavar="NAME", help=_("Only those that this person recorded or escalated.")
)
@click.option("--proposed", is_flag=True, help=_("Only those that the overdue rule would escalate."))
@click.option("--open", "unfinished", is_flag=True, help=_("Without what is closed or cancelled."))
@click.option("--limit", type=click.IntRange(min=1), help=_("At most so many."))
@click.pass_obj
def list_(run: CommandContext, /, limit: int | None, **filters: Any) -> None:
    """Print the issue ledger."""
    with home_session(run.home) as desk, desk.database.read() as connection:
        for name, kind in NAMED_OPTIONS.items():
            filters[name] = find_maybe(connection, kind, filters[name])
        rows = read_issues(connection, desk.light_thresholds(connection), IssueFilter(**filters), limit=limit or -1)
        found = [asdict(row) for row in rows]
        if run.output_format is not OutputFormat.TEXT:
            found = [{**row, "steps": _steps(connection, row)} for row in found]
    emit(run.output_format, found, _show_list)


@issue.command("show", help=_("One issue with every step."))
@click.argument("issue", metavar="ID", type=CLEAN_TEXT)
@click.pass_obj
def show_(run: CommandContext, issue: str) -> None:
    """Print one issue, named by number, title or id."""
    with home_session(run.home) as desk, desk.database.read() as connection:
        found = issue_json(connection, desk, find_one(connection, "issue", issue))
    emit(run.output_format, found, show_issue)


def issue_json(connection: Connection, session: HomeSession, issue_id: str) -> dict[str, Any]:
    """One issue as ``--json`` prints it. Raises `LineNotFound` when it is not here."""
    found = read_issue(connection, issue_id, session.light_thresholds(connection))
    if found is None:
        raise LineNotFound(id=issue_id)
    running = running_deadlines(timeline_of(found), session.district_now(connection).date(), read_limits(connection))
    return {**found.to_json(), "clocks": [asdict(one) for one in running]}


def _steps(connection: Connection, row: dict[str, Any]) -> list[dict[str, Any]]:
    return [asdict(step) for step in steps_of_issue(connection, row["id"], row["out_of_turn"])]


def _show_list(rows: list[dict[str, Any]]) -> None:
    columns = (
        _("No."), _("Issue"), _("Project"), _("State"), _("Light"), _("Level"), _("Department"), _("Owner"), _("Due"),
    )  # fmt: skip
    show_table(columns, (_cells(row) for row in rows))


def _cells(row: dict[str, Any]) -> tuple[object, ...]:
    state, light = value_label("state", row["state"]), row["light"] and value_label("light", row["light"])
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


def show_issue(issue: dict[str, Any]) -> None:
    """One issue for people."""
    show_pairs(
        (
            (_("No."), issue["number"]),
            (_("Issue"), issue["title"]),
            (_("Project"), issue["project"]),
            (_("Kind"), value_label("issue.kind", issue["kind"])),
            (_("Category"), issue["category"] and value_label("issue.category", issue["category"])),
            (_("State"), value_label("state", issue["state"])),
            (_("Why"), issue["because"] and value_label("because", issue["because"])),
            (_("Must act now"), _responsible_party(issue)),
            (_("Proposed"), _proposal(issue["proposed"])),
            (_("Light"), issue["light"] and value_label("light", issue["light"])),
            (_("Level"), issue["level"]),
            (_("Department"), issue["department"]),
            (_("Owner"), issue["owner"]),
            (_("Due"), issue["due"]),
            (_("Waiting until"), issue["waiting_until"]),
            *((_("Limit"), _clock(one)) for one in issue["clocks"]),
            (_("Close-out number"), issue["close_number"]),
            (_("Text"), issue["text"]),
            (_("First contact"), issue["first_contact"]),
            (_("By"), issue["author"]),
            ("ID", issue["id"]),
        )
    )
    show("")
    steps_shown = ((_when(step["at"]), _act(step), step["author"], _step_text(step)) for step in issue["steps"])
    show_table((_("When"), _("Act"), _("By"), _("What was said")), steps_shown)


def _clock(clock: dict[str, Any]) -> str:
    """One limit that runs: which, from when to when, how many working days are left or over."""
    left = ngettext("over by {n} working day", "over by {n} working days", -clock["left"])
    if not clock["over"]:
        left = ngettext("{n} working day left", "{n} working days left", clock["left"])
    days = _("{since} to {until}").format(since=clock["since"], until=clock["until"])
    return f"{value_label('clock', clock['name'])} {days} · {left.format(n=abs(clock['left']))}"


def _responsible_party(issue: dict[str, Any]) -> str | None:
    if issue["must_act"] is None:
        return None
    role = value_label("duty", issue["must_act"])
    return f"{role} {issue['acting']}" if issue["acting"] else role


def _proposal(level: int | None) -> str | None:
    return _("escalate to level {level}: overdue").format(level=level) if level else None


def _when(at: str) -> str:
    return at[:16].replace("T", " ")


def _act(step: dict[str, Any]) -> str:
    done = value_label("issue_step.act", step["act"])
    return _("{act} (out of turn)").format(act=done) if step["out_of_turn"] else done


def _step_text(step: dict[str, Any]) -> str:
    names = ("department", "owner", "due", "until", "level", "text", "reason", "measure", "evidence", "cause")
    return " · ".join(str(step[name]) for name in names if step[name] is not None)
