"""Reminders of a home: told once, held at night, hidden behind a PIN, kept for a gateway that does not answer."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from store.home.device_state import DeviceState
from store.home.paths import Home
from store.home.reminder_log import ReminderLog, read_reminder_log
from store.values.times import SHANGHAI
from sync.daemon.channels import ChannelOutcome, ReminderNotice
from tests.tui.cli.conftest import CommandLine
from tui.cli.reminder_channels import ReminderChannels
from tui.cli.reminding import GIVEN_UP_MS, LONGEST_RETRY_MS, Reminders, sent
from tui.cli.session import home_session

Clock = Callable[[str], None]
DAY_BEFORE, DAY, DAY_AFTER = "2026-12-09", "2026-12-10", "2026-12-11"
"""A Wednesday, a Thursday, a Friday."""


class Told:
    """Channels that keep what they are given; ``answers`` are what the gateway answers, the last from then on."""

    def __init__(self, *answers: ChannelOutcome) -> None:
        self.notices: list[ReminderNotice] = []
        self.given: list[dict[str, Any]] = []
        self.posted: list[dict[str, Any]] = []
        self._answers = list(answers or ("sent",))
        self.channels = ReminderChannels(self._show, self._give, self._post)

    def _show(self, notice: ReminderNotice) -> ChannelOutcome:
        self.notices.append(notice)
        return "sent"

    def _give(self, _path: str, body: bytes) -> ChannelOutcome:
        self.given.append(json.loads(body))
        return "sent"

    def _post(self, _url: str, body: bytes, _key: str, _at: int, _ca_file: str | None) -> ChannelOutcome:
        self.posted.append(json.loads(body))
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Sets this machine's clock."""

    def set_clock(text: str) -> None:
        wanted = datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).timestamp()
        monkeypatch.setenv("GUANJIA_TEST_CLOCK_OFFSET_MS", str(round((wanted - time.time()) * 1000)))

    return set_clock


@pytest.fixture
def owed(clock: Clock, imported: CommandLine) -> CommandLine:
    """A home that has an issue due on the day, and was looked at on the day before, when it had been told already."""
    clock(f"{DAY_BEFORE}T10:00")
    imported.run("issue", "add", "--project", "续1", "--title", "缺电", "--due", DAY)
    assert look(imported, Told()) == []
    return imported


def look(line: CommandLine, told: Told) -> list[dict[str, object]]:
    """What a daemon that has just begun tells, by these channels."""
    return [dict(facts) for facts in Reminders(Home(line.home), told.channels)()]


def log_of(line: CommandLine) -> ReminderLog:
    """What the home has noted."""
    with home_session(line.home) as session:
        return read_reminder_log(DeviceState(session.database))


def test_a_day_is_told_once_on_its_morning(owed: CommandLine, clock: Clock) -> None:
    """What was there at the first look is not told, what comes after is, and no daemon that begins anew tells it
    again; the list says what comes and what was told."""
    coming = owed.json("reminders")
    assert [(row["when"][:16], row["title"]) for row in coming["coming"]] == [
        (f"{DAY}T08:30", "缺电"),
        (f"{DAY_AFTER}T08:30", "缺电"),
    ]
    told = Told()
    clock(f"{DAY}T08:00")
    assert look(owed, told) == []
    clock(f"{DAY}T08:31")
    assert look(owed, told) == [{"told": 1, "desktop": "sent"}]
    assert look(owed, told) == []
    ((title, text),) = told.notices
    assert title == "1 reminder" and text.startswith("due today: ") and text.endswith("缺电")
    listed = owed.json("reminders")
    assert [row["when"][:10] for row in listed["coming"]] == [DAY_AFTER]
    assert [(row["count"], row["channels"]) for row in listed["told"]] == [(1, {"desktop": "sent"})]
    assert "缺电" in owed.run("reminders").out


def test_an_unforeseen_end_tells_rather_never_than_twice(owed: CommandLine, clock: Clock) -> None:
    """What is told is noted first: a daemon that ends while it tells has told it."""
    told = Told()

    def fail(notice: ReminderNotice) -> ChannelOutcome:
        told.notices.append(notice)
        raise MemoryError

    clock(f"{DAY}T09:00")
    with pytest.raises(MemoryError):
        list(Reminders(Home(owed.home), told.channels._replace(desktop=fail))())
    assert look(owed, told) == [] and len(told.notices) == 1


def test_at_night_nothing_is_told_and_in_the_morning_all(owed: CommandLine, clock: Clock) -> None:
    """A laptop that is opened at night holds the day back until the morning; one message has it all."""
    told = Told()
    owed.run("issue", "add", "--project", "续2", "--title", "缺水", "--due", DAY)
    clock(f"{DAY}T23:00")
    assert look(owed, told) == [] and len(log_of(owed).held) == 2
    clock(f"{DAY_AFTER}T08:30")
    assert look(owed, told) == [{"told": 2, "desktop": "sent"}]
    assert told.notices[0].text.count("\n") == 1 and log_of(owed).held == ()


