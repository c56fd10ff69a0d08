"""Rows of the central's lines: the line that a row holds, whether its text is damaged, a row of the past made of it."""

from __future__ import annotations

import orjson

from store.ledger.line import Line, digest_of, parse_line
from store.ledger.row_mapping import to_signed
from sync.central.db.tables import LineRow, VersionRow


def line_of(entry: LineRow) -> Line:
    """The line of an undamaged row."""
    return parse_line(orjson.loads(entry.wire))


def is_damaged(entry: LineRow) -> bool:
    """Whether a row's text does not match its digest."""
    return entry.damaged or to_signed(digest_of(entry.wire.encode())) != entry.digest


def version_row(entry: LineRow, reason: str, now_ms: int) -> VersionRow:
    """A row of the past from one that is not current any more, or never was."""
    return VersionRow(
        entry.district, entry.seq, entry.id, entry.bucket, entry.stamp, entry.device, entry.digest, entry.wire,
        entry.account, entry.received_at, entry.sender, entry.from_stamp, reason, now_ms,
    )  # fmt: skip
