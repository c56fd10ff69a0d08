"""The progress of a round as others see it, its record, and that a killed round is not shown as running."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from store.home.paths import RoundLock
from store.home.sync_progress import RoundProgress, running_round
from store.queries.sync_history import device_activity, project_sync_status, rounds, unsent_kinds
from store.writer.local_writes import Draft
from sync import protocol
from sync.exceptions import CentralUnreachable
from sync.protocol import PAGE_LINES
from sync.round import round_lock, sync_home
from tests.sync.central_fixture import Central
from tests.sync.laptops import ForwardingCentral, Laptop, bureau, project_of, visit

_CUT = """
import asyncio, os, signal, sys
from pathlib import Path
from store.home.paths import Home
from store.home.settings import load_settings
from sync.round import sync_home

home = Home(Path(sys.argv[1]))
def cut(progress):
    if progress.step == "push" and progress.sent:
        print("sending", flush=True)
        signal.pause()
sync_home(home, load_settings(home, {"credentials": "file"}, {}), cut)
"""


def test_a_round_says_how_far_it_is(laptop: Laptop) -> None:
    """Steps that have something to do come in wire order, lines done grow to the lines to do, and at the end nothing is
    said any more."""
    of = project_of(laptop)
    with laptop.open() as device:
        body = {"at": "2025-03-04T09:00+08:00", "how": "visit"}
        device.ledger.put_many([Draft("visit", body, of.id) for _n in range(PAGE_LINES + 10)])
    reported: list[RoundProgress] = []
    sync_home(laptop.home, laptop.settings, reported.append)
    steps = list(dict.fromkeys(one.step for one in reported))
    assert steps == ["hello", "push", "verify"]
    sent = [one.sent for one in reported if one.step == "push"]
    assert (sent, sent[0], sent[-1]) == (sorted(sent), 0, PAGE_LINES + 10)
    assert {one.to_send for one in reported if one.step == "push"} == {PAGE_LINES + 10}
    assert min(reported[-1].up, reported[-1].down) > 0
    assert not laptop.home.round_progress.exists()


def test_a_new_device_knows_how_many_lines_are_to_come(laptop: Laptop, tmp_path: Path, at: Central) -> None:
    """The central's hello says how many lines the scope has, so the bar of the first round has an end."""
    for n in range(5):
        visit(laptop, project_of(laptop), str(n))
    laptop.sync()
    reported: list[RoundProgress] = []
    newcomer = bureau(tmp_path / "b", at, "李乙")
    sync_home(newcomer.home, newcomer.settings, reported.append)
    pulled = [one for one in reported if one.step == "pull"]
    assert pulled[0].to_receive == pulled[-1].received == pulled[-1].to_receive > 5


@pytest.mark.needs("linux")
def test_a_killed_round_is_not_shown_as_running(laptop: Laptop) -> None:
    """While a process sends, others see it; once it is killed they do not, although its file is still there. The next
    round takes the file away."""
    visit(laptop, project_of(laptop))
    command = [sys.executable, "-c", _CUT, str(laptop.home.path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "sending\n"
        running = running_round(laptop.home)
        assert running is not None
        assert (running.pid, running.by, running.step) == (process.pid, "sync", "push")
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert laptop.home.round_progress.exists()
    assert running_round(laptop.home) is None
    with round_lock(laptop.home, "sync"):
        assert RoundLock(laptop.home.round_lock).holder() is not None
        assert not laptop.home.round_progress.exists()


class Silent(ForwardingCentral):
    """A central that is gone when sums are to be compared or lines sent."""

    async def push(self, lines: list[bytes], chain: protocol.PushChain | None = None) -> protocol.PushAnswer:
        """Never answers."""
        raise CentralUnreachable(central="", detail="no route")


def test_what_came_of_rounds_is_kept(laptop: Laptop) -> None:
    """A round that sent, one that failed with why, and quiet ones as a count."""
    visit(laptop, project_of(laptop))
    with pytest.raises(CentralUnreachable):
        laptop.sync_through(Silent)
    laptop.sync()
    laptop.sync()
    laptop.sync()
    with laptop.open() as device:
        found = rounds(device.ledger.device_state)
    reported = [(one.outcome, one.pushed, one.verified, one.times, one.detail) for one in found[:3]]
    assert reported == [
        ("done", 0, True, 2, None),
        ("done", 1, True, 1, None),
        ("unreachable", 0, False, 1, "no route"),
    ]
    assert found[1].up and found[1].down and found[1].ran_by == "sync"


class Differing(ForwardingCentral):
    """A central whose sums differ in one bucket, and which is gone before that bucket can be fetched."""

    bucket = ""

    async def hello(self, request: protocol.HelloRequest) -> protocol.HelloAnswer:
        """Never equal."""
        return (await self.inner.hello(request)).model_copy(update={"equal": False})

    async def verify(self, request: protocol.VerifyRequest) -> protocol.VerifyAnswer:
        """Groups differ, then the bucket does."""
        return protocol.VerifyAnswer(news=False, differ=["00"] if request.groups is not None else [self.bucket])

    async def fetch(self, request: protocol.FetchRequest) -> protocol.FetchAnswer:
        """Never answers."""
        raise CentralUnreachable(central="", detail="gone")


def test_agreement_is_told_project_by_project(laptop: Laptop) -> None:
    """Equal, then with an unsent visit, then differing where a comparison said so; the next whole round clears it."""
    of = project_of(laptop)

    def stands() -> Any:
        with laptop.open() as device:
            connection = device.ledger.database.connection()
            return next(one for one in project_sync_status(connection) if one.id == of.id), unsent_kinds(connection)

    assert (stands()[0].name, stands()[0].unsent, stands()[0].lines) == ("示范项目", 0, 1)
    visit(laptop, of)
    assert (stands()[0].unsent, stands()[1]) == (1, {"visit": 1})
    laptop.sync()
    Differing.bucket = f"p:{of.id}"
    with pytest.raises(CentralUnreachable):
        laptop.sync_through(Differing)
    assert (stands()[0].differ, stands()[0].lines) == (1, 2)
    laptop.sync()
    assert stands()[0].differ == 0


def test_devices_are_known_by_what_they_wrote(pair: tuple[Laptop, Laptop]) -> None:
    """Each device that wrote is listed with its person, its lines and its latest; this one is marked, silent or not."""
    first, second = pair
    visit(second, project_of(second))
    second.sync()
    first.sync()
    with first.open() as device:
        found = device_activity(device.ledger.database.connection())
    assert [(one.person, one.here) for one in found] == [("李乙", False), ("张甲", True)]
    by_people = [line for line in first.all_lines() if line.author != line.device]
    assert sum(one.lines for one in found) == len(by_people)
