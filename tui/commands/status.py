"""``guanjia status``: whose home this is, what waits to be sent, when it was last compared equal, who runs rounds."""

from __future__ import annotations

from typing import Any

import click

from store.home import RoundLock
from store.queries.status import status as read_status
from tui.commands.desk import Desk, at_desk
from tui.commands.failing import LOOK, OK
from tui.commands.frame import Command, Run
from tui.commands.output import emit, show_pairs
from tui.words import _


@click.command(cls=Command, help=_("Whose home this is, what is unsent, when it last agreed, whether the daemon runs."))
@click.pass_obj
def status(run: Run) -> int:
    """Print how this home stands; exits 3 while lines are refused, since only a person can mend those."""
    with at_desk(run.home) as desk:
        found = status_of(desk)
    emit(run.form, found, _show)
    return LOOK if found["rejected"] else OK


def status_of(desk: Desk) -> dict[str, Any]:
    """How a home stands."""
    with desk.database.read() as connection:
        known = read_status(connection).to_json()
    holder = RoundLock(desk.home.lock).holder()
    serving = holder if holder and holder.what == "daemon" else None
    daemon = {"running": serving is not None, "pid": serving.pid if serving else None}
    return {
        **known,
        "central": desk.settings.central or known["central"],
        "daemon": daemon,
        "home": str(desk.home.path),
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
