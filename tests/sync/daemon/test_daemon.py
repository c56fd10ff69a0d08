"""The daemon as a process: what wakes it, what does not, how it waits, and how it ends."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from store.exceptions import FileFailure, HomeNotFound
from store.home.error_log import read_log
from store.home.paths import RoundLock
from sync.daemon.daemon import Daemon, failed_serving, run_daemon
from sync.daemon.schedule import MAX_BACKOFF_S, MIN_RETRY_S, RoundSchedule
from sync.device.device import Device
from sync.exceptions import RoundRunning
from tests.sync.central_fixture import Central
from tests.sync.laptops import Laptop, bureau, project, visit
from tests.sync.rounds.test_blobs import attached
from tests.sync.servers import ReceivedRequest, answer, answering_with, serving
from tests.sync.serving_home import daemon, daemon_in_interpreter, everything_else_off

QUIET_S = 1.0
"""Four times the watcher's patience: what has not woken the daemon by then does not wake it."""


def test_a_local_commit_wakes_it(laptop: Laptop) -> None:
    """With an interval of a day and no hints, a saved visit is at the central after the next round."""
    with daemon(laptop, everything_else_off()) as served:
        served.until("round")
        visit(laptop, next(iter(laptop.lines().values())))
        assert served.until("round")["pushed"] == 1
        served.end()
    assert laptop.waits().lines == 0


def test_what_is_wrong_with_files_holds_up_no_text(laptop: Laptop, tmp_path: Path) -> None:
    """Where the folder of attached files cannot be read, the daemon says so, and goes on sending what people write: its
    rounds have not failed."""
    of = next(iter(laptop.lines().values()))
    attached(laptop, of.id, tmp_path)
    folder = laptop.home.path / "ledger.attachments"
    shutil.rmtree(folder)
    folder.write_bytes(b"in the way")
    with daemon(laptop, everything_else_off()) as served:
        served.until("round")
        assert served.until("attachments_failed")["code"] == "file_failure"
        visit(laptop, of)
        served.until("round", pushed=1)
        served.end()


def test_a_commit_wakes_it_wherever_the_home_lies(tmp_path: Path, at: Central) -> None:
    """Below a folder that watchers of source code ignore, a saved visit is sent as from anywhere else."""
    laptop = bureau(tmp_path / ".git" / "a", at)
    project(laptop)
    with daemon(laptop, everything_else_off()) as served:
        served.until("round")
        visit(laptop, next(iter(laptop.lines().values())))
        served.until("round", pushed=1)
        served.end()


def test_its_own_writes_and_drafts_do_not_wake_it(laptop: Laptop) -> None:
    """A round records its outcome in the store, and a form saves its draft every second: neither triggers a round."""
    with daemon(laptop, everything_else_off()) as served:
        served.until("round")
        time.sleep(QUIET_S)
        with laptop.open() as device:
            device.ledger.save_draft("visit", {"text": "还没写完"})
        time.sleep(QUIET_S)
        visit(laptop, next(iter(laptop.lines().values())))
        served.until("round", pushed=1)
        time.sleep(QUIET_S)
        served.end()
        assert served.count("round") == 2


def test_a_hint_wakes_it(laptop: Laptop, tmp_path: Path, at: Central) -> None:
    """With an interval of a day, another laptop's line arrives because of the central's hint."""
    other = bureau(tmp_path / "b", at, "李乙")
    other.sync()
    with daemon(laptop, {"sync_interval_s": "86400"}) as served:
        served.until("round")
        served.until("listening")
        for text in ("第一次", "第二次"):  # a connection that opened late calls for a round too, but only for one
            visit(other, next(iter(other.lines().values())), text)
            other.sync()
            served.until("round", pulled=1)
        served.end()
        assert [entry for entry in served.logged if entry["event"] == "called" and entry["by"] == "hint"]
    assert laptop.dump() == other.dump()


def test_the_clock_wakes_it(laptop: Laptop) -> None:
    """Without commits or hints there is a round at every interval."""
    with daemon(laptop, {"sync_interval_s": "5", "live": "false"}) as served:
        served.until("round")
        served.until("round")
        served.end()


