"""Which reports the daemon writes by itself, and when one is due."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from threading import Event

import pytest

from store.home.exceptions import ScheduleUnreadable
from store.home.paths import Home
from store.home.report_schedule import Schedule, ScheduledReport, change_schedule, latest_day, read_schedule

MONDAY = date(2026, 11, 30)


@pytest.mark.parametrize(
    ("every", "today", "latest"),
    [
        ("monday", "2026-11-30", "2026-11-30"),
        ("monday", "2026-12-06", "2026-11-30"),
        ("friday", "2026-11-30", "2026-11-27"),
        ("month", "2026-11-30", "2026-11-01"),
        ("month", "2026-12-01", "2026-12-01"),
        ("day", "2026-11-30", "2026-11-30"),
    ],
)
def test_the_latest_day_of_a_rhythm(every: str, today: str, latest: str) -> None:
    """Today where it is one of its days, else the last before."""
    assert latest_day(every, date.fromisoformat(today)).isoformat() == latest


def test_what_was_missed_is_due_once(tmp_path: Path) -> None:
    """A laptop that was off on Monday writes Monday's on Wednesday; done, it is due next Monday only."""
    scheduled = ScheduledReport("weekly", "monday", str(tmp_path), {}, "2026-11-23")
    assert scheduled.due_on(date(2026, 12, 2)) == MONDAY
    done = scheduled._replace(done=MONDAY.isoformat())
    assert done.due_on(date(2026, 12, 6)) is None
    assert done.due_on(date(2026, 12, 7)) == date(2026, 12, 7)


def test_a_day_that_a_wrong_clock_noted_keeps_no_report_back(tmp_path: Path) -> None:
    """A clock that stood in another year noted a day to come; once it is right, the report is written again."""
    scheduled = ScheduledReport("weekly", "monday", str(tmp_path), {}, "2099-01-05")
    assert scheduled.due_on(date(2026, 12, 2)) == MONDAY
    assert scheduled._replace(done="2026-12-07").due_on(date(2026, 12, 6)) is None


def test_a_schedule_is_kept_and_a_damaged_one_is_said(tmp_path: Path) -> None:
    """Written and read alike; a file that is none of ours is never taken for an empty schedule."""
    home = Home(tmp_path)
    assert read_schedule(home) == ()
    scheduled = ScheduledReport("weekly", "monday", "/share", {"recipient": "区委"}, "2026-11-23")
    change_schedule(home, lambda _reports: [scheduled])
    assert read_schedule(home) == (scheduled,)
    for content in (
        "{",
        "[1]",
        '[{"report": "weekly"}]',
        '[{"report":"w","every":"x","folder":"","options":{},"done":""}]',
    ):
        home.report_schedule.write_text(content, "utf-8")
        with pytest.raises(ScheduleUnreadable):
            read_schedule(home)


def test_changes_from_two_processes_are_both_kept(tmp_path: Path) -> None:
    """Nobody's change of the schedule is lost to one that began before it: the second waits for the first."""
    home, began, go_on = Home(tmp_path), Event(), Event()
    first, second = (ScheduledReport(name, "day", "/tmp", {}, "2026-11-29") for name in ("weekly", "summary"))

    def slowly(reports: Schedule) -> Schedule:
        began.set()
        go_on.wait(10)
        return [*reports, first]

    with ThreadPoolExecutor() as pool:
        slow = pool.submit(change_schedule, home, slowly)
        began.wait(10)
        quick = pool.submit(change_schedule, home, lambda reports: [*reports, second])
        go_on.set()
        slow.result(10)
        quick.result(10)
    assert {each.report for each in read_schedule(home)} == {"weekly", "summary"}
