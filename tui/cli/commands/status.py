"""``guanjia status``: whose home this is, what waits to be sent, when it was last compared equal, who runs rounds."""

from __future__ import annotations

from typing import Any

import click

from store.home.paths import RoundLock
from store.home.sync_progress import round_now
from store.queries import sync_history
from store.queries.status import status as read_status
from tui.cli.errors import LOOK, OK
from tui.cli.groups import Command, Run
from tui.cli.output import emit, show_pairs, show_table
from tui.cli.read_context import Desk, at_desk
from tui.i18n.translate import _, word

ROUNDS = 20
"""So many of the last rounds are told."""


@click.command(cls=Command, help=_("Whose home this is, what is unsent, when it last agreed, whether the daemon runs."))
@click.option("--details", is_flag=True, help=_("Also each project, and each device that has written here."))
@click.pass_obj
def status(run: Run, details: bool) -> int:
    """Print how this home stands; exits 3 while lines are refused, since only a person can mend those."""
    with at_desk(run.home) as desk:
        found = status_of(desk)
        if details:
            found |= _details(desk)
    emit(run.form, found, _show)
    return LOOK if found["rejected"] else OK


def status_of(desk: Desk) -> dict[str, Any]:
    """How a home stands."""
    with desk.database.read() as connection:
        known = read_status(connection).to_json()
        ended = [one.to_json() for one in sync_history.rounds(connection, ROUNDS)]
    running, holder = round_now(desk.home), RoundLock(desk.home.lock).holder()
    serving = holder if holder and holder.what == "daemon" else None
    daemon = {"running": serving is not None, "pid": serving.pid if serving else None}
    return {
        **known,
        "central": desk.settings.central or known["central"],
        "daemon": daemon,
        "home": str(desk.home.path),
        "round": running._asdict() if running else None,
        "rounds": ended,
    }


def _details(desk: Desk) -> dict[str, Any]:
    """Agreement by project, the devices that have written, the kinds of what is unsent."""
    with desk.database.read() as connection:
        return {
            "projects": [one.to_json() for one in sync_history.agreed(connection)],
            "devices": [one.to_json() for one in sync_history.devices(connection)],
            "unsent": sync_history.unsent_kinds(connection),
        }


def _show(found: dict[str, Any]) -> None:
    daemon = found["daemon"]
    last = found["last_round"] or {}
    runs = _("running ({pid})").format(pid=daemon["pid"]) if daemon["running"] else _("not running")
    show_pairs(
        (
            (_("Person"), found["person_name"]),
            (_("District"), f"{found['district_name']} ({found['district']})"),
            (_("Device"), found["device"]),
            (_("Home"), found["home"]),
            (_("Lines"), found["lines"]),
            (_("Unsent"), found["pending"]),
            (_("Refused"), found["rejected"]),
            (_("Central"), found["central"] or _("none: this home works alone")),
            (_("Last round"), " ".join(str(last[key]) for key in ("at", "outcome") if key in last) or _("never")),
            (_("Compared equal"), found["verified_at"] or _("never")),
            (_("Clock off by"), f"{found['clock_offset_ms'] / 1000:g} s"),
            (_("Daemon"), runs),
        )
    )
    for title, rows in tables_of(found) if "projects" in found else ():
        print()
        show_table(title, rows)


def tables_of(found: dict[str, Any]) -> list[tuple[tuple[str, ...], list[tuple[Any, ...]]]]:
    """The details as tables for people."""
    projects = (_("Project"), _("Lines"), _("Unsent"), _("Refused"), _("Differs"), _("Still coming"))
    devices = (_("Device"), _("Whose"), _("Last line"), _("Lines"))
    counts = ("lines", "unsent", "rejected", "differ", "coming")
    return [
        (
            projects,
            [(one["name"] or word("round_place", one["id"]), *(one[n] for n in counts)) for one in found["projects"]],
        ),
        (devices, [(one["id"], one["person"], one["at"], one["lines"]) for one in found["devices"]]),
    ]
