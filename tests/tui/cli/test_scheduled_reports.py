"""Reports that the daemon writes by itself: scheduled by a command, written once, told where not."""

from __future__ import annotations

import itertools
import json
import os
import threading
from datetime import date, timedelta
from pathlib import Path

import pytest

from store.db.device_facts import read_device_facts, write_device_facts
from store.home.paths import Home
from store.home.report_schedule import change_schedule, read_schedule
from sync.daemon.errands import Errands
from sync.daemon.json_log import configure_json_logging
from tests.tui.cli.conftest import CommandLine
from tui.cli.scheduled_reports import RETRY_S, ScheduledReports, period_before
from tui.cli.session import home_session


@pytest.mark.parametrize(
    ("every", "day", "period"),
    [("monday", "2026-11-30", "2026W48"), ("friday", "2026-11-27", "2026W48"), ("month", "2026-12-01", "2026-11")],
)
def test_a_report_is_of_the_period_before_its_day(every: str, day: str, period: str) -> None:
    """Monday's is of the week that has ended, Friday's of the week so far, the first's of the month before."""
    assert period_before(every, date.fromisoformat(day)) == period


def test_a_scheduled_report_is_written_once(imported: CommandLine, tmp_path: Path) -> None:
    """Into the folder, named by title and period; a second look writes nothing; next to a file of that name, never over
    it. It is listed, and taken off."""
    folder = tmp_path / "share"
    folder.mkdir()
    made = imported.json("report", "weekly", "--every", "day", "--to", str(folder))
    assert (made["report"], made["every"], made["folder"]) == ("weekly", "day", str(folder))
    home = Home(imported.home)
    ((written),) = list(ScheduledReports(home)())
    file = Path(str(written["file"]))
    assert file.parent == folder and file.stat().st_size > 0
    assert list(ScheduledReports(home)()) == []
    (scheduled,) = read_schedule(home)
    change_schedule(home, lambda _reports: [scheduled._replace(done="2000-01-01")])
    ((again),) = list(ScheduledReports(home)())
    assert again["file"] != written["file"] and len(list(folder.iterdir())) == 2
    assert [one["report"] for one in imported.json("report", "schedule")] == ["weekly"]
    assert imported.json("report", "schedule", "--remove", "weekly") == []
    assert read_schedule(home) == ()


def test_a_folder_that_is_gone_is_logged_and_the_report_stays_due(
    imported: CommandLine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A share that is not connected costs no report: it is tried again, not every minute, and the daemon goes on."""
    folder = tmp_path / "share"
    folder.mkdir()
    imported.run("report", "ranking", "--every", "monday", "--to", str(folder))
    home = Home(imported.home)
    (scheduled,) = read_schedule(home)
    change_schedule(home, lambda _reports: [scheduled._replace(done="2000-01-01")])
    folder.rmdir()
    errands = Errands(home)
    errands.add("report", ScheduledReports(home))
    configure_json_logging("info")
    capsys.readouterr()
    errands.run()
    entry = json.loads(capsys.readouterr().err.splitlines()[-1])
    assert (entry["event"], entry["report"], entry["code"]) == ("report", "ranking", "report_folder")
    errands.run()
    assert "report_folder" not in capsys.readouterr().err
    assert read_schedule(home)[0].done == "2000-01-01"
    folder.mkdir()
    change_schedule(
        home,
        lambda _reports: [scheduled._replace(report=name, done="2000-01-01") for name in ("later-version", "ranking")],
    )
    assert [one.get("code", "written") for one in ScheduledReports(home)()] == ["schedule_unreadable", "written"]
    assert "later-version" in imported.run("report", "schedule").out
    home.report_schedule.write_text("{", "utf-8")
    errands.run()
    assert "schedule_unreadable" in capsys.readouterr().err


def test_a_report_that_cannot_be_noted_as_done_is_not_written_again(imported: CommandLine, tmp_path: Path) -> None:
    """The home's disk is full, the share's is not: one file, not one an hour; noted once there is room."""
    folder = tmp_path / "share"
    folder.mkdir()
    imported.run("report", "weekly", "--every", "day", "--to", str(folder))
    home = Home(imported.home)
    aside = home.report_schedule.with_name(f".{home.report_schedule.name}.{os.getpid()}-{threading.get_ident()}")
    aside.mkdir()  # where the schedule is written before it is in its place
    errand = ScheduledReports(home, clock=itertools.count(step=RETRY_S).__next__)
    assert [one["code"] for _call in range(2) for one in errand()] == ["file"] * 2
    aside.rmdir()
    ((written),) = list(errand())
    assert [str(file) for file in folder.iterdir()] == [written["file"]]
    assert list(errand()) == [] == list(ScheduledReports(home)())


def test_a_report_is_of_the_day_that_the_central_measured(
    imported: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """This machine's clock is a year ahead, which the last round found out: no report of next year is written."""
    imported.run("report", "weekly", "--every", "day", "--to", str(tmp_path))
    year_ms = 365 * 86_400_000
    monkeypatch.setenv("GUANJIA_TEST_CLOCK_OFFSET_MS", str(year_ms))
    with home_session(imported.home) as session, session.database.write() as connection:
        write_device_facts(connection, {"offset_ms": str(-year_ms)}, read_device_facts(connection))
    home = Home(imported.home)
    assert ["file" in one for one in ScheduledReports(home)()] == [True]
    assert date.fromisoformat(read_schedule(home)[0].done) - date.today() < timedelta(days=2)


def test_what_cannot_be_scheduled_is_refused(imported: CommandLine, tmp_path: Path) -> None:
    """Half of it, a period of its own, a folder that is not there, an option that means nothing."""
    to = ("--to", str(tmp_path))
    for code, arguments in (
        (2, ("weekly", "--every", "monday")),
        (2, ("weekly", *to)),
        (2, ("weekly", "--every", "monday", *to, "--period", "2026W01")),
        (2, ("weekly",)),
        (1, ("weekly", "--every", "monday", "--to", str(tmp_path / "nowhere"))),
        (1, ("issue-ledger", "--every", "monday", *to, "--project", "无此项目")),
    ):
        imported.run("report", *arguments, code=code)
    assert read_schedule(Home(imported.home)) == ()