def test_waking_from_sleep_calls_for_a_round(laptop: Laptop) -> None:
    """When the wall clock advanced by more than the monotonic clock, the machine was suspended: a round is due."""
    jumps = iter([0.0, 0.0, 0.0])

    async def run() -> None:
        with laptop.open() as device:
            waiting = Daemon(device, wall_clock=lambda: time.time() + next(jumps, 3_600.0), max_sleep_s=0.01)
            waiting.schedule.record_success(time.monotonic())
            await waiting._until_due()

    asyncio.run(asyncio.wait_for(run(), 30))


def test_one_daemon_a_home(laptop: Laptop) -> None:
    """A second daemon is refused while the first lives, and may start as soon as the first was killed."""
    with daemon(laptop, everything_else_off()) as served:
        served.until("started")
        with pytest.raises(RoundRunning):
            run_daemon(laptop.home, laptop.settings)
        with pytest.raises(RoundRunning):
            laptop.sync()
        held = RoundLock(laptop.home.round_lock).holder()
        assert held == (served.process.pid, "daemon")
    assert laptop.sync().verified


def test_it_needs_no_bus_no_terminal_no_screens(laptop: Laptop, tmp_path: Path) -> None:
    """With the key from systemd's credentials and an empty environment it serves, and has loaded neither Textual nor
    the central nor a keyring."""
    for name in ("key", "token"):
        (laptop.home.credentials / name).rename(tmp_path / f"guanjia.{name}")
    given = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    with daemon_in_interpreter(laptop, everything_else_off(credentials="systemd"), given) as served:
        served.until("round", verified=True)
        time.sleep(QUIET_S)  # asked to end while it reads, it ends at once and prints nothing
        modules = set(served.end().split())
    assert "sync.daemon.daemon" in modules
    assert not {"textual", "fastapi", "uvicorn", "keyring", "jeepney"} & modules


def test_a_home_that_is_gone_is_noticed(laptop: Laptop, tmp_path: Path) -> None:
    """Unmounted, removed or replaced, the home is not written to any more: not even an empty ledger is made there."""

    async def run() -> None:
        with laptop.open() as device:
            served = Daemon(device)
            await served._unsent()
            laptop.home.path.rename(tmp_path / "elsewhere")
            laptop.home.path.mkdir()
            with pytest.raises(HomeNotFound):
                await served._unsent()
            await asyncio.to_thread(expect_no_new_ledger, device)

    def expect_no_new_ledger(device: Device) -> None:
        with pytest.raises(FileFailure):
            device.ledger.database.connection()

    asyncio.run(run())
    assert list(laptop.home.path.iterdir()) == []


def test_an_error_that_nobody_foresaw_is_logged_and_tried_again(laptop: Laptop) -> None:
    """A mistake of the program or a failing disk ends no daemon: it is in the home's log, for doctor to count, and the
    next try is later each time, five minutes at most."""
    retries, waits = RoundSchedule(MIN_RETRY_S, jitter=lambda _low, high: high), []
    for _time in range(10):
        waits.append(failed_serving(laptop.home, retries, ExceptionGroup("tasks", [ValueError("a mistake")])))
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (MIN_RETRY_S, MAX_BACKOFF_S)
    assert len(read_log(laptop.home.path)) == 10
    assert "ValueError: a mistake" in laptop.home.log.read_text("utf-8")


# Waiting


CALLED: dict[str, str] = {"event": "called", "by": "commit"}


def served_by(laptop: Laptop, answer: bytes, then: Mapping[str, str] = CALLED) -> list[dict[str, object]]:
    """What the daemon says of its failed rounds at a central that answers so: of the first, and until a while after it
    has said ``then`` of a commit that came meanwhile."""

    async def run() -> list[dict[str, object]]:
        async with serving(answering_with(answer)) as address:
            return await asyncio.to_thread(failing, laptop, address, then)

    return asyncio.run(run())


