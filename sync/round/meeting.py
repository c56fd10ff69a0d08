"""Meetings without a network: what devices of one district give each other of what the central has not judged yet.

Who meets shows a card, signed by the central: whose device it is, its keys, and what its person may see. What one gives
another is a bundle for that device alone, with those of its own unsent lines that the other's roles cover; without a
card nothing is given. What is taken in is provisional (``store/writer/provisional.py``). The same two documents go
over a folder, here, and over a local network (``sync/round/meeting_net.py``).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

import orjson

from store.db.device_facts import DeviceFacts, read_device_facts
from store.domain.grants import Grant
from store.domain.scope import ROLES, BucketOwner, covers
from store.exceptions import BadLine
from store.home.paths import Home, write_private
from store.home.settings import Settings
from store.ledger.kinds import bucket_of
from store.ledger.line import Line, canonical_json, derived_id, digest_of, parse_line
from store.queries.outbox import unsent_after, unsent_in_order
from store.values.file_causes import file_cause
from store.values.times import district_time
from store.writer.provisional import MAX_PROVISIONAL, PERSONAL_KINDS, TakenVersions
from store.writer.unsent import GAVE
from sync.device.bundle_keys import bundle_keys
from sync.device.device import Device
from sync.device.fingerprint import is_copy, store_fingerprint
from sync.device.meetings import CARD, own_card
from sync.exceptions import NotEnrolled, SyncError
from sync.protocol import MAX_CARD_BYTES, PAGE_BYTES, PAGE_LINES
from sync.protocol.bundle.bundle_file import BundleAddress, is_signed, open_bundle, open_plain, read_head, write_bundle
from sync.protocol.bundle.copies import heads_in
from sync.protocol.bundle.exceptions import (
    BundleDamaged,
    BundleError,
    BundleForOthers,
    BundleNotRead,
    BundleOfOtherDistrict,
    BundleOfStranger,
    BundleUnwritten,
    NoBundle,
    NoCard,
)
from sync.protocol.bundle.names import CARD_SUFFIX, bundle_name, bundles_in
from sync.protocol.meeting import MAX_DOCUMENTS_BYTES, MAX_MEETING_BYTES, MAX_MEETING_LINES, Card, read_card
from sync.round.by_file import check_date

KIND: Final = "meeting"
MAX_PAGES: Final = MAX_PROVISIONAL // MAX_MEETING_LINES
"""So many bundles one device gives another at a meeting: no device keeps more."""


class MetColleague(NamedTuple):
    """What was exchanged with one device: its person's ``name``, how many lines it got (``given``), and how many of
    its versions are new here (``taken``). ``left_out`` unsent lines of this device were not looked at, as one meeting
    takes only so many; for ``no_room`` versions of the other there is no room here before others are judged."""

    name: str
    given: int
    taken: int
    left_out: int = 0
    no_room: int = 0

    def with_given(self, page: GivenPage) -> MetColleague:
        """The same after one more bundle for the other."""
        return self._replace(given=self.given + page.lines, left_out=page.left)

    def with_taken(self, taken: TakenVersions) -> MetColleague:
        """The same after one more bundle of the other."""
        return self._replace(taken=self.taken + taken.new, no_room=self.no_room + taken.no_room)


class GivenPage(NamedTuple):
    """A bundle for another device: its ``file``, how many ``lines`` are new in it, up to which position of the outbox
    it goes, and how many unsent lines are ``left`` after that."""

    file: Path
    lines: int
    last: int
    left: int


class MeetingResult(NamedTuple):
    """Whom this device met in a folder, and the files that were ``refused``, with why."""

    met: list[MetColleague]
    refused: list[tuple[Path, SyncError]]

    def to_json(self) -> dict[str, object]:
        """As ``guanjia meet --json`` prints it."""
        refused = [{"file": str(path), "code": error.code} for path, error in self.refused]
        return {"met": [each._asdict() for each in self.met], "refused": refused}


def require_card(device: Device) -> Card:
    """The card of this device. To be called in the store's thread. Raises `NotEnrolled`, `NoCard`."""
    facts = read_device_facts(device.ledger.database.connection())
    pending = unsent_in_order(device.ledger.database.connection()).lines
    if not facts.get("central_id"):
        raise NotEnrolled(pending=pending)
    card = own_card(facts, _now_ms(device, facts))
    if (
        card is None
        or card.keys != bundle_keys(device).public
        or is_copy(facts, store_fingerprint(device.home.database))
    ):
        raise NoCard(pending=pending)
    return card


