"""One round between a device and its central. Read `run_round` as a table of contents, then the files of ``steps/``.

A round may be interrupted anywhere by a signal, the network or a power failure: every step leaves the store consistent,
and the next round goes on from there.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

import orjson
from pydantic import BaseModel

from store.db.device_facts import read_device_facts
from store.exceptions import GuanjiaError, NoCredentials, StoreError
from store.home.paths import Home, RoundLock
from store.home.settings import Settings
from store.home.sync_history import LINES_WAIT, RoundRecord
from store.home.sync_progress import ProgressWriter, RoundProgressCallback
from store.queries.provisional import provisional_devices
from store.queries.status import outbox_counts
from store.values.times import district_time
from sync.device.device import LOG, Device
from sync.exceptions import (
    CentralClockWrong,
    CentralUnreachable,
    DeviceRefused,
    DeviceUnknown,
    NotEnrolled,
    RoundRunning,
    SeatCallFailed,
    SyncError,
)
from sync.protocol import HelloAnswer
from sync.protocol.calls import Central
from sync.round.blobs import blob_budget, move_blobs
from sync.round_stats import RoundResult, RoundStats
from sync.steps.carried import HEARD_BEFORE, carried_records
from sync.steps.exchange import exchange
from sync.steps.exports import send_exports
from sync.steps.fetch import fetch
from sync.steps.hand_in import hand_in
from sync.steps.heal import heal
from sync.steps.hello import hello
from sync.steps.intake import compare_restored
from sync.steps.pull import initial_pull, pull
from sync.steps.pull import is_due as is_pull_due
from sync.steps.renew import renew
from sync.steps.roster import come_back, keep_roster
from sync.steps.rotate import rotate
from sync.steps.settled import is_settled
from sync.steps.twins import push_as_own_device
from sync.steps.verify import verify
from sync.transport.busy import BusyWait, CentralLoaded
from sync.transport.client import HttpCentral
from sync.transport.identity import PinnedIdentity

AnswerT = TypeVar("AnswerT", bound=BaseModel)
BLOB_SECONDS = 60.0
"""So long a round that somebody waits for goes on with the bytes of attachments; the rest is the next one's."""


async def run_round(device: Device, central: Central, stats: RoundStats | None = None) -> RoundResult:
    """One round: an exchange, and the steps of protocol 1 for what it has left. Raises what the central's calls raise,
    after recording the failure."""
    stats = stats or RoundStats(monotonic=device.chance.monotonic)
    facts = await device.facts()
    device.page_limits.restore(facts.get("page_limits"))
    try:
        with stats.publishing_progress():
            await renew(device, central, facts)
            greeting = await greet_in_turn(device, central, stats)
            if await is_settled(device, stats, greeting):
                stats.begin_step("verify")
                stats.verified, stats.differing_buckets = True, ()
            else:
                await settle(device, central, stats, greeting)
    except (SyncError, NoCredentials) as error:
        raise await record_failure(device, stats, error) from error
    return await record_success(device, stats)


async def settle(device: Device, central: Central, stats: RoundStats, greeting: HelloAnswer) -> None:
    """The steps after the greeting, in wire order; raises what their calls raise. After an exchange most find nothing
    to do."""
    await heal(device, central, stats, greeting)
    await initial_pull(device, central, stats)
    await push_as_own_device(device, central, stats)
    if is_pull_due(await device.facts(), stats, greeting):
        await pull(device, central, stats)
    await fetch(device, central, stats)
    await verify(device, central, stats, None if stats.lines_moved else greeting)
    await compare_restored(device, central, stats)
    await rotate(device, central, stats, greeting)
    await keep_roster(device, central, stats, greeting)
    await send_exports(device, central, greeting)
    await hand_in(device, central, greeting)
    await require_nothing_waits_for_clock(device, stats)
    stats.check_nothing_blocked()


async def greet_in_turn(device: Device, central: Central, stats: RoundStats) -> HelloAnswer:
    """`greet`, again where the central has too much to do and says when to come back: what a greeting says of the time
    is of the moment at which it is sent."""
    patience = BusyWait(on_wait=stats.wait_for_turn)
    while True:
        try:
            return await greet(device, central, stats)
        except CentralLoaded as error:
            await patience.wait(error)


