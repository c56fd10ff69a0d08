"""Handing over with a sheet of what is open, for the command line and the screens: both or nothing.

Next: ``store/commands/hand_over.py`` (what is written), ``tui/reports/hand_over.py`` (what is on the sheet).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from store import commands
from store.domain.grants import WITHDRAWAL_GRACE_DAYS
from store.writer.export_records import record_export
from tui.i18n.translate import _
from tui.reports import check_target, personal_file, write_report
from tui.reports.exceptions import HandOverSheetNotWritten, ReportNotWritten
from tui.reports.hand_over import Successor, hand_over_sheet
from tui.reports.options import in_frame

if TYPE_CHECKING:
    from store.commands.hand_over import HandOverPlan, Share
    from store.domain.status_lights import LightThresholds
    from store.writer.local_writes import Ledger, LineChange


_NAMED_TAKERS = 3
"""So many of those who take over are in the usual name of the sheet's file."""


class HandOverSheet(NamedTuple):
    """The file that the sheet is written to, as of the day of ``thresholds``; one that is there already is replaced
    with ``overwrite`` only."""

    thresholds: LightThresholds
    path: Path
    overwrite: bool = False


class HandOverPreview(NamedTuple):
    """What a hand-over would do, how many issues of its projects are open, until which day the central takes what the
    giver wrote before, and the file of the sheet."""

    plan: HandOverPlan
    open_issues: int
    late_until: str
    file: Path


def preview_hand_over(ledger: Ledger, giver: str, shares: Sequence[Share], file: str, folder: Path) -> HandOverPreview:
    """What handing these shares over would do; writes nothing. ``file`` is the sheet's as typed; blank: a free name
    in ``folder``. Raises as `hand_over` does, `UnknownReportFormat` and `ReportFileExists`."""
    plan = commands.hand_over.plan_hand_over(ledger, giver, shares)
    path = Path(file).expanduser() if file else _default_sheet(plan, folder)
    check_target(path)
    until = date.fromisoformat(plan.first_day) + timedelta(days=WITHDRAWAL_GRACE_DAYS)
    open_issues = sum(each.open_issues for each in plan.projects)
    return HandOverPreview(plan, open_issues, until.isoformat(), path)


def _default_sheet(plan: HandOverPlan, folder: Path) -> Path:
    takers = [transfer.name for transfer in plan.transfers[:_NAMED_TAKERS]]
    return personal_file(".docx", _("Hand-over sheet"), plan.giver_name, *takers, plan.first_day, folder=folder)


def with_sheet(ledger: Ledger, hand_over: Callable[[], HandOverPlan], sheet: HandOverSheet | None) -> HandOverPlan:
    """Hand over, and write the sheet. Where that fails or is interrupted the hand-over is undone, or the sheet could
    not be had by doing it again. Raises `HandOverSheetNotWritten`, and what ``hand_over`` raises."""
    with ledger.record_changes() as changes:
        done = hand_over()
    if sheet is not None:
        _write_sheet(ledger, done, changes, sheet)
    return done


def _write_sheet(ledger: Ledger, done: HandOverPlan, changes: Sequence[LineChange], sheet: HandOverSheet) -> None:
    try:
        with ledger.database.read() as connection:
            successors = [
                Successor(each.name, tuple(project.project for project in each.projects)) for each in done.transfers
            ]
            sheet_of_all = hand_over_sheet(connection, sheet.thresholds, done.giver_name, successors)
            report = in_frame(sheet_of_all, connection, sheet.thresholds.today, {})
            note = partial(record_export, ledger.database, ledger.wall_clock)
            write_report(report, sheet.path, overwrite=sheet.overwrite, note=note)
    except BaseException as error:
        ledger.undo(changes)
        if isinstance(error, ReportNotWritten):
            raise HandOverSheetNotWritten(**error.values) from None
        raise
