"""One round between a device and its central. Read `run_round` as a table of contents, then the files of ``steps/``.

A round may be cut anywhere, by a signal, a network or a power failure: every step leaves the store whole, and the next
round goes on from there.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta

import orjson

from store.home.paths import Home, RoundLock
from store.home.settings import Settings
from store.home.sync_history import Ended
from store.home.sync_progress import Teller, Told
from store.values.times import now_in
from sync.device.device import Device
from sync.exceptions import NotEnrolled, RoundRunning, SyncError
from sync.protocol import Central
from sync.round_stats import Result, Tally
from sync.steps.fetch import fetch
from sync.steps.hello import hello
from sync.steps.pull import begin, pull
from sync.steps.push import push
from sync.steps.renew import renew
from sync.steps.verify import verify
from sync.transport.client import HttpCentral


async def run_round(device: Device, central: Central, tally: Tally | None = None) -> Result:
    """One round, in wire order; nothing but the hello when nothing happened. Raises what the central's calls raise,
    and then has noted how far it came."""
    tally = tally or Tally()
    try:
        with tally.shown():
            await renew(device, central)
            greeting = await hello(device, central, tally)
            await begin(device, central, tally)
            await push(device, central, tally)
            if greeting.news or tally.pushed:
                await pull(device, central, tally)
            await fetch(device, central, tally)
            await verify(device, central, tally, None if tally.moved else greeting)
    except SyncError as error:
        raise await failed(device, tally, error) from error
    return await finished(device, tally)


async def finished(device: Device, tally: Tally) -> Result:
    """The round's result, noted in the store."""
    waiting = await device.waiting()
    result = Result(
        pushed=tally.pushed,
        pulled=tally.pulled,
        superseded=tally.superseded,
        rejected=waiting.get("rejected", 0),
        pending=waiting.get("pending", 0),
        verified=tally.verified,
        clock_offset_ms=tally.offset_ms,
        seconds=round(time.monotonic() - tally.started, 3),
    )
    at = _moment(device, tally.offset_ms)
    last_round = orjson.dumps({"at": at, "outcome": "done", **result.to_json()}).decode()
    facts = {"last_round": last_round, "reached": at, **({"verified_at": at} if tally.verified else {})}
    ended = _ended(device, tally, tally.offset_ms)
    await device.do(device.exchange.end_round, ended, differ=_listed(tally.differ), **facts)
    return result


async def failed(device: Device, tally: Tally, error: SyncError) -> SyncError:
    """The same error, knowing how many lines wait and where the central is; that the round failed is noted."""
    meta, waiting = await device.meta(), await device.waiting()
    offset_ms = int(meta.get("offset_ms", "0"))
    at = _moment(device, offset_ms)
    last_round = orjson.dumps({"at": at, "outcome": error.code}).decode()
    facts = {"last_round": last_round, **({"differ": _listed(tally.differ)} if tally.differ else {})}
    await device.do(device.exchange.end_round, _ended(device, tally, offset_ms, error), **facts)
    known = {"pending": waiting.get("pending", 0), "central": address_of(device.settings, meta.get("central"))}
    return type(error)(**{**known, **{name: value for name, value in error.values.items() if value != ""}})


def _ended(device: Device, tally: Tally, offset_ms: int, error: SyncError | None = None) -> Ended:
    """The round as it is kept for people: a failed one with what it did until then."""
    detail = str(error.values.get("detail") or "") if error else ""
    counts = (tally.pushed, tally.pulled, tally.superseded, tally.rejected)
    up, down = tally.traffic
    outcome = error.code if error else "done"
    now = device.wall() + offset_ms
    ran = (now - tally.ms, now, tally.ran_by, outcome, detail or None, tally.verified)
    return Ended(*ran, *counts, up, down, tally.ms)


def _listed(buckets: Sequence[str]) -> str:
    return orjson.dumps(list(buckets)).decode()


def _moment(device: Device, offset_ms: int) -> str:
    """Now, by the central's clock as far as it is known."""
    return (now_in(0) + timedelta(milliseconds=device.wall() + offset_ms)).isoformat(timespec="seconds")


def address_of(settings: Settings, joined: str | None) -> str | None:
    """The central's address: the one that is set, else the one that was joined."""
    return settings.central or joined


def connect(device: Device, joined: str | None) -> HttpCentral:
    """The device's central over HTTP. Raises `NotEnrolled`, `InsecureAddress` or what its credentials raise."""
    address, token = address_of(device.settings, joined), device.credentials.token()
    if not address or not token:
        raise NotEnrolled()
    return HttpCentral(address, token, ca_file=device.settings.ca_file)


@contextlib.contextmanager
def holding(home: Home, what: str) -> Iterator[None]:
    """Hold the home's round lock. Raises `RoundRunning` when somebody else does."""
    lock = RoundLock(home.lock)
    if not lock.acquire(what):
        raise RoundRunning()
    try:
        home.progress.unlink(missing_ok=True)  # of one that was killed
        yield
    finally:
        lock.release()


def sync_home(home: Home, settings: Settings, also: Told | None = None) -> Result:
    """One round now: what ``guanjia sync`` does; ``also`` hears how far it is. Raises `SyncError`, or what keeps the
    home from opening."""
    with Device.open(home, settings) as device, holding(home, "sync"):
        return asyncio.run(_one_round(device, also))


async def _one_round(device: Device, also: Told | None) -> Result:
    async with connect(device, (await device.meta()).get("central")) as central:
        tally = Tally("sync", Teller(device.home.progress), also, central.wire)
        return await run_round(device, central, tally)
