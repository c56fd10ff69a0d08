"""hello on the device: send cursor and checksum. When nothing happened on either side, it is the whole round.

Every hello also measures the offset of the device's clock, and corrects the stamps of unsent lines (decision 5); and
repairs what was stamped by a central whose clock was ahead. The central's side is ``sync/central/steps/hello.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import orjson

from store.db.device_facts import DeviceFacts, read_device_facts
from store.ledger.buckets import SetChecksum
from store.ledger.clock_repair import ClockRepair
from store.ledger.hlc import is_too_far_ahead, ms_from_hlc
from store.queries.status import outbox_counts
from store.values.plausible_time import is_plausible
from store.values.version import VERSION
from sync.device.bundle_keys import bundle_keys
from sync.device.device import Device
from sync.device.meetings import MeetingAsk, note_meetings, tells_of_meetings, what_to_ask
from sync.exceptions import NotTheCentral
from sync.protocol import DeviceKeys, HelloAnswer, HelloRequest
from sync.protocol.calls import Central
from sync.round_stats import RoundStats

OFFSET_NOISE_MS = 500
"""Offsets that differ by no more than this, or by the duration of the call, count as equal."""
CLOCK_JUMP_MS = 1_000
"""When wall clock and monotonic clock differ by more during the call, the offset is not measured."""


class SentHello(NamedTuple):
    """A hello, and the facts that it was made from."""

    facts: DeviceFacts
    request: HelloRequest


class Arrival(NamedTuple):
    """When an answer arrived: by this machine's clock, in milliseconds since 1970, and in monotonic seconds."""

    wall_ms: int
    monotonic: float


async def hello(device: Device, central: Central, stats: RoundStats) -> HelloAnswer:
    """Send this device's cursor and checksum, and correct its clock by the answer, unless the central doubts its own.

    Raises `NotTheCentral` when another central than the joined one answers."""
    sent = await prepare_hello(device, stats)
    answer = await central.hello(sent.request)
    arrival = arrival_now(device)
    check_central(sent, answer.central)
    await take_greeting(device, stats, sent, answer, arrival)
    await _note_spoken(device, sent, answer)
    return answer


def arrival_now(device: Device) -> Arrival:
    """The arrival of an answer at this moment."""
    return Arrival(device.now_ms(), device.chance.monotonic())


async def prepare_hello(device: Device, stats: RoundStats) -> SentHello:
    """What this device says of itself at this moment."""
    facts, agreed, waiting, keys, asked = await device.run_in_store(_read_state, device)
    stats.offset_ms = facts.offset_ms
    asked_at, stats.compared_at = device.now_ms(), device.chance.monotonic()
    request = HelloRequest(
        device=facts.device,
        cursor=facts.get("cursor") or None,
        epoch=facts.get("epoch") or None,
        agreed=agreed,
        time=asked_at,
        offset_ms=facts.offset_ms if "offset_ms" in facts else None,
        program=VERSION,
        unsent=waiting.get("pending", 0),
        refused=waiting.get("rejected", 0),
        keys=None if facts.get("keys_told") == keys.sign else keys,
        **asked._asdict(),
    )
    return SentHello(facts, request)


def _read_state(device: Device) -> tuple[DeviceFacts, SetChecksum, Mapping[str, int], DeviceKeys, MeetingAsk]:
    """Facts, checksum and outbox counts of this moment, the keys for bundles, which are made with their first use, and
    what is to be asked for meetings."""
    keys = bundle_keys(device).public
    with device.ledger.database.read() as connection:
        facts = read_device_facts(connection)
        asked = what_to_ask(device, connection, facts)
        return facts, device.ledger.total_checksum(), outbox_counts(connection), keys, asked


def check_central(sent: SentHello, central_id: str) -> None:
    """Raise `NotTheCentral` when another central than the joined one answers."""
    if sent.facts.get("central_id", central_id) != central_id:
        raise NotTheCentral(central=sent.facts.central or "", detail="another central than the one that was joined")


