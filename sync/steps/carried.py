"""Rounds by file on the device: a message written as a bundle, and the answer that comes back days later.

A message is what an exchange would send, all of it in one file. An answer is applied by the same steps as over a
network, once: as long as its message is on record. It may come late, after rounds over a network or after answers to
later messages: then its outcomes settle only what nothing later is known of, and its pages are left out. The central's
side is ``sync/central/bundles.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import orjson

from store.db.device_facts import DeviceFacts, read_device_facts
from store.ledger.buckets import SetChecksum
from store.ledger.line import canonical_json, digest_of
from store.queries.outbox import unsent_in_order, waiting_ids
from store.values.plausible_time import is_plausible
from store.values.times import district_time
from store.writer.checksums import all_lines
from store.writer.sync_writes import OutgoingLine
from store.writer.unsent import CARRIED_UNTIL
from sync.device.bundle_keys import bundle_keys
from sync.device.device import Device
from sync.exceptions import NotTheCentral
from sync.protocol import (
    PAGE_BYTES,
    FetchAnswer,
    FetchRequest,
    HelloAnswer,
    HelloRequest,
    PushAnswer,
    PushChain,
)
from sync.protocol.bundle.bundle_file import Bundle, BundleAddress, write_bundle
from sync.protocol.bundle.exceptions import BundleDamaged
from sync.protocol.bundle.names import SUFFIX, bundle_name
from sync.protocol.carried import AnswerOpening, FetchedBuckets, MessageOpening, SentVersions
from sync.protocol.documents import ExchangeAnswer, ExchangeMessage, encode_message, parse_answer
from sync.round_stats import RoundStats
from sync.steps.fetch import repair_buckets
from sync.steps.heal import needs_healing
from sync.steps.hello import SentHello, adopt_repairs, check_central, note_greeting, prepare_hello
from sync.steps.intake import known_position, take_intake
from sync.steps.pull import take_page
from sync.steps.push import acknowledge, count_outcomes
from sync.transport.answers import refused_by_code

CARRIED = "carried"
"""The fact that holds the messages on record."""
HEARD_BEFORE = "heard_before"
"""The fact that names the messages that were on record when the central was last heard."""
MAX_ON_RECORD = 50
"""So many unanswered messages are on record; the answer to an older one is not waited for any more."""
CLOCK_NOISE_MS = 2_000
"""A clock that is off by no more from what an answer proves counts as right."""


class CarriedRecord(NamedTuple):
    """A message that left as a file and was not answered yet: its id, when it was made by this machine's own clock
    (milliseconds since 1970), with how many lines, the last stamp among them, and the name of its file."""

    id: str
    wall_ms: int
    lines: int
    until: int
    file: str


class WrittenMessage(NamedTuple):
    """A message as a file, its size in bytes, its lines; and how many files of others were written beside it."""

    file: Path
    bytes: int
    lines: int
    carried: int = 0


class ImportedAnswer(NamedTuple):
    """What an answer did. ``is_new``: its message was on record. ``is_late``: something later was known already.
    ``needs_network``: the central was set back, which is healed over a network. ``was_corrected``: this machine's clock
    was wrong, and the lines have to be written once more. ``equal``: both sides were found equal at ``time``."""

    is_new: bool
    is_late: bool = False
    needs_network: bool = False
    was_corrected: bool = False
    equal: bool = False
    time: int = 0


def carried_records(facts: DeviceFacts) -> list[CarriedRecord]:
    """The messages that left as files and were not answered yet, the oldest first."""
    return [CarriedRecord(*each) for each in orjson.loads(facts.get(CARRIED) or "[]")]


# The message


async def write_message(device: Device, out: Path, *, again: bool = False) -> WrittenMessage:
    """Write what is unsent, and where this device stands, as a bundle for the central: into the folder ``out``, or as
    the file ``out``; ``again``: also what was written on this device and sent before. The home has joined a central
    whose keys it knows. Raises `BundleUnwritten`."""
    sent = await prepare_hello(device, RoundStats(monotonic=device.chance.monotonic))
    return await device.run_in_store(_write_message, device, sent, out, again)


def _write_message(device: Device, sent: SentHello, out: Path, again: bool) -> WrittenMessage:
    facts, keys, message = sent.facts, bundle_keys(device), device.new_id()
    now_ms = sent.request.time + facts.offset_ms
    unsent = unsent_in_order(device.ledger.database.connection())
    name = bundle_name(facts.person_name, "message", district_time(now_ms))
    target = out / name if out.is_dir() or out.suffix != SUFFIX else out
    record = CarriedRecord(message, sent.request.time, unsent.lines, unsent.last_stamp, target.name)
    before = _put_on_record(device, facts, record)
    address = BundleAddress("message", message, facts.district, facts["central_agree"])
    batches = [_unsent_batches(device, unsent.last)] + ([_sent_batches(device)] if again else [])
    counted = _CountedBatches(chain.from_iterable(batches))
    try:
        file, size = write_bundle(target, address, keys, now_ms, _message_documents(device, sent, counted))
    except BaseException:
        device.ledger.save_facts(**{CARRIED: before})
        raise
    return WrittenMessage(file, size, counted.lines)


def _put_on_record(device: Device, facts: DeviceFacts, record: CarriedRecord) -> str:
    """Put a message on record before its file is there; gives what was on record before."""
    records = [list(each) for each in (*carried_records(facts), record)][-MAX_ON_RECORD:]
    until = max(int(facts.get(CARRIED_UNTIL) or 0), record.until)
    device.ledger.save_facts(**{CARRIED: orjson.dumps(records).decode(), CARRIED_UNTIL: str(until)})
    return facts.get(CARRIED, "")


class _CountedBatches:
    """Batches of lines, and how many ``lines`` have been taken from them."""

    def __init__(self, batches: Iterator[list[OutgoingLine]]) -> None:
        self._batches, self.lines = batches, 0

    def __iter__(self) -> Iterator[list[OutgoingLine]]:
        for batch in self._batches:
            self.lines += len(batch)
            yield batch


def _unsent_batches(device: Device, last: int) -> Iterator[list[OutgoingLine]]:
    """What waits in the outbox up to this position, as pushes take it."""
    limit, position = device.page_limits.max_lines, 0
    while batch := device.ledger.pending_lines(limit, PAGE_BYTES, position):
        position = batch[-1].n
        if lines := [line for line in batch if line.n <= last]:
            yield lines
        if position >= last:
            return


def _sent_batches(device: Device) -> Iterator[list[OutgoingLine]]:
    """The current lines that were written on this device and do not wait any more, as pushes take them."""
    batch: list[OutgoingLine] = []
    size = 0
    for line in _sent_lines(device):
        if batch and (len(batch) == device.page_limits.max_lines or size + len(line.canonical) > PAGE_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(line)
        size += len(line.canonical)
    if batch:
        yield batch


def _sent_lines(device: Device) -> Iterator[OutgoingLine]:
    connection = device.ledger.database.connection()
    own = read_device_facts(connection).device
    waiting = waiting_ids(connection)
    for line in all_lines(connection):
        if line.device == own and line.id not in waiting:
            canonical = canonical_json(line)
            yield OutgoingLine(line.id, canonical, digest_of(canonical), line.stamp, 0)


def _message_documents(device: Device, sent: SentHello, batches: Iterable[list[OutgoingLine]]) -> Iterator[bytes]:
    """The opening, and a document for each batch of lines; one without lines where there are none."""
    facts = sent.facts
    opening = MessageOpening(device=facts.device, buckets=device.ledger.backfill_buckets())
    yield orjson.dumps(opening.model_dump())
    repairs = orjson.loads(facts.get("clock_repairs") or "[]")
    hello: HelloRequest | None = sent.request.model_copy(update={"keys": None})
    link = PushChain(prev="", next="file", alone_until=int(facts.get("alone_until") or 0) or None)
    for batch in chain(batches, [[]]):
        if not batch and hello is None:
            return
        message = ExchangeMessage(
            hello=hello,
            repaired=repairs[-1][1] if hello and repairs else None,
            cursor=sent.request.cursor,
            intake=known_position(facts) if hello else None,
            limit=device.page_limits.max_lines,
            chain=link if batch else None,
        )
        versions = SentVersions(sent=[(line.stamp, line.digest) for line in batch])
        told = encode_message(message, [line.canonical for line in batch])
        yield b'{"sent":' + orjson.dumps(versions.sent) + b',"message":' + told + b"}"
        hello = None


# The answer


async def apply_answer(device: Device, bundle: Bundle, stats: RoundStats) -> ImportedAnswer:
    """Apply the answer in a bundle that the joined central wrote for this device. Raises what the central refuses the
    device with, as over a network, and `BundleDamaged` for what is no answer."""
    facts = await device.facts()
    record = next((each for each in carried_records(facts) if each.id == bundle.head.message), None)
    if record is None:
        return ImportedAnswer(is_new=False)
    try:
        imported = await _CarriedAnswer(device, stats, record, facts).apply(bundle.documents())
    except (ValueError, KeyError, TypeError):  # pydantic's and orjson's errors are ValueErrors
        raise BundleDamaged(file=bundle.path) from None
    await device.run_in_store(_take_off_record, device, record)
    return imported


def _take_off_record(device: Device, record: CarriedRecord) -> None:
    facts = read_device_facts(device.ledger.database.connection())
    left = [list(each) for each in carried_records(facts) if each.id != record.id]
    device.ledger.save_facts(**{CARRIED: orjson.dumps(left).decode()})


def _is_late(time: int, record: CarriedRecord, facts: DeviceFacts) -> bool:
    """Whether something later than the central's ``time`` is known. A message that was made after that was heard is
    answered after it, whatever the time says: the central's clock was ahead then, and is right again."""
    made_before = facts.get(HEARD_BEFORE)
    is_from_before = made_before is None or record.id in orjson.loads(made_before)
    return is_from_before and time < int(facts.get("heard") or 0)