def failing(laptop: Laptop, address: str, then: Mapping[str, str]) -> list[dict[str, object]]:
    """The failed rounds of a daemon, from its first to a while after it has said ``then`` of a commit."""
    with daemon(laptop, everything_else_off(central=address)) as served:
        served.until("round_failed")
        visit(laptop, next(iter(laptop.lines().values())))
        served.until(**then)
        time.sleep(QUIET_S)
        served.end()
        return [entry for entry in served.logged if entry["event"] == "round_failed"]


def test_retry_after_is_honoured_whatever_happens_meanwhile(laptop: Laptop) -> None:
    """Asked to wait ten minutes, the daemon waits ten minutes, although an officer writes."""
    failures = served_by(laptop, answer(503, b"", retry_after="600"))
    assert [failure["code"] for failure in failures] == ["gateway"]
    assert 600 <= float(str(failures[0]["next_in_s"])) <= 660


def test_a_revoked_device_is_not_tried_again_and_again(laptop: Laptop) -> None:
    """Revoked, the daemon says so and what to do, waits five minutes, and goes on serving."""
    with laptop.open() as device:  # else the scripted central would have to prove who it is first
        device.ledger.save_facts(central_key="")
    failures = served_by(laptop, answer(401, b'{"code": "revoked", "detail": ""}'))
    assert failures[0]["code"] == "revoked"
    assert failures[0]["next_in_s"] == 300
    assert "guanjia join" in str(failures[0]["what"])


def test_a_captive_portal_is_waited_out(laptop: Laptop) -> None:
    """Behind a login page the daemon backs off, tries again, and changes nothing."""
    before = laptop.dump()
    # The next try may be due by itself before anybody looks at the commit, and then the commit calls for nothing more.
    failures = served_by(laptop, answer(200, b"<html>Log in</html>", "text/html"), then={"event": "round_failed"})
    assert len(failures) > 1
    assert {failure["code"] for failure in failures} == {"captive_portal"}
    assert before in laptop.dump()


def test_joining_wakes_a_daemon_that_had_nobody_to_serve(tmp_path: Path, at: Central) -> None:
    """A daemon of a home that has joined no central waits, and syncs as soon as the home joins."""
    laptop = bureau(tmp_path / "a", at)
    token = laptop.home.credentials / "token"
    token.rename(tmp_path / "token")
    with daemon(laptop, everything_else_off()) as served:
        served.until("round_failed", code="not_enrolled")
        laptop.join(at, at.invite("张局", "bureau"))
        assert served.until("round")["verified"]
        served.end()


# Ending


def test_sigterm_ends_a_sleeping_daemon(laptop: Laptop) -> None:
    """Asleep, with a live connection open, it ends when asked and says so."""
    with daemon(laptop, {"sync_interval_s": "86400"}) as served:
        served.until("listening")
        served.end()
        assert served.logged[-1]["event"] == "stopped"


def test_sigterm_ends_a_daemon_in_the_middle_of_a_call(laptop: Laptop) -> None:
    """A central that never answers would hold a call for half a minute; the daemon ends at once, and loses nothing."""
    line = visit(laptop, next(iter(laptop.lines().values())))

    async def run() -> None:
        asked = asyncio.Event()

        async def silent(request: ReceivedRequest, writer: asyncio.StreamWriter) -> None:
            del request, writer
            asked.set()
            await asyncio.sleep(120)

        async with serving(silent) as address:
            with daemon(laptop, everything_else_off(central=address)) as served:
                await asked.wait()
                await asyncio.to_thread(served.end)

    asyncio.run(run())
    assert laptop.waits().lines == 1
    assert laptop.sync().pushed == 1
    assert line.id in laptop.lines()


def test_sigterm_ends_a_daemon_that_waits_for_another_writer(laptop: Laptop) -> None:
    """While another process holds the store for a minute, the daemon's own write waits; it still ends when asked."""
    with daemon(laptop, everything_else_off()) as served:
        served.until("round")
        with laptop.open() as device:
            connection = device.ledger.database.connection()
            visit(laptop, next(iter(laptop.lines().values())))
            connection.execute("BEGIN IMMEDIATE")
            served.until("called", by="commit")
            time.sleep(QUIET_S)
            served.end()
            connection.execute("ROLLBACK")
    assert laptop.sync().pending == 0