async def take_greeting(
    device: Device, stats: RoundStats, sent: SentHello, answer: HelloAnswer, arrival: Arrival
) -> None:
    """Keep what a greeting says, and correct the device's clock by it, unless the central doubts its own."""
    facts, asked_at = sent.facts, sent.request.time
    await note_greeting(device, stats, sent, answer)
    took_ms = int((arrival.monotonic - stats.compared_at) * 1000)
    stats.central_clock_off_ms = _central_clock_off_ms(answer, asked_at)
    if stats.central_clock_off_ms is None and abs(arrival.wall_ms - asked_at - took_ms) <= CLOCK_JUMP_MS:
        is_known = sent.request.offset_ms is not None
        await _correct_clock(device, stats, answer.time - asked_at - took_ms // 2, took_ms, is_known=is_known)
    if stats.central_clock_off_ms is None:
        await adopt_repairs(device, stats, facts.get("clock_repairs"), answer)


async def note_greeting(device: Device, stats: RoundStats, sent: SentHello, answer: HelloAnswer) -> None:
    """Keep what a greeting says but for the time."""
    facts, stats.heard_ms = sent.facts, answer.time
    if answer.key and not facts.get("central_key"):  # joined before centrals had keys
        await device.run_in_store(device.ledger.save_facts, central_key=answer.key)
    if answer.agree and answer.agree != facts.get("central_agree"):
        await device.run_in_store(device.ledger.save_facts, central_agree=answer.agree)
    if answer.lines is not None:
        stats.begin_step(stats.step, to_receive=max(answer.lines - sent.request.agreed[0], 0))
    await _tell_of_devices(device, facts.get("devices"), answer)
    await _note_roles(device, facts.get("roles"), answer)
    stats.judged = answer.judged
    if tells_of_meetings(sent.request.device, answer):
        await device.run_in_store(note_meetings, device, sent.request.device, answer)
    if str(answer.waiting or "") != facts.get("waiting", ""):
        await device.run_in_store(device.ledger.save_facts, waiting=str(answer.waiting or ""))
    sent_key = sent.request.keys.sign if sent.request.keys and answer.agree else ""
    told = answer.device_key or sent_key  # what was sent now counts as told, until the next greeting says otherwise
    if told != facts.get("keys_told", ""):
        await device.run_in_store(device.ledger.save_facts, keys_told=told)


async def _note_spoken(device: Device, sent: SentHello, answer: HelloAnswer) -> None:
    """A central that refused to speak protocol 2 on some day says by now which it speaks: once it speaks a newer one
    than it did that day, it is asked again at once."""
    refused, _, spoken = sent.facts.get("exchange_refused", "").partition(" ")
    if refused and not spoken:
        await device.run_in_store(device.ledger.save_facts, exchange_refused=f"{refused} {answer.speaks}")
    elif refused and int(spoken) < answer.speaks:
        await device.run_in_store(device.ledger.save_facts, exchange_refused="")


async def adopt_repairs(device: Device, stats: RoundStats, known: str | None, answer: HelloAnswer) -> None:
    """Move stamps from the future back as the central has done. The checksums that it compared are not this device's
    any more then."""
    told = [ClockRepair(each.first, each.last, each.to_first, each.to_last) for each in answer.repairs]
    repairs = [
        repair
        for repair in told
        if repair.is_sound
        and is_plausible(ms_from_hlc(repair.to_first))
        and not is_too_far_ahead(repair.to_last, answer.time)
    ]
    if orjson.loads(known or "[]") != [list(repair) for repair in repairs]:
        stats.lines_moved |= bool(await device.run_in_store(device.ledger.adopt_repairs, repairs))


def _central_clock_off_ms(answer: HelloAnswer, asked_at: int) -> int | None:
    """By how much the central's clock seems to be ahead, where it says so itself or tells an impossible time; else
    None."""
    if answer.clock_doubtful:
        return answer.clock_off_ms or 0
    return None if is_plausible(answer.time) else answer.time - asked_at


async def _tell_of_devices(device: Device, known: str | None, answer: HelloAnswer) -> None:
    """Tell the owner of each device that joined in their name since the last round; the first round only records which
    there are."""
    names = {own.id: own.name for own in answer.devices}
    recorded = orjson.dumps(sorted(names)).decode()
    if not names or recorded == known:
        return
    joined = set() if known is None else names.keys() - set(orjson.loads(known))
    if joined:
        notice = {"device": ", ".join(names[device_id] for device_id in sorted(joined))}
        await device.run_in_store(device.ledger.add_notice, "device_joined", notice)
    await device.run_in_store(device.ledger.save_facts, devices=recorded)


async def _note_roles(device: Device, known: str | None, answer: HelloAnswer) -> None:
    """Note which roles the person holds by now: screens and commands offer what these may write."""
    held = orjson.loads(known or "[]")
    names = {str(role["role"]) for role in held}
    if answer.roles and names != set(answer.roles):
        kept = [role for role in held if role["role"] in answer.roles]
        fresh = [{"role": name} for name in answer.roles if name not in names]
        held_now = orjson.dumps(kept + fresh).decode()
        await device.run_in_store(device.ledger.save_facts, roles=held_now, card_at="")


async def _correct_clock(device: Device, stats: RoundStats, offset_ms: int, took_ms: int, *, is_known: bool) -> None:
    """Adopt the measured offset if it differs from the known one by more than its error, half the duration of the
    call. Where none ``is_known`` and there is none, that is known from now on."""
    known_ms, stats.offset_ms = stats.offset_ms, offset_ms
    if abs(offset_ms - known_ms) > max(OFFSET_NOISE_MS, took_ms):
        await device.run_in_store(device.ledger.correct_clock, offset_ms)
        return
    if not is_known:  # the central takes in no lines of a device that does not say by how much its clock is off
        await device.run_in_store(device.ledger.save_facts, offset_ms=str(known_ms))
    await device.run_in_store(device.ledger.record_contact)