def test_who_switched_it_off_is_told_nothing_later_either(owed: CommandLine, clock: Clock) -> None:
    """A device that does not remind notes what it does not tell: switched on again it does not begin with all of it."""
    told = Told()
    owed.run("settings", "set", "remind", "never")
    clock(f"{DAY}T09:00")
    assert look(owed, told) == []
    assert "Another device" in owed.run("reminders").err
    owed.run("settings", "set", "remind")
    assert look(owed, told) == []
    clock(f"{DAY_AFTER}T09:00")
    assert [each["told"] for each in look(owed, told)] == [1]


def test_titles_leave_only_where_the_setting_says_so(owed: CommandLine, clock: Clock, tmp_path: Path) -> None:
    """The office's program and gateway are told how many and of what sort; behind a PIN the desktop shows a count."""
    told = Told()
    owed.run("settings", "set", "remind_program", str(tmp_path / "program"))
    owed.run("settings", "set", "remind_hook", "https://gateway.example/in")
    clock(f"{DAY}T09:00")
    assert look(owed, told) == [{"told": 1, "desktop": "sent", "program": "sent"}, {"told": 1, "hook": "sent"}]
    assert told.given == told.posted and "缺电" not in json.dumps(told.given, ensure_ascii=False)
    (message,) = told.given
    assert (message["count"], message["reminders"]) == (1, [{"rule": "due", "at": DAY}])
    assert message["person"]["name"] == "乙卫东" and log_of(owed).queued == ()
    owed.run("settings", "set", "remind_titles", "true")
    clock(f"{DAY_AFTER}T09:00")
    look(owed, told)
    assert [each["title"] for each in told.given[1]["reminders"]] == ["缺电"]


def test_a_message_waits_for_a_gateway_that_does_not_take_it(owed: CommandLine, clock: Clock) -> None:
    """It is sent again later and later, as the same message, until it is taken; after a day it is given up."""
    told = Told("unreachable", "refused", "sent")
    owed.run("settings", "set", "remind_hook", "https://gateway.example/in")
    clock(f"{DAY}T09:00")
    assert look(owed, told)[-1] == {"told": 1, "hook": "unreachable"}
    assert look(owed, told) == [] and owed.json("reminders")["queued"] == 1
    for minute in ("01", "03"):
        clock(f"{DAY}T09:{minute}")
        look(owed, told)
    assert [each["id"] for each in told.posted] == [told.posted[0]["id"]] * 3
    log = log_of(owed)
    assert (log.queued, log.failures, log.told[0].channels) == ((), 0, (("desktop", "sent"), ("hook", "sent")))
    message, waits = log.told[0], []
    log = log._replace(queued=(message,))
    for _time in range(10):
        log = sent(log, message, "timeout", message.at)
        waits.append(log.not_before - message.at)
    assert waits == sorted(waits) and waits[-1] == LONGEST_RETRY_MS and log.queued == (message,)
    assert sent(log, message, "timeout", message.at + GIVEN_UP_MS).queued == ()


def test_trying_the_channels_says_what_came_of_each(owed: CommandLine, tmp_path: Path) -> None:
    """A real program that takes it, one that is not there, a gateway that nobody is at; without any, that too."""
    program = tmp_path / "program"
    program.write_text(f'#!/bin/sh\ncat > "{tmp_path}/given"\n', "utf-8")
    program.chmod(0o700)
    owed.run("settings", "set", "remind_desktop", "false")
    assert "No channel" in owed.run("reminders", "test", code=3).err
    owed.run("settings", "set", "remind_program", str(program))
    assert owed.json("reminders", "test") == [{"channel": "program", "outcome": "sent"}]
    assert json.loads((tmp_path / "given").read_bytes())["count"] == 1
    program.unlink()
    owed.run("settings", "set", "remind_hook", "http://127.0.0.1:9/in")
    assert [row["outcome"] for row in owed.json("reminders", "test", code=3)] == ["unavailable", "unreachable"]
    key = owed.json("reminders", "key")["key"]
    assert len(key) == 64 and owed.run("reminders", "key").out.strip() == key
    assert log_of(owed).told == ()


@pytest.mark.parametrize("url", ["file:///etc/passwd", "http://gateway.example/", "https://a b", "javascript:1"])
def test_an_address_that_is_none_is_refused_when_it_is_set(lone: CommandLine, url: str) -> None:
    """Neither a file nor a line that others can read is set as a gateway."""
    assert lone.run("settings", "set", "remind_hook", url, "--json", code=None).error["code"] == "bad_setting"


def test_of_a_lone_home_nothing_is_written_for_others(owed: CommandLine, clock: Clock) -> None:
    """A home without a central has no other device to agree with; “here” writes its one line."""
    clock(f"{DAY}T09:00")
    look(owed, Told())
    assert not [
        row
        for row in map(json.loads, owed.run("dump", "--ndjson").out.splitlines())
        if row["kind"] == "reminder_device"
    ]
    for _time in range(2):
        owed.run("reminders", "here")
    assert (
        len(
            [
                row
                for row in map(json.loads, owed.run("dump", "--ndjson").out.splitlines())
                if row["kind"] == "reminder_device"
            ]
        )
        == 1
    )