class _CarriedAnswer:
    """One answer that is being applied."""

    def __init__(self, device: Device, stats: RoundStats, record: CarriedRecord, facts: DeviceFacts) -> None:
        self._device, self._stats, self._record, self._facts = device, stats, record, facts
        self._time = 0
        self._is_late = False
        self._checksum: SetChecksum | None = None

    async def apply(self, documents: Iterator[bytes]) -> ImportedAnswer:
        """Apply it, document by document."""
        opening = AnswerOpening.model_validate_json(_following(documents))
        if opening.refusal is not None:
            refusal = opening.refusal
            await self._device.run_in_store(_take_off_record, self._device, self._record)
            raise refused_by_code(refusal.status, refusal.code, {**refusal.extra, "detail": refusal.detail})
        self._time, self._is_late = opening.time, _is_late(opening.time, self._record, self._facts)
        value = orjson.loads(_following(documents))
        greeting = await self._greet(parse_answer(value["answer"]))
        imported = ImportedAnswer(is_new=True, is_late=self._is_late, time=self._time)
        if needs_healing(self._facts.get("epoch") or None, greeting.epoch):
            return imported._replace(needs_network=True)
        if self._is_late and greeting.repairs and not self._has_repairs(greeting):
            return imported
        while value is not None:
            if not await self._apply_document(value, documents):
                return imported._replace(was_corrected=not self._is_late)
            value = next((orjson.loads(each) for each in documents), None)
        return imported._replace(equal=await self._is_equal(greeting))

    async def _greet(self, answer: ExchangeAnswer) -> HelloAnswer:
        """Keep what the greeting says of this moment, unless a later one is known; and correct this machine's clock as
        far as the times of message and answer prove it wrong."""
        if answer.hello is None or answer.account is None:
            raise ValueError("no greeting")
        greeting = HelloAnswer(**{**answer.account.model_dump(exclude={"mark"}), **answer.hello.model_dump()})
        sent = SentHello(self._facts, HelloRequest(agreed=(0, 0, 0), time=self._record.wall_ms))
        check_central(sent, greeting.central)
        if self._is_late:
            return greeting
        await take_intake(self._device, self._stats, answer.intake)
        await note_greeting(self._device, self._stats, sent, greeting)
        kept = answer.account.model_dump_json()
        await self._device.run_in_store(self._device.ledger.save_facts, account_state=kept)
        if not greeting.clock_doubtful and is_plausible(self._time):
            await self._correct_clock()
            await adopt_repairs(self._device, self._stats, self._facts.get("clock_repairs"), greeting)
        return greeting

    async def _correct_clock(self) -> None:
        """The central answered after the message was made and before now: what the offset is believed to be must lie
        between. Where this machine's clock was set meanwhile, nothing is proven."""
        known, least, most = (
            self._facts.offset_ms,
            self._time - self._device.now_ms(),
            self._time - self._record.wall_ms,
        )
        offset_ms = min(max(known, least), most)
        if least <= most and abs(offset_ms - known) > CLOCK_NOISE_MS:
            await self._device.run_in_store(self._device.ledger.correct_clock, offset_ms)
            self._stats.offset_ms = offset_ms
        elif least <= most and "offset_ms" not in self._facts:  # what it was taken for is proven
            await self._device.run_in_store(self._device.ledger.save_facts, offset_ms=str(known))

    def _has_repairs(self, greeting: HelloAnswer) -> bool:
        told = [[each.first, each.last, each.to_first, each.to_last] for each in greeting.repairs]
        return bool(orjson.loads(self._facts.get("clock_repairs") or "[]") == told)

    async def _apply_document(self, value: dict[str, object], documents: Iterator[bytes]) -> bool:
        """Apply a document, with those that belong to it. Gives False where lines were not taken in: what others wrote
        waits as well then, as over a network."""
        if "fetch" in value:
            await self._take_buckets(value, documents)
            return True
        answer = parse_answer(value["answer"])  # type: ignore[arg-type]
        sent = SentVersions.model_validate(value).sent
        if sent and answer.push is None:
            return False
        if answer.push is not None:
            await self._take_outcomes(answer.push, sent)
        if answer.pull is not None and not self._is_late:
            await take_page(self._device, self._stats, answer.pull, late=True)
            self._checksum = SetChecksum(*answer.checksum) if answer.checksum else None
        return True

    async def _take_outcomes(self, push: PushAnswer, sent: list[tuple[int, int]]) -> None:
        versions = zip(push.outcomes, sent, strict=True)
        batch = [OutgoingLine(outcome.id, b"", digest, stamp, 0) for outcome, (stamp, digest) in versions]
        count_outcomes(
            self._stats, await self._device.run_in_store(acknowledge, self._device, batch, push, {}, late=True)
        )

    async def _take_buckets(self, value: dict[str, object], documents: Iterator[bytes]) -> None:
        buckets = FetchedBuckets.model_validate(value).buckets
        pages = _CarriedPages(value, documents)
        if not self._is_late:
            await repair_buckets(self._device, pages, self._stats, buckets)
        pages.skip_rest()

    async def _is_equal(self, greeting: HelloAnswer) -> bool:
        """Whether both sides are equal, as far as this answer tells: by its checksum, else by what the central saw."""
        if self._is_late:
            return False
        if self._checksum is None:
            return greeting.equal and not greeting.news and not self._stats.lines_moved
        own = await self._device.run_in_store(self._device.ledger.total_checksum)
        return bool(own == self._checksum)


class _CarriedPages:
    """The pages of whole buckets in an answer, in the place of a central that is asked for them."""

    def __init__(self, first: dict[str, object], documents: Iterator[bytes]) -> None:
        self._next: dict[str, object] | None = first
        self._documents = documents

    async def fetch(self, request: FetchRequest) -> FetchAnswer:
        """The next page, whatever is asked. Raises `NotTheCentral` where there is none."""
        page = self._page()
        if page is None:
            raise NotTheCentral(central="", detail="its pages lead nowhere")
        return page

    def skip_rest(self) -> None:
        """Read to the last page."""
        while self._page() is not None:
            continue

    def _page(self) -> FetchAnswer | None:
        value, self._next = self._next, None
        if value is None:
            return None
        answer = value["fetch"]
        if not isinstance(answer, dict):
            raise TypeError("fetch")
        page = FetchAnswer.model_validate({**answer, "lines": []}).model_copy(update={"lines": answer["lines"]})
        if page.after is not None:
            self._next = orjson.loads(_following(self._documents))
        return page


def _following(documents: Iterator[bytes]) -> bytes:
    """The next document. Raises `ValueError` where there is none."""
    document = next(documents, None)
    if document is None:
        raise ValueError("it ends too early")
    return document