async def greet(device: Device, central: Central, stats: RoundStats) -> HelloAnswer:
    """An exchange, which may be the whole round, or hello. A device that the central does not know, since it was set
    back, shows once what it keeps for it."""
    try:
        return await exchange(device, central, stats) or await hello(device, central, stats)
    except DeviceUnknown:
        if not await come_back(device, central):
            raise
        return await hello(device, central, stats)


async def require_nothing_waits_for_clock(device: Device, stats: RoundStats) -> None:
    """Raise `CentralClockWrong` where lines wait since the central doubts its own clock; all else of the round is
    done."""
    if stats.central_clock_off_ms is not None and (await device.outbox_counts()).get("pending"):
        raise CentralClockWrong.off_by_ms(stats.central_clock_off_ms)


async def record_success(device: Device, stats: RoundStats, at: str | None = None) -> RoundResult:
    """Record the end of the round in the store, as of now or of the central's time ``at``; gives its result."""
    return await device.run_in_store(_record_success, device, stats, at)


def _record_success(device: Device, stats: RoundStats, at: str | None) -> RoundResult:
    if stats.verified and provisional_devices(device.ledger.database.connection()):
        device.ledger.settle_provisional(stats.judged)
    waiting = outbox_counts(device.ledger.database.connection())
    result = RoundResult(
        pushed=stats.pushed,
        pulled=stats.pulled,
        superseded=stats.superseded,
        rejected=waiting.get("rejected", 0),
        pending=waiting.get("pending", 0),
        verified=stats.verified,
        clock_offset_ms=stats.offset_ms,
        seconds=round(stats.elapsed_ms / 1000, 3),
        in_agreement=stats.verified and not any(waiting.values()),
    )
    at = at or _central_time(device, stats.offset_ms)
    last_round = orjson.dumps({"at": at, "outcome": "done", **result.to_json()}).decode()
    facts = {**stats.facts, "last_round": last_round, "reached": at, "page_limits": device.page_limits.to_fact()}
    if stats.heard_ms:
        facts["heard"] = str(stats.heard_ms)
        on_record = carried_records(read_device_facts(device.ledger.database.connection()))
        facts[HEARD_BEFORE] = orjson.dumps([each.id for each in on_record]).decode()
    if stats.verified:
        facts["verified_at"] = at
    record = _round_record(device, stats, stats.offset_ms)
    if stats.verified and not result.in_agreement:
        record = record._replace(detail=LINES_WAIT)
    device.ledger.end_round(record, differ=_json_list(stats.differing_buckets), **facts)
    return result


async def record_failure(device: Device, stats: RoundStats, error: GuanjiaError) -> GuanjiaError:
    """Record the failure in the store; gives the same error with the number of unsent lines and the central's
    address."""
    known_facts, waiting = await device.facts(), await device.outbox_counts()
    offset_ms = known_facts.offset_ms
    at = _central_time(device, offset_ms)
    last_round = orjson.dumps({"at": at, "outcome": error.code}).decode()
    facts = {
        **stats.facts,
        "last_round": last_round,
        "page_limits": device.page_limits.to_fact(),
        **({"differ": _json_list(stats.differing_buckets)} if stats.differing_buckets else {}),
    }
    await device.run_in_store(device.ledger.end_round, _round_record(device, stats, offset_ms, error), **facts)
    known = {"pending": waiting.get("pending", 0), "central": central_address(device.settings, known_facts.central)}
    return type(error)(**{**known, **{name: value for name, value in error.values.items() if value != ""}})


def _round_record(device: Device, stats: RoundStats, offset_ms: int, error: GuanjiaError | None = None) -> RoundRecord:
    """The round's entry in the sync history; a failed one has the counts up to its failure."""
    detail = error.evidence if isinstance(error, SyncError) else str(error.values.get("detail") or "") if error else ""
    counts = (stats.pushed, stats.pulled, stats.superseded, stats.rejected)
    up, down = stats.traffic
    outcome = error.code if error else "done"
    now = device.now_ms() + offset_ms
    header = (now - stats.elapsed_ms, now, stats.ran_by, outcome, detail or None, stats.verified)
    return RoundRecord(*header, *counts, up, down, stats.elapsed_ms)


def _json_list(buckets: Sequence[str]) -> str:
    return orjson.dumps(list(buckets)).decode()


