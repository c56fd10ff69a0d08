"""``guanjia today``: what needs this home's person now, most pressing first, and how their projects are doing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import click

from store.db.connection import Connection
from store.domain.permissions import may_write
from store.exceptions import DeviceStateError
from store.home.device_state import DeviceState
from store.home.drafts import FormDraft, unsaved_drafts
from store.ledger.line import is_id
from store.queries.hand_over import GivenUp, TakenOver
from store.queries.status import SyncState, sync_state
from store.queries.today import ENTRIES_PER_GROUP, OwnProject, Today, TodayEntry
from store.queries.today import today as read_today
from tui.cli.errors import NEEDS_ATTENTION, OK
from tui.cli.groups import Command, CommandContext, WholeNumber
from tui.cli.output import OutputFormat, emit, say, show, show_table
from tui.cli.session import home_session
from tui.data.readers.today import read_notices
from tui.i18n.dates import format_age
from tui.i18n.provisional_text import provisional_text, with_provisional_mark
from tui.i18n.translate import _, error_text, ngettext, value_label
from tui.presenters.notices import changed_hands_lines, stand_in_text
from tui.presenters.today_entries import entry_detail, entry_title, entry_when


@click.command(cls=Command, help=_("What needs you now, most pressing first; your projects; what is unsent."))
@click.option(
    "--limit",
    type=WholeNumber(min=1),
    default=ENTRIES_PER_GROUP,
    show_default=True,
    help=_("So many of each at most."),
)
@click.pass_obj
def today(run: CommandContext, limit: int) -> int:
    """Print the day; gives exit code 3 while lines are refused, since only a person can correct those."""
    with home_session(run.home) as session, session.database.read() as connection:
        drafts = _read_drafts(connection, DeviceState(session.database))
        day = read_today(connection, session.light_thresholds(connection), drafts, limit)
        status = sync_state(connection)
        on = session.district_now(connection).date().isoformat()
        taken, left, acting = read_notices(connection, on)
    if run.output_format is OutputFormat.TEXT:
        roles = day.responsibilities.roles
        enters = status.central is None or not roles or may_write(roles, "project")
        show_changed_hands(taken, left, session.wall_clock_ms())
        for row in acting:
            show(stand_in_text(row, session.wall_clock_ms()))
        _show(day, session.wall_clock_ms(), enters_projects=enters)
        _show_sync_status(status)
    else:
        unsent = {"pending": status.pending, "rejected": status.rejected, "verified_at": status.verified_at}
        unsent |= {"in_agreement": status.in_agreement}
        hands: dict[str, object] = {
            "taken_over": [row._asdict() for row in taken],
            "given_up": [row._asdict() for row in left],
        }
        hands["coming"] = status.coming and status.coming._asdict()
        hands["stand_ins"] = [asdict(row) for row in acting]
        emit(run.output_format, {**day.to_json(), **unsent, **hands}, lambda _value: None)
    return NEEDS_ATTENTION if status.rejected else OK


def _read_drafts(connection: Connection, state: DeviceState) -> list[FormDraft]:
    """Unfinished forms; none, and a warning on stderr, where the device's own file cannot be used."""
    try:
        return unsaved_drafts(connection, state)
    except DeviceStateError as error:
        say("\n".join(error_text(error)))
        return []


def show_changed_hands(taken: Sequence[TakenOver], left: Sequence[GivenUp], now_ms: int) -> None:
    """Print which projects came to this officer and which left, within the last days."""
    for line in changed_hands_lines(taken, left, now_ms):
        show(line)


def _show(today: Today, now_ms: int, *, enters_projects: bool) -> None:
    for group in today.groups:
        show(f"{value_label('today', group.why)}  {group.count}")
        show_table(
            (_("What needs you"), _("Project"), _("State"), _("When"), _("No. or ID")),
            (_entry_cells(entry, now_ms) for entry in group.entries),
        )
        rest = group.rest
        show(ngettext("and {n} more", "and {n} more", rest).format(n=rest) + "\n" if rest else "")
    if not today.any_project and not enters_projects:
        show(_("No project is here yet. The bureau gives you your projects; “guanjia sync” then brings them."))
    elif not today.any_project:
        show(_("No project is here yet. “guanjia import FILE” takes in a responsibility table."))
    elif not today.groups:
        show(_("Nothing needs you now. “guanjia project list” shows the projects.") + "\n")
    if given := provisional_text(today.provisional):
        show(given + "  (guanjia meet --list)\n")
    if today.projects:
        show(_("My projects") + f"  {today.project_count}")
        columns = (_("No."), _("Project"), _("Light"), _("Open"), _("Last contact"))
        show_table(columns, (_cells(project, now_ms) for project in today.projects))


def _entry_cells(entry: TodayEntry, now_ms: int) -> tuple[object, ...]:
    named = entry.number or (entry.line if is_id(entry.line) else "")
    return (
        with_provisional_mark(entry_title(entry), entry.provisional),
        entry.project,
        entry_detail(entry),
        entry_when(entry, now_ms),
        named,
    )


def _cells(project: OwnProject, now_ms: int) -> tuple[object, ...]:
    light = value_label("light", project.light) if project.light else None
    return (
        project.number,
        with_provisional_mark(project.name, project.provisional),
        light,
        project.open_issues,
        format_age(project.last_contact, now_ms) or _("never"),
    )


def _show_sync_status(status: SyncState) -> None:
    """Print what is unsent and when both sides last compared equal; nothing for a home that works alone."""
    if status.coming is not None:
        text = _("Older records are still coming: {come} of {total} are here. “guanjia sync” goes on with them.")
        show("\n" + text.format(**status.coming._asdict()))
    if status.central is not None:
        lines = ngettext("{n} line unsent", "{n} lines unsent", status.pending).format(n=status.pending)
        when = status.verified_at and status.verified_at[:16].replace("T", " ")
        equal = _("last found equal {time}") if status.in_agreement else _("last compared {time}")
        agreed = equal.format(time=when) if when else _("never compared with the central")
        show(f"\n{lines}   {agreed}")
