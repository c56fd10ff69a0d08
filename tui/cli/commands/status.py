"""``guanjia status``: whose home this is, what waits to be sent, when it was last compared equal, who runs rounds."""

from __future__ import annotations

from typing import Any

import click

from store.home.device_state import DeviceState
from store.home.paths import RoundLock
from store.home.sync_progress import running_round
from store.queries import sync_history
from store.queries.status import store_status as read_status
from tui.cli.errors import NEEDS_ATTENTION, OK
from tui.cli.groups import Command, CommandContext
from tui.cli.output import emit, show_pairs, show_table
from tui.cli.read_context import HomeSession, home_session
from tui.i18n.translate import _, value_label

ROUNDS_LISTED = 20
"""So many of the last rounds are told."""


@click.command(cls=Command, help=_("Whose home this is, what is unsent, when it last agreed, whether the daemon runs."))
@click.option("--details", is_flag=True, help=_("Also each project, and each device that has written here."))
@click.pass_obj
def status(run: CommandContext, details: bool) -> int:
    """Print how this home stands; exits 3 while lines are refused, since only a person can mend those."""
    with home_session(run.home) as desk:
        found = read_status_json(desk)
        if details:
            found |= _details(desk)
    emit(run.output_format, found, _show)
    return NEEDS_ATTENTION if found["rejected"] else OK


def read_status_json(session: HomeSession) -> dict[str, Any]:
    """How a home stands."""
    with session.database.read() as connection:
        known = read_status(connection).to_json()
    ended = [one.to_json() for one in sync_history.rounds(DeviceState(session.database), ROUNDS_LISTED)]
    running, holder = running_round(session.home), RoundLock(session.home.round_lock).holder()
    serving = holder if holder and holder.purpose == "daemon" else None
    daemon = {"running": serving is not None, "pid": serving.pid if serving else None}
    return {
        **known,
        "central": session.settings.central or known["central"],
        "daemon": daemon,
        "home": str(session.home.path),
        "round": running._asdict() if running else None,
        "rounds": ended,
    }


def _details(session: HomeSession) -> dict[str, Any]:
    """Agreement by project, the devices that have written, the kinds of what is unsent."""
    with session.database.read() as connection:
        return {
            "projects": [one.to_json() for one in sync_history.project_sync_status(connection)],
            "devices": [one.to_json() for one in sync_history.device_activity(connection)],
            "unsent": sync_history.unsent_kinds(connection),
        }


def _show(status: dict[str, Any]) -> None:
    daemon = status["daemon"]
    last = status["last_round"] or {}
    runs = _("running ({pid})").format(pid=daemon["pid"]) if daemon["running"] else _("not running")
    show_pairs(
        (
            (_("Person"), status["person_name"]),
            (_("District"), f"{status['district_name']} ({status['district']})"),
            (_("Device"), status["device"]),
            (_("Home"), status["home"]),
            (_("Lines"), status["lines"]),
            (_("Unsent"), status["pending"]),
            (_("Refused"), status["rejected"]),
            (_("Central"), status["central"] or _("none: this home works alone")),
            (_("Last round"), " ".join(str(last[key]) for key in ("at", "outcome") if key in last) or _("never")),
            (_("Compared equal"), status["verified_at"] or _("never")),
            (_("Clock off by"), f"{status['clock_offset_ms'] / 1000:g} s"),
            (_("Daemon"), runs),
        )
    )
    for title, rows in detail_tables(status) if "projects" in status else ():
        print()
        show_table(title, rows)


def detail_tables(details: dict[str, Any]) -> list[tuple[tuple[str, ...], list[tuple[Any, ...]]]]:
    """The details as tables for people."""
    projects = (_("Project"), _("Lines"), _("Unsent"), _("Refused"), _("Differs"), _("Still coming"))
    devices = (_("Device"), _("Whose"), _("Last line"), _("Lines"))
    counts = ("lines", "unsent", "rejected", "differ", "coming")
    return [
        (
            projects,
            [
                (one["name"] or value_label("round_place", one["id"]), *(one[n] for n in counts))
                for one in details["projects"]
            ],
        ),
        (devices, [(one["id"], one["person"], one["at"], one["lines"]) for one in details["devices"]]),
    ]