def card_of_other(device: Device, text: str | bytes) -> Card | None:
    """The card that another device shows, if this device's central has signed it, it is good, and it is not its own;
    else None. To be called in the store's thread."""
    facts = read_device_facts(device.ledger.database.connection())
    card = read_card(text, facts.get("central_key", ""), facts.district, _now_ms(device, facts))
    return None if card is None or card.device == facts.device else card


# Giving


def give(device: Device, card: Card, path: Path, after: int = 0, page_lines: int = MAX_MEETING_LINES) -> GivenPage:
    """Write a bundle for the device of a card, with the next lines after this position of the outbox, at ``path`` or in
    that folder, unless it lies there whole. To be called in the store's thread. Raises `BundleUnwritten`."""
    facts, keys = read_device_facts(device.ledger.database.connection()), bundle_keys(device)
    lines, last = _lines_for(device, facts, card, after, page_lines)
    left = unsent_after(device.ledger.database.connection(), last)
    versions = ",".join(f"{digest_of(canonical_json(line)):x}" for line in lines)
    message, now_ms = derived_id(KIND, facts.device, card.device, versions), _now_ms(device, facts)
    if path.is_dir():
        for each, head in heads_in(path).items():
            is_same = (head.kind, head.message, head.reader) == (KIND, message, card.keys.agree)
            if is_same and head.writer == keys.public.sign and head.expires >= now_ms and is_signed(each):
                return GivenPage(each, 0, last, left)
        path = path / bundle_name(facts.person_name, KIND, district_time(now_ms))
    latest = max((line.stamp for line in lines), default=0)
    if latest > int(facts.get(GAVE) or 0):  # first: how far these are judged is to be told to the central
        device.ledger.save_facts(**{GAVE: str(latest)})
    address = BundleAddress(KIND, message, facts.district, card.keys.agree)
    file = write_bundle(path, address, keys, now_ms, _documents(lines))[0]
    return GivenPage(file, len(lines), last, left)


def _lines_for(device: Device, facts: DeviceFacts, card: Card, after: int, limit: int) -> tuple[list[Line], int]:
    """The next of this device's unsent lines of which the card's roles cover the bucket, and up to which position of
    the outbox these go; none where there are none at all."""
    while outgoing := device.ledger.pending_lines(limit, MAX_MEETING_BYTES, after):
        after = outgoing[-1].n
        lines = [line for each in outgoing if (line := _line_of(orjson.loads(each.canonical))) is not None]
        if covered := list(_covered(device, facts, card, lines)):
            return covered, after
    return [], after


def _covered(device: Device, facts: DeviceFacts, card: Card, lines: Sequence[Line]) -> Iterator[Line]:
    """Those of these lines that the card's person may see, as far as that is known here."""
    known = device.ledger.bucket_owners({bucket_of(line) for line in lines})
    grants = [Grant(each.role, each.project, each.department) for each in card.grants if each.role in ROLES]
    for line in lines:
        bucket = bucket_of(line)
        owner = known.get(bucket)
        its_owner = BucketOwner(
            bucket, bucket[:1], owner.project if owner else line.project,
            owner.department if owner else None, owner.co_handlers if owner else (),
        )  # fmt: skip
        is_own = (line.author, line.device) == (facts.person, facts.device)
        if is_own and line.kind not in PERSONAL_KINDS and any(covers(grant, its_owner) for grant in grants):
            yield line


def _documents(lines: Sequence[Line]) -> Iterator[bytes]:
    batch, size = list[bytes](), 0
    for line in lines:
        canonical = canonical_json(line)
        if batch and (size + len(canonical) > PAGE_BYTES or len(batch) == PAGE_LINES):
            yield b'{"lines":[' + b",".join(batch) + b"]}"
            batch, size = [], 0
        batch.append(canonical)
        size += len(canonical)
    yield b'{"lines":[' + b",".join(batch) + b"]}"


# Taking in


