"""A line that arrives for somebody is told by their daemon: a real one, by the hint of a real central."""

from __future__ import annotations

import json
import threading
from functools import partial
from pathlib import Path

import pytest

from store.commands import issues
from sync.daemon.channels import ChannelOutcome, ReminderNotice
from tests.sync.central_fixture import Central
from tests.sync.laptops import Laptop, bureau, project, project_of, visit
from tests.sync.serving_home import daemon
from tui.cli.reminder_channels import ReminderChannels
from tui.cli.reminding import Reminders

SETTINGS = {"sync_interval_s": "86400", "remind_desktop": "false", "remind_quiet": "0-0", "remind_titles": "true"}


def office_program(folder: Path) -> tuple[str, Path]:
    """A program of the office that keeps what it is given, a line each."""
    kept, program = folder / "given", folder / "program"
    program.write_text(f'#!/bin/sh\n(cat; echo) >> "{kept}"\n', "utf-8")
    program.chmod(0o700)
    return str(program), kept


def test_a_line_that_arrives_for_me_is_told_at_once(pair: tuple[Laptop, Laptop], tmp_path: Path) -> None:
    """What the bureau assigns to 张甲 on another laptop is told on theirs by the round that its hint calls for: no
    clock calls for it, as the daemon's own are set to a day."""
    laptop, other = pair
    program, kept = office_program(tmp_path)
    with daemon(laptop, {**SETTINGS, "remind_program": program}, "serve_reminders") as served:
        served.until("round")
        served.until("listening")
        assign(other, "缺电\x07 ]0;", "张甲")
        told = served.until("reminder")
        assert (told["told"], told["program"]) == (1, "sent")
        served.end()
    (message,) = [json.loads(line) for line in kept.read_text("utf-8").splitlines()]
    ((reminder),) = message["reminders"]
    assert (reminder["rule"], reminder["title"], message["person"]["name"]) == ("assigned", "缺电 ]0;", "张甲")
    assert laptop.rows("SELECT count(*) FROM reminder_device")[0][0] == 1


def assign(laptop: Laptop, title: str, owner: str) -> None:
    """Record an issue and assign it to somebody whom the laptop knows by then, and send both."""
    laptop.sync()
    with laptop.open() as device:
        (project_id,) = device.ledger.database.connection().execute("SELECT id FROM project").fetchone()
        issue = issues.record(device.ledger, project=project_id, title=title, department="供电局").id
        issues.act(device.ledger, issue, "assign", department="供电局", owner=owner, due="+5")
    laptop.sync()


def test_nothing_is_told_on_two_devices_of_one_person(
    tmp_path: Path, at: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The device at which the person worked last tells, from the round on in which the other learns of it; what one has
    told the other never tells."""
    monkeypatch.setenv("GUANJIA_REMIND_QUIET", "0-0")
    desk, bag, other = (bureau(tmp_path / name, at, who) for name, who in (("a", "张甲"), ("b", "张甲"), ("c", "李乙")))
    project(other)
    told: dict[str, list[str]] = {"a": [], "b": []}

    worked = {"a": threading.Event(), "b": threading.Event()}

    def look() -> None:
        for laptop in (desk, bag, desk):
            name = laptop.home.path.name
            laptop.sync()
            channels = ReminderChannels(partial(show, told[name]), no_call, no_call)
            list(Reminders(laptop.home, channels, worked[name])())
            laptop.sync()

    look()
    assign(other, "缺电", "张甲")
    look()
    assert (len(told["a"]), told["b"]) == (1, []) and "缺电" in told["a"][0]
    visit(bag, project_of(bag))
    worked["b"].set()  # as a daemon sets it, which sees that a line is to be sent
    look()
    assign(other, "缺水", "张甲")
    look()
    assert (len(told["a"]), len(told["b"])) == (1, 1) and "缺水" in told["b"][0]


def show(shown: list[str], notice: ReminderNotice) -> ChannelOutcome:
    """A desktop that keeps what it shows."""
    shown.append(notice.text)
    return "sent"


def no_call(*_given: object) -> ChannelOutcome:
    """A channel that is not set."""
    raise AssertionError
