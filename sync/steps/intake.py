"""The log of what the central took in, as a device remembers it (``sync/protocol/intake.py``).

A device keeps the newest head that its central has signed, and a thinned series of older ones. Each new one must begin
with what is kept: else the central has changed what it had taken in, which is told for as long as it is so, while lines
go on syncing. A central that was restored from a backup says so in its head: what it still has of the log is compared,
and that it lost the rest is told as what it is. What was found is kept with the end of the round (`RoundStats.facts`).
"""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import orjson
from pydantic import ValidationError

from store.db.device_facts import DeviceFacts
from store.queries.intake import FAULT, HEAD, HEADS, LOG_RESTORED
from sync.device.device import Device
from sync.exceptions import CentralUnreachable, RequestDeclined
from sync.protocol.calls import Central
from sync.protocol.intake import (
    INTAKE,
    IntakeAnswer,
    IntakeHead,
    IntakeNews,
    IntakeRequest,
    Position,
    SignedHead,
    common_size,
    is_extension,
    read_head,
)
from sync.round_stats import RoundStats

LOG = logging.getLogger(__name__)
MAX_HEADS = 24
REWRITTEN, UNSIGNED = "rewritten", "unsigned"
"""What a central is told to have done: its log does not begin with what it was; its key has not signed the head."""
_HOUR_MS = 3_600_000


class KnownHead(NamedTuple):
    """A head that is kept, as it was signed and as it is read."""

    signed: SignedHead
    head: IntakeHead


def known_position(facts: Mapping[str, str], stats: RoundStats | None = None) -> str:
    """How far this device knows the log, for a message; empty where it knows nothing of it."""
    try:
        summary = orjson.loads((stats.facts.get(HEAD) if stats else None) or facts.get(HEAD) or "{}")
        return Position(str(summary["epoch"]), int(summary["size"]), str(summary["root"])).to_text()
    except (ValueError, KeyError, TypeError):
        return ""


async def take_intake(device: Device, stats: RoundStats, news: IntakeNews | None, said: str | None = None) -> None:
    """Compare a head with what is kept, and keep it. ``said`` is the position of the message that it answers; None for
    an answer by file, which may be older than what is kept. An epoch that is not known is left to
    `compare_restored`."""
    facts = await device.facts()
    if news is None or not facts.get("central_key"):
        return
    head = read_head(news.signed, facts["central_key"], facts.district)
    known = known_heads(facts, stats)
    if head is None:
        _note_fault(stats, device, UNSIGNED, known, None)
        return
    fresh, newest = KnownHead(news.signed, head), known[0] if known else None
    if newest is None:
        _keep(device, stats, [fresh])
    elif newest.head.epoch != head.epoch:
        stats.restored_log = news
    else:
        _judge(device, stats, known, fresh, news, said)


def _judge(
    device: Device, stats: RoundStats, known: Sequence[KnownHead], fresh: KnownHead, news: IntakeNews, said: str | None
) -> None:
    """Keep a head of the same epoch, or tell what is wrong with it."""
    newest, head = known[0].head, fresh.head
    if said not in (None, Position(newest.epoch, newest.size, newest.root).to_text()):
        return  # the answer to a message of before, on whose way another one came
    compared = next((each.head for each in known if each.head.size == news.since), None)
    if said is None and (compared is None or head.size <= newest.size):
        return  # by file: it was made for a store that knew more, or less
    if compared is None or head.size < newest.size or not is_extension(compared, head, news.since, news.proof):
        _note_fault(stats, device, REWRITTEN, known, fresh)
    else:
        _keep(device, stats, [fresh, *known])


async def compare_restored(device: Device, central: Central, stats: RoundStats) -> None:
    """After a central was set back: compare the newest kept head of which its log should still have everything, and
    tell that the central lost what came later. A failure is left to the next round."""
    if (news := stats.restored_log) is None:
        return
    facts = await device.facts()
    head, known = read_head(news.signed, facts["central_key"], facts.district), known_heads(facts, stats)
    if head is None or not known:
        return
    still = [each for each in known if common_size(each.head, head) == each.head.size]
    if still:
        before = still[0].head
        if news.since != before.size:
            try:
                news = await central.ask(INTAKE, IntakeRequest(since=before.size), IntakeAnswer)
            except (CentralUnreachable, RequestDeclined) as error:
                LOG.warning("the log of a restored central could not be compared (%s)", error.code)
                return
            head = read_head(news.signed, facts["central_key"], facts.district)
        if head is None or not is_extension(before, head, news.since, news.proof):
            _note_fault(stats, device, REWRITTEN, known, None if head is None else KnownHead(news.signed, head))
            return
    era = head.eras[-1]
    detail = {"cause": era.cause, "at": era.at, "lost": known[0].head.size - (still[0].head.size if still else 0)}
    await device.run_in_store(device.ledger.add_notice, LOG_RESTORED, detail)
    _keep(device, stats, [KnownHead(news.signed, head), *still])


def known_heads(facts: DeviceFacts, stats: RoundStats | None = None) -> list[KnownHead]:
    """The heads that are kept of the joined central, the newest first."""
    text = (stats.facts.get(HEADS) if stats else None) or facts.get(HEADS) or "[]"
    heads: list[KnownHead] = []
    for value in orjson.loads(text):
        try:
            signed = SignedHead.model_validate(value)
        except ValidationError:
            continue
        head = read_head(signed, facts.get("central_key", ""), facts.district)
        heads += [KnownHead(signed, head)] if head is not None else []
    return heads


def _keep(device: Device, stats: RoundStats, heads: Sequence[KnownHead]) -> None:
    """Keep these heads, of the older ones one for each doubling of their age; the log is as it was."""
    newest, chosen = heads[0], dict[int, KnownHead]()
    for each in heads[1:]:  # the oldest of those of about one age comes last
        chosen[int(math.log2(max(newest.head.at - each.head.at, 0) / _HOUR_MS + 1))] = each
    kept = [newest, *list(chosen.values())[:MAX_HEADS]]
    stats.facts[HEADS] = orjson.dumps([each.signed.model_dump() for each in kept]).decode()
    summary = {"epoch": newest.head.epoch, "size": newest.head.size, "at": newest.head.at, "root": newest.head.root}
    stats.facts[HEAD] = orjson.dumps(summary).decode()
    stats.facts[FAULT] = ""


def _note_fault(
    stats: RoundStats, device: Device, code: str, known: Sequence[KnownHead], shown: KnownHead | None
) -> None:
    """Tell what was found, with both signed heads: who has them can show it to others."""
    fault = {
        "code": code,
        "at": device.now_ms() + stats.offset_ms,
        "kept": known[0].signed.model_dump() if known else None,
        "kept_at": known[0].head.at if known else None,
        "shown": shown and shown.signed.model_dump(),
    }
    stats.facts[FAULT] = orjson.dumps(fault).decode()
