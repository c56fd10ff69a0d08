"""Rounds by file, for a home: write a message for the central, and take its answer in.

A daemon may run rounds of the same home meanwhile: each step is a transaction, and answers may come late. Next:
``sync/steps/carried.py``; the file itself is in ``sync/protocol/bundle``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from store.db.device_facts import DeviceFacts, read_device_facts
from store.home.paths import Home
from store.home.settings import Settings
from store.values.times import district_time
from sync.device.bundle_keys import bundle_keys
from sync.device.device import Device
from sync.device.fingerprint import is_copy, store_fingerprint
from sync.device.others_bundles import give_back, take_along
from sync.enrolment import JoinResult
from sync.exceptions import NotEnrolled, SyncError
from sync.protocol.bundle.bundle_file import Bundle, BundleHead, open_bundle, read_head
from sync.protocol.bundle.copies import heads_in
from sync.protocol.bundle.exceptions import (
    BundleExpired,
    BundleForOthers,
    BundleOfOtherDistrict,
    BundleOfStranger,
    CopyNeedsNetwork,
    NoBundleKeys,
)
from sync.round import record_failure, record_success
from sync.round.carried_files import TakenFiles, WrittenFiles, take_filed, write_files
from sync.round_stats import RoundResult, RoundStats
from sync.steps.carried import ImportedAnswer, WrittenMessage, apply_answer, write_message

_ANSWERS = ("answer", "filed")
RAN_BY = "bundle"
"""How the history of rounds calls what came as a file."""


class TakenAnswer(NamedTuple):
    """What an answer did (``imported``), and the ``result`` of the round that it ends."""

    file: Path
    imported: ImportedAnswer
    result: RoundResult

    def to_json(self) -> dict[str, object]:
        """As ``guanjia bundle import --json`` prints it."""
        told = {**self.imported._asdict(), "at": district_time(self.imported.time).isoformat()}
        told.pop("time")
        return {"file": str(self.file), "kind": "answer", **told, **self.result.to_json()}


def export_bundle(home: Home, settings: Settings, out: Path, *, again: bool = False) -> WrittenMessage:
    """Write a message for the central as a file: into the folder ``out``, or as the file ``out``; a name that is taken
    gets a number. ``again``: with what was written on this device and sent before. Raises `NotEnrolled`,
    `NoBundleKeys`, `CopyNeedsNetwork`, `BundleUnwritten`, or an error of opening the home."""
    with Device.open(home, settings) as device:
        return asyncio.run(export_from(device, out, again=again))


class WrittenBundles(NamedTuple):
    """A message as a file, and the attached files beside it; None where these were not asked for."""

    message: WrittenMessage
    files: WrittenFiles | None = None

    def to_json(self) -> dict[str, object]:
        """As ``guanjia bundle export --json`` prints it."""
        told: dict[str, object] = {**self.message._asdict(), "file": str(self.message.file)}
        if self.files is None:
            return told
        place = None if self.files.file is None else str(self.files.file)
        return {**told, "files": {**self.files._asdict(), "file": place}}


def export_with_files(
    home: Home, settings: Settings, out: Path, *, again: bool = False, most: int | None = None
) -> WrittenBundles:
    """The same, with the attached files that wait in a file beside it: at most so many bytes (``most``), and as many as
    there is room for. Raises the same."""
    with Device.open(home, settings) as device:
        return asyncio.run(_export_with_files(device, out, again, most))


async def _export_with_files(device: Device, out: Path, again: bool, most: int | None) -> WrittenBundles:
    message = await export_from(device, out, again=again)
    return WrittenBundles(message, await device.run_in_store(write_files, device, message.file.parent, most))


async def export_from(device: Device, out: Path, *, again: bool = False) -> WrittenMessage:
    """The same for an opened home."""
    facts = await device.facts()
    pending = (await device.outbox_counts()).get("pending", 0)
    if not facts.get("central_id"):
        raise NotEnrolled(pending=pending)
    if not facts.get("central_agree") or not facts.get("keys_told"):
        raise NoBundleKeys(pending=pending)
    if is_copy(facts, store_fingerprint(device.home.database)):
        raise CopyNeedsNetwork(pending=pending)
    written = await write_message(device, out, again=again)
    if out.is_dir():
        now_ms = device.now_ms() + facts.offset_ms
        written = written._replace(carried=await device.run_in_store(give_back, device.home, out, now_ms))
    return written


class FolderResult(NamedTuple):
    """What the files of a stick did: the ``answers`` for this home, and those that were ``refused``, with why; how many
    of others are ``carried`` along since; what the home has ``joined`` by one of them; and what became of attached
    ``files``."""

    answers: list[TakenAnswer]
    refused: list[tuple[Path, SyncError]]
    carried: int = 0
    joined: JoinResult | None = None
    files: list[TakenFiles] = []  # noqa: RUF012 - never changed

    @property
    def needs_no_attention(self) -> bool:
        """Whether nothing of it needs a person."""
        return (
            not self.refused
            and not any(each.refused for each in self.files)
            and all(
                each.result.needs_no_attention or not each.imported.is_new or each.imported.is_late
                for each in self.answers
            )
        )

    def to_json(self) -> dict[str, object]:
        """As ``guanjia bundle import --json`` prints it."""
        refused = [{"file": str(path), "code": error.code} for path, error in self.refused]
        results = [each.result for each in self.answers]
        outcomes = {
            "applied": sum(each.pushed for each in results),
            "superseded": sum(each.superseded for each in results),
            "rejected": results[-1].rejected if results else 0,
        }
        told = {"lines": sum(each.pulled for each in results), "outcomes": outcomes}
        told |= {"answers": [each.to_json() for each in self.answers], "refused": refused, "carried": self.carried}
        if self.files:
            told["files"] = [each.to_json() for each in self.files]
        return told if self.joined is None else told | {"joined": self.joined._asdict()}


def import_bundles(home: Home, settings: Settings, paths: Sequence[Path]) -> FolderResult:
    """Take files in, or of a folder what is for this home, the oldest first, and take along what is others'. One that
    is refused holds up no other. Raises the error of a single file that is refused, or of opening the home."""
    with Device.open(home, settings) as device:
        return asyncio.run(_import_all(device, paths))


async def _import_all(device: Device, paths: Sequence[Path]) -> FolderResult:
    result = FolderResult([], [], files=[])
    if not (await device.facts()).get("central_id"):
        raise NotEnrolled(pending=(await device.outbox_counts()).get("pending", 0))
    for path in await device.run_in_store(_wanted, device, paths):
        try:
            head = await device.run_in_store(read_head, path)
            if head.kind == "filed":
                result.files.append(await _import_files(device, path))
            else:
                result.answers.append(await import_into(device, path))
        except SyncError as error:
            result.refused.append((path, error))
    if len(paths) == 1 and not paths[0].is_dir() and result.refused:
        raise result.refused[0][1]
    carried = [await device.run_in_store(take_others, device, path) for path in paths if path.is_dir()]
    return result._replace(carried=sum(carried))


def take_others(device: Device, folder: Path) -> int:
    """Take along what lies in a folder for others and for the central; gives how many. Raises `BundleUnwritten`."""
    facts = read_device_facts(device.ledger.database.connection())
    keys = bundle_keys(device).public
    own = frozenset((keys.sign, keys.agree))
    return take_along(device.home, facts, own, folder, device.now_ms() + facts.offset_ms)


def _wanted(device: Device, paths: Sequence[Path]) -> list[Path]:
    """The files that are named, and those in folders that are answers for this device, the oldest first."""
    own = bundle_keys(device).public.agree
    found = [path for path in paths if not path.is_dir()]
    for folder in (path for path in paths if path.is_dir()):
        found += [path for path, head in heads_in(folder).items() if head.kind in _ANSWERS and head.reader == own]
    return found


async def _import_files(device: Device, path: Path) -> TakenFiles:
    """Take in the answer to attached files."""
    bundle = await device.run_in_store(_open_answer, device, await device.facts(), path, "filed")
    return await device.run_in_store(take_filed, device, bundle)


def import_answer(home: Home, settings: Settings, path: Path) -> TakenAnswer:
    """Take the central's answer in a file in. Raises `BundleError` for what is not for this home, what the central
    refuses its device with, or an error of opening the home."""
    with Device.open(home, settings) as device:
        return asyncio.run(import_into(device, path))


async def import_into(device: Device, path: Path) -> TakenAnswer:
    """The same for an opened home."""
    bundle = await device.run_in_store(_open_answer, device, await device.facts(), path)
    stats = RoundStats(RAN_BY, monotonic=device.chance.monotonic)
    stats.offset_ms, stats.byte_counts.down = (await device.facts()).offset_ms, bundle.size
    try:
        imported = await apply_answer(device, bundle, stats)
    except SyncError as error:
        raise await record_failure(device, stats, error) from error
    stats.verified = imported.equal
    if imported.is_new and not imported.is_late:
        at = district_time(imported.time).isoformat(timespec="seconds")
        return TakenAnswer(path, imported, await record_success(device, stats, at))
    return TakenAnswer(path, imported, await _result(device, stats))


async def _result(device: Device, stats: RoundStats) -> RoundResult:
    """The counts of what was taken in, for an answer that is no news of how both sides stand."""
    waiting = await device.outbox_counts()
    return RoundResult(
        stats.pushed, stats.pulled, stats.superseded, waiting.get("rejected", 0), waiting.get("pending", 0),
        verified=False, clock_offset_ms=stats.offset_ms, seconds=round(stats.elapsed_ms / 1000, 3),
    )  # fmt: skip


def _open_answer(device: Device, facts: DeviceFacts, path: Path, kind: str = "answer") -> Bundle:
    head, keys = read_head(path), bundle_keys(device)
    if head.kind != kind or head.reader != keys.public.agree:
        raise BundleForOthers(file=path)
    check_writer(path, head, facts)
    check_date(path, head, device.now_ms() + facts.offset_ms)
    return open_bundle(path, keys)


def check_writer(path: Path, head: BundleHead, facts: DeviceFacts) -> None:
    """Raise `BundleOfOtherDistrict` or `BundleOfStranger` unless the joined central has written a bundle."""
    if head.district != facts.district:
        raise BundleOfOtherDistrict(file=path, district=head.district)
    if head.writer != facts.get("central_key"):
        raise BundleOfStranger(file=path)


def check_date(path: Path, head: BundleHead, now_ms: int) -> None:
    """Raise `BundleExpired` for a bundle that is too old."""
    if head.expires < now_ms:
        raise BundleExpired(file=path, made_at=district_time(head.made_at).date().isoformat())
