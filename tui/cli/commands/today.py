"""``guanjia today``: what needs this home's person now, most pressing first, and how their projects are doing."""

from __future__ import annotations

import click

from store.queries.status import Status
from store.queries.status import status as read_status
from store.queries.today import SHOWN, Entry, OwnProject, Today
from store.queries.today import today as read_today
from tui.cli.errors import LOOK, OK
from tui.cli.groups import Command, Run
from tui.cli.output import Form, emit, show, show_table
from tui.cli.read_context import at_desk
from tui.i18n.dates import ago
from tui.i18n.translate import _, ngettext, word
from tui.presenters.today import detail_text, entry_text, when_text


@click.command(cls=Command, help=_("What needs you now, most pressing first; your projects; what is unsent."))
@click.option(
    "--limit", type=click.IntRange(min=1), default=SHOWN, show_default=True, help=_("So many of each at most.")
)
@click.pass_obj
def today(run: Run, limit: int) -> int:
    """Print the day; exits 3 while lines are refused, since only a person can mend those."""
    with at_desk(run.home) as desk, desk.database.read() as connection:
        found = read_today(connection, desk.today_in(connection), limit)
        known = read_status(connection)
    if run.form is Form.TEXT:
        _show(found, desk.wall())
        _show_standing(known)
    else:
        standing = {"pending": known.pending, "rejected": known.rejected, "verified_at": known.verified_at}
        emit(run.form, {**found.to_json(), **standing}, show)
    return LOOK if known.rejected else OK


def _show(found: Today, now_ms: int) -> None:
    for group in found.groups:
        show(f"{word('today', group.why)}  {group.count}")
        show_table(
            (_("What needs you"), _("Project"), _("State"), _("When"), "ID"),
            (_told(one, now_ms) for one in group.entries),
        )
        rest = group.count - len(group.entries)
        show(ngettext("and {n} more", "and {n} more", rest).format(n=rest) + "\n" if rest else "")
    if not found.any_project:
        show(_("No project is here yet. “guanjia import FILE” takes in a responsibility table."))
    elif not found.groups:
        show(_("Nothing needs you now. “guanjia project list” shows the projects.") + "\n")
    if found.projects:
        show(_("My projects") + f"  {found.project_count}")
        columns = (_("No."), _("Project"), _("Light"), _("Open"), _("Last contact"))
        show_table(columns, (_cells(one, now_ms) for one in found.projects))


def _told(one: Entry, now_ms: int) -> tuple[object, ...]:
    return entry_text(one), one.project, detail_text(one), when_text(one, now_ms), one.line


def _cells(one: OwnProject, now_ms: int) -> tuple[object, ...]:
    light = word("light", one.light) if one.light else None
    return one.number, one.name, light, one.open_issues, ago(one.last_contact, now_ms) or _("never")


def _show_standing(known: Status) -> None:
    """What is unsent and when both sides were last found equal; nothing for a home that works alone."""
    if known.central is not None:
        lines = ngettext("{n} line unsent", "{n} lines unsent", known.pending).format(n=known.pending)
        when = known.verified_at and known.verified_at[:16].replace("T", " ")
        agreed = _("last found equal {time}").format(time=when) if when else _("never compared with the central")
        show(f"\n{lines}   {agreed}")
