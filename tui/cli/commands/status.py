"""``guanjia status``: whose home this is, what is unsent, when both sides last compared equal, who runs rounds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import click

from store.db.connection import Connection
from store.exceptions import DeviceStateError
from store.home.device_state import DeviceState
from store.home.paths import Home, LockHolder, RoundLock
from store.home.sync_progress import RoundProgress, running_round
from store.queries import sync_history
from store.queries.status import StoreStatus, store_status
from tui.cli.errors import NEEDS_ATTENTION, OK
from tui.cli.groups import Command, CommandContext
from tui.cli.output import emit, rows_json, say, show_pairs, show_table
from tui.cli.session import HomeSession, home_session
from tui.i18n.sync_text import agreement_text, log_text, short_id, signed_duration_text
from tui.i18n.translate import _, error_text, value_label

ROUNDS_LISTED = 20
"""So many of the last rounds are listed."""


class StatusDetails(NamedTuple):
    """What ``--details`` adds: the state of each project, the devices that wrote here, the kinds of unsent lines."""

    projects: list[sync_history.ProjectSyncStatus]
    devices: list[sync_history.DeviceActivity]
    unsent: object

    def to_json(self) -> dict[str, object]:
        """As ``guanjia status --details --json`` prints it."""
        return {"projects": rows_json(self.projects), "devices": rows_json(self.devices), "unsent": self.unsent}


class HomeStatus(NamedTuple):
    """The state of a home. ``daemon`` holds the round lock for a daemon, ``round`` is the round that runs now."""

    store: StoreStatus
    central: str | None
    home: Home
    daemon: LockHolder | None
    round: RoundProgress | None
    rounds: list[sync_history.Round]
    details: StatusDetails | None = None

    def to_json(self) -> dict[str, object]:
        """As ``guanjia status --json`` prints it."""
        return {
            **self.store.to_json(),
            "central": self.central,
            "daemon": {"running": self.daemon is not None, "pid": self.daemon.pid if self.daemon else None},
            "home": str(self.home.path),
            "round": self.round._asdict() if self.round else None,
            "rounds": rows_json(self.rounds),
            **(self.details.to_json() if self.details else {}),
        }


@click.command(cls=Command, help=_("Whose home this is, what is unsent, when it last agreed, whether the daemon runs."))
@click.option("--details", is_flag=True, help=_("Also each project, and each device that has written here."))
@click.pass_obj
def status(run: CommandContext, details: bool) -> int:
    """Print the state of this home; gives exit code 3 while lines are refused, or where the last round ended without
    agreement: a person should look. What was written since waits for the next round, which is no fault."""
    with home_session(run.home) as session:
        report = read_home_status(session, details)
    emit(run.output_format, report, _show, HomeStatus.to_json)
    return NEEDS_ATTENTION if report.store.needs_attention else OK


def read_home_status(session: HomeSession, details: bool = False) -> HomeStatus:
    """The state of a home, by its store, its lock and its settings."""
    with session.database.read() as connection:
        known = store_status(connection)
        more = _read_details(connection) if details else None
    rounds = _read_rounds(session)
    holder = RoundLock(session.home.round_lock).holder()
    daemon = holder if holder and holder.purpose == "daemon" else None
    central = session.settings.central or known.central
    return HomeStatus(known, central, session.home, daemon, running_round(session.home), rounds, more)


def _read_rounds(session: HomeSession) -> list[sync_history.Round]:
    """The last rounds; none, and a warning on stderr, where the device's own file cannot be used."""
    try:
        return sync_history.rounds(DeviceState(session.database), ROUNDS_LISTED)
    except DeviceStateError as error:
        say("\n".join(error_text(error)))
        return []


def _read_details(connection: Connection) -> StatusDetails:
    return StatusDetails(
        list(sync_history.project_sync_status(connection)),
        list(sync_history.device_activity(connection)),
        sync_history.unsent_kinds(connection),
    )


def _show(report: HomeStatus) -> None:
    store, last = report.store, report.store.last_round or {}
    running = _("running ({pid})").format(pid=report.daemon.pid) if report.daemon else _("not running")
    show_pairs(
        (
            (_("Person"), store.person_name),
            (_("District"), f"{store.district_name} ({store.district})"),
            (_("Device"), short_id(store.device)),
            (_("Home"), str(report.home.path)),
            (_("Lines"), store.lines),
            (_("Unsent"), store.pending),
            *([(_("Of it on its way as files"), store.carried)] if store.carried else []),
            *([(_("Provisional from meetings"), store.provisional)] if store.provisional else []),
            (_("Refused"), store.rejected),
            *([(_("With invalid fields"), store.quarantined)] if store.quarantined else []),
            (_("Central"), report.central or _("none: this home works alone")),
            (_("Last round"), _round_text(last) or _("never")),
            (_("In agreement"), agreement_text(store)),
            (_("Last compared equal"), store.verified_at or _("never")),
            *([(_("The central’s log"), log_text(store.log))] if store.log else []),
            (_("Clock off by"), signed_duration_text(store.clock_offset_ms)),
            (_("Daemon"), running),
        )
    )
    if report.details is not None:
        _show_details(report.details)


def _round_text(last: Mapping[str, object]) -> str:
    outcome = [value_label("round_outcome", str(last["outcome"]))] if "outcome" in last else []
    return " ".join([*(str(last[key]) for key in ("at",) if key in last), *outcome])


def _show_details(details: StatusDetails) -> None:
    print()
    columns = (_("Project"), _("Lines"), _("Unsent"), _("Refused"), _("Differs"), _("Still coming"))
    show_table(columns, map(_project_cells, details.projects))
    print()
    devices = ((short_id(device.id), device.person, device.at, device.lines) for device in details.devices)
    show_table((_("Device"), _("Whose"), _("Last line"), _("Lines")), devices)


def _project_cells(row: sync_history.ProjectSyncStatus) -> tuple[object, ...]:
    name = row.name or value_label("round_place", row.id)
    return name, row.lines, row.unsent, row.rejected, row.differ, row.coming