def _central_time(device: Device, offset_ms: int) -> str:
    """The present time by the central's clock, as far as its offset is known."""
    return (district_time(0) + timedelta(milliseconds=device.now_ms() + offset_ms)).isoformat(timespec="seconds")


def central_address(settings: Settings, joined_address: str | None) -> str | None:
    """The central's address: that of the settings, else the one that was joined."""
    return settings.central or joined_address


def connect_central(device: Device, joined_address: str | None) -> HttpCentral:
    """The device's central over HTTP. Raises `NotEnrolled`, `InsecureAddress`, `BadProxy`, or errors of its
    credentials."""
    address, token = central_address(device.settings, joined_address), device.credentials.token()
    if not address or not token:
        raise NotEnrolled()
    facts = read_device_facts(device.ledger.database.connection())
    key, authority = facts.get("central_key"), facts.get("central_authority")
    pinned = PinnedIdentity(facts.district, key, authority) if key else None
    return HttpCentral(address, token, ca_file=device.settings.ca_file, page_limits=device.page_limits, pinned=pinned)


async def open_central(device: Device, ran_by: str) -> HttpCentral:
    """`connect_central` for a round of the program ``ran_by``: a failure is recorded as that round's. Raises the
    same."""
    joined_address = (await device.facts()).central
    try:
        return await device.run_in_store(connect_central, device, joined_address)
    except CentralUnreachable as error:
        raise await record_failure(device, RoundStats(ran_by), error) from error


def call_central(home: Home, settings: Settings, path: str, request: BaseModel, model: type[AnswerT]) -> AnswerT:
    """The central's answer to one call of the bureau's seat (``sync/admin_protocol.py``); writes nothing into the home.
    Raises `NotEnrolled`, `NotForThisRole` and the other refusals of the seat, `SeatCallFailed`, or an error of opening
    the home."""
    with Device.open(home, settings) as device:
        return asyncio.run(_call_central(device, path, request, model))


async def _call_central(device: Device, path: str, request: BaseModel, model: type[AnswerT]) -> AnswerT:
    joined_address = (await device.facts()).central
    try:
        return await administer_from(device, joined_address, path, request, model)
    except CentralUnreachable as error:
        raise SeatCallFailed(error) from error
    except SyncError as error:
        raise type(error)(**{"pending": 0, **await device.outbox_counts(), **error.values}) from error


async def administer_from(
    device: Device, joined_address: str | None, path: str, request: BaseModel, model: type[AnswerT]
) -> AnswerT:
    """The call, and once more where the daemon has changed the token meanwhile."""
    token = await device.run_in_store(device.credentials.token)
    try:
        async with await device.run_in_store(connect_central, device, joined_address) as central:
            return await central.ask(path, request, model)
    except DeviceRefused:
        if await device.run_in_store(device.credentials.token) == token:
            raise
        async with await device.run_in_store(connect_central, device, joined_address) as central:
            return await central.ask(path, request, model)


@contextlib.contextmanager
def round_lock(home: Home, holder: str) -> Iterator[None]:
    """Hold the home's round lock. Raises `RoundRunning` when another process holds it."""
    lock = RoundLock(home.round_lock)
    if not lock.acquire(holder):
        raise RoundRunning()
    try:
        home.round_progress.unlink(missing_ok=True)  # of one that was killed
        yield
    finally:
        lock.release()


def sync_home(home: Home, settings: Settings, on_progress: RoundProgressCallback | None = None) -> RoundResult:
    """One round now, as ``guanjia sync`` does it; ``on_progress`` gets its progress. What keeps attached files from
    travelling is in the result. Raises `SyncError`, or an error of opening the home."""
    with Device.open(home, settings) as device, round_lock(home, "sync"):
        return asyncio.run(_run_round(device, on_progress))


async def _run_round(device: Device, on_progress: RoundProgressCallback | None) -> RoundResult:
    async with await open_central(device, "sync") as central:
        stats = RoundStats("sync", ProgressWriter(device.home.round_progress), on_progress, central.byte_counts)
        result = await run_round(device, central, stats)
        try:
            await move_blobs(device, central, blob_budget(device.settings, BLOB_SECONDS))
        except StoreError as error:  # the round has ended well
            LOG.warning("attachments wait (%s)", error.code)
            return replace(result, files_failure=error)
        return result
