"""Writes the reports that are due by the schedule of the home (`store.home.report_schedule`), for the daemon."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from functools import partial
from pathlib import Path

from store.home.exceptions import ScheduleUnreadable
from store.home.paths import Home
from store.home.report_schedule import ScheduledReport, change_schedule, read_schedule
from tui.cli.export_note import note_export
from tui.cli.session import HomeSession, home_session
from tui.exceptions import foreseen_error
from tui.i18n.dates import format_period
from tui.i18n.translate import _
from tui.reports import personal_file, write_report
from tui.reports.exceptions import ReportFolderMissing
from tui.reports.files import HomePictures
from tui.reports.options import REPORTS, ReportRequest, build_report, form_for, resolve_options

RETRY_S = 3_600.0
"""What failed is tried again after so long."""


class ScheduledReports:
    """Writes what is due of one home; called again and again."""

    def __init__(self, home: Home, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._home, self._clock = home, clock
        self._not_before: dict[tuple[str, str], float] = {}
        self._not_noted: dict[tuple[str, str, date], Path] = {}

    def __call__(self) -> Iterator[Mapping[str, object]]:
        """Write what is due, and give for each report what the log says: its file, or ``code`` and ``what`` of what
        kept it from being written or noted as done. Raises `ScheduleUnreadable` and what keeps the home from
        opening."""
        if not (schedule := read_schedule(self._home)):
            return
        today = _district_day(self._home)
        for scheduled in schedule:
            day, key = scheduled.due_on(today), (scheduled.report, scheduled.folder)
            if day is None or self._clock() < self._not_before.get(key, 0.0):
                continue
            try:
                written = self._write_once(scheduled, day)
            except Exception as error:
                self._not_before[key] = self._clock() + RETRY_S
                if (told := foreseen_error(error)) is None:
                    raise
                yield {"report": scheduled.report, "code": told.code, "what": str(told)}
                continue
            yield {"report": scheduled.report, "file": str(written)}

    def _write_once(self, scheduled: ScheduledReport, day: date) -> Path:
        """Write the report and note it as done; one that could not be noted, on a full disk, is not written again."""
        key = (scheduled.report, scheduled.folder, day)
        if key not in self._not_noted:
            self._not_noted[key] = write_scheduled(self._home, scheduled, day)
        done = scheduled._replace(done=day.isoformat())
        # Somebody may have changed the schedule meanwhile.
        change_schedule(self._home, lambda reports: [done if each == scheduled else each for each in reports])
        return self._not_noted.pop(key)


def _district_day(home: Home) -> date:
    """Today by the clock as the last round corrected it."""
    with home_session(home.path, unattended=True) as session, session.database.read() as connection:
        return session.district_now(connection).date()


def write_scheduled(home: Home, scheduled: ScheduledReport, day: date) -> Path:
    """Write one report as of its day, of the period that ended the day before; returns its file. Raises
    `ScheduleUnreadable` for a report that this version does not have, `ReportFolderMissing`, and what the home, the
    report or the file raises."""
    if scheduled.report not in REPORTS:
        raise ScheduleUnreadable(file=home.report_schedule)
    folder = Path(scheduled.folder).expanduser()
    if not folder.is_dir():
        raise ReportFolderMissing(folder=folder)
    with home_session(home.path, unattended=True) as session:
        return _write(session, scheduled, day, folder)


def _write(session: HomeSession, scheduled: ScheduledReport, day: date, folder: Path) -> Path:
    definition = REPORTS[scheduled.report]
    typed = dict.fromkeys(definition.options) | dict(scheduled.options)
    about = day.isoformat()
    if "period" in definition.options:
        period = period_before(scheduled.every, day)
        typed["period"], about = period, format_period(period)
    path = personal_file(definition.ending, _(definition.title), about, folder=folder)
    with session.database.read() as connection:
        options = resolve_options(connection, session.district_now(connection), typed)
        request = ReportRequest(
            connection, session.light_thresholds(connection), options, HomePictures(session.database)
        )
        own = form_for(session.settings.forms_folder, scheduled.report, path)
        write_report(build_report(scheduled.report, request), path, note=partial(note_export, session), form=own)
    return path


def period_before(every: str, day: date) -> str:
    """The period, as stored, that a report of this rhythm is of: the week, or month, of the day before."""
    last = day - timedelta(days=1)
    if every == "month":
        return f"{last.year:04}-{last.month:02}"
    year, week, _weekday = last.isocalendar()
    return f"{year:04}W{week:02}"
