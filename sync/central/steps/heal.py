"""heal at the central: versions that it gave before it was set back, from a device that still has them.

The same versions sent again change nothing and get the same answer. A receipt is checked before anything is locked.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence

from store.ledger.line import DISPLACED_FROM
from sync.central.accounts.authentication import Caller
from sync.central.receipts import ReceiptKey
from sync.central.request import RequestContext
from sync.central.writes.heal_transaction import BY_RECEIPT, HealCounts
from sync.central.writes.validation import InvalidLine, ValidLine, validate_versions
from sync.protocol import RECEIPT_BYTES, HealAnswer, HealRequest

TAKEN, CLAIMED, REFUSED = "taken", "claimed", "refused"
_NO_RECEIPT = bytes(RECEIPT_BYTES)


def answer_heal(context: RequestContext, request: HealRequest, lines: Sequence[object]) -> HealAnswer:
    """Take in the versions with this central's receipts, keep those without one apart, refuse those with a wrong one.
    Raises `Refusal` (401)."""
    caller = context.caller()
    if request.roster:
        context.take_back_roster(caller, request.roster)
    versions = validate_versions(lines)
    receipts = _receipts(request.receipts, len(versions))
    outcomes = [_judge(caller, version, receipt) for version, receipt in zip(versions, receipts, strict=True)]
    proven = [n for n, outcome in enumerate(outcomes) if outcome == TAKEN]
    unproven = [n for n, outcome in enumerate(outcomes) if outcome == CLAIMED]
    with context.healing(caller) as transaction:
        taken, regained = transaction.regain(_chosen(versions, proven), BY_RECEIPT, request.epoch)
        kept = transaction.claim(_chosen(versions, unproven))
        for n, accepted in [*zip(proven, taken, strict=True), *zip(unproven, kept, strict=True)]:
            outcomes[n] = outcomes[n] if accepted else REFUSED
        counts = HealCounts(regained, outcomes.count(CLAIMED), outcomes.count(REFUSED))
        since = transaction.lost_since(request.epoch)
        transaction.note_device(counts, done=request.done)
        transaction.save()
    return HealAnswer(outcomes=outcomes, epoch=context.caller().epoch, since=since, time=context.now_ms())


def _receipts(text: str, count: int) -> list[bytes]:
    """The receipts of the versions; none for any of them when the text has not as many."""
    try:
        tags = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        tags = b""
    if len(tags) != count * RECEIPT_BYTES:
        return [_NO_RECEIPT] * count
    return [tags[at : at + RECEIPT_BYTES] for at in range(0, len(tags), RECEIPT_BYTES)]


def _judge(caller: Caller, version: ValidLine | InvalidLine, receipt: bytes) -> str:
    if isinstance(version, InvalidLine):
        return REFUSED
    if receipt == _NO_RECEIPT:  # only the central says that a line was displaced: devices give up what it names
        return REFUSED if DISPLACED_FROM in version.line.body else CLAIMED
    return TAKEN if ReceiptKey(caller.secret).proves(version.wire.encode(), receipt) else REFUSED


def _chosen(versions: Sequence[ValidLine | InvalidLine], places: Sequence[int]) -> list[ValidLine]:
    return [version for n in places if isinstance(version := versions[n], ValidLine)]
