"""Receipts as a round gets them: the central's keyed tags over line versions, which the device keeps and cannot check.

A central of before sends none; what is not the receipts of these versions counts as none. A receipt is worth nothing
until the central has to be healed (``sync/steps/heal.py``), and then the central itself checks it.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence

from store.ledger.line import canonical_json, digest_of
from sync.device.device import parse_lines
from sync.protocol import RECEIPT_BYTES, PushAnswer, WireLine


def receipts_by_id(lines: Sequence[WireLine], receipts: str) -> dict[str, bytes]:
    """The receipts of a page's lines, by line id."""
    ids = [str(line.get("id")) if isinstance(line, dict) else "" for line in lines]
    return dict(zip(ids, _split(receipts, len(ids)), strict=False))


def receipts_of_push(answer: PushAnswer, digests: Sequence[int]) -> dict[int, bytes]:
    """The receipts of a push's answer, by the digest of the version; ``digests`` are those of the pushed lines."""
    versions: list[int | None] = []
    for outcome, digest in zip(answer.outcomes, digests, strict=True):
        versions += [digest] if outcome.outcome != "rejected" else []
        versions += [_digest(line) for line in (outcome.winner, outcome.loser) if line is not None]
    receipts = zip(versions, _split(answer.receipts, len(versions)), strict=False)
    return {digest: receipt for digest, receipt in receipts if digest is not None}


def _digest(line: WireLine) -> int | None:
    parsed = parse_lines([line])
    return digest_of(canonical_json(parsed[0])) if parsed else None


def _split(receipts: str, count: int) -> list[bytes]:
    """As many receipts as there are versions; none when the text does not have as many."""
    try:
        tags = base64.b64decode(receipts, validate=True)
    except (binascii.Error, ValueError):
        return []
    if len(tags) != count * RECEIPT_BYTES:
        return []
    return [tags[at : at + RECEIPT_BYTES] for at in range(0, len(tags), RECEIPT_BYTES)]