def take(device: Device, card: Card, path: Path) -> TakenVersions:
    """Take in what the device of a card has given this one. Lines that are not valid, not that device's own, or too
    many are left out. To be called in the store's thread. Raises `BundleError`."""
    facts, keys = read_device_facts(device.ledger.database.connection()), bundle_keys(device)
    head = read_head(path)
    if head.kind != KIND or head.reader != keys.public.agree:
        raise BundleForOthers(file=path)
    if head.district != facts.district:
        raise BundleOfOtherDistrict(file=path, district=head.district)
    if head.writer != card.keys.sign:
        raise BundleOfStranger(file=path)
    check_date(path, head, _now_ms(device, facts))
    try:
        if path.lstat().st_size > MAX_MEETING_BYTES:
            raise BundleDamaged(file=path)
        documents = open_bundle(path, keys, MAX_DOCUMENTS_BYTES).documents()
        lines = list(islice(_lines_in(path, documents), MAX_MEETING_LINES))
    except OSError as error:
        raise BundleNotRead(file=path, detail=file_cause(error.errno)) from None
    return device.ledger.take_provisional(lines, card.device, card.person)


def _lines_in(path: Path, documents: Iterable[bytes]) -> Iterator[Line]:
    for document in documents:
        try:
            value = orjson.loads(document)
        except orjson.JSONDecodeError:
            raise BundleDamaged(file=path) from None
        values = value.get("lines") if isinstance(value, dict) else None
        if not isinstance(values, list):
            raise BundleDamaged(file=path)
        yield from filter(None, map(_line_of, values))


def _line_of(value: object) -> Line | None:
    try:
        line = parse_line(value)
        canonical_json(line)
    except (BadLine, TypeError, ValueError, RecursionError):
        return None
    return line


# By a folder


def meet_in_folder(home: Home, settings: Settings, folder: Path, page_lines: int = MAX_MEETING_LINES) -> MeetingResult:
    """Show this device's card in a folder, take in what others left there for it, and leave for each whose card is
    there what they may see. After everybody has done so twice, in any order, each has what all others had unsent.
    Raises `NotEnrolled`, `NoCard`, `BundleUnwritten`, or an error of opening the home."""
    with Device.open(home, settings) as device:
        return asyncio.run(meet_with(device, folder, page_lines))


async def meet_with(device: Device, folder: Path, page_lines: int = MAX_MEETING_LINES) -> MeetingResult:
    """The same for an opened home."""
    return await device.run_in_store(_meet_in_folder, device, folder, page_lines)


def _meet_in_folder(device: Device, folder: Path, page_lines: int) -> MeetingResult:
    card = require_card(device)
    _show_card(device, card, folder)
    result = MeetingResult([], [])
    heads = heads_in(folder)
    for other in _cards_in(device, folder):
        met = MetColleague(other.name, 0, 0)
        for path, head in heads.items():
            if head.kind == KIND and (head.writer, head.reader) == (other.keys.sign, card.keys.agree):
                try:
                    met = met.with_taken(take(device, other, path))
                except BundleError as error:
                    result.refused.append((path, error))
        after = 0
        for _page in range(MAX_PAGES):
            page = give(device, other, folder, after, page_lines)
            met, after = met.with_given(page), page.last
            if not page.left:
                break
        result.met.append(met)
    return result


def _show_card(device: Device, card: Card, folder: Path) -> None:
    facts = read_device_facts(device.ledger.database.connection())
    name = Path(bundle_name(card.name, "card", district_time(card.issued)))
    try:
        write_private(folder / f"{name.stem}-{card.device[-8:]}{CARD_SUFFIX}", facts[CARD].encode())
    except OSError as error:
        raise BundleUnwritten(file=folder, detail=file_cause(error.errno)) from None


def _cards_in(device: Device, folder: Path) -> list[Card]:
    """The good cards of other devices in a folder, the latest of each, by name."""
    found: dict[str, Card] = {}
    for path in bundles_in(folder, CARD_SUFFIX):
        try:
            with open_plain(path) as file:
                card = card_of_other(device, file.read(2 * MAX_CARD_BYTES))
        except (OSError, NoBundle):
            continue
        if card is not None and (card.device not in found or found[card.device].issued < card.issued):
            found[card.device] = card
    return sorted(found.values(), key=lambda card: (card.name, card.device))


def _now_ms(device: Device, facts: DeviceFacts) -> int:
    return device.now_ms() + facts.offset_ms
