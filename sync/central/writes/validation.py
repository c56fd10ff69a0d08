"""Validate a pushed line by itself, before the database is touched: everything that needs no other row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from typing import NamedTuple

import orjson

from store.domain.line_ids import IdClaim, id_claim
from store.exceptions import BadLine
from store.ledger.clock_repair import ClockRepair, repaired_unsent
from store.ledger.hlc import follows_closely, is_too_far_ahead
from store.ledger.kinds import bucket_of, line_fault
from store.ledger.line import MAX_BODY_BYTES, Line, canonical_json, digest_of, parse_line
from store.values.text import sanitize

CLOCK_AHEAD, CLOCK_AHEAD_REASON = "clock_ahead", "the stamp is ahead of the central's time"
FAR_FUTURE_MS = 1 << 47
"""Later than every stamp (milliseconds since 1970): the time for versions whose stamps were judged before."""


class ValidLine(NamedTuple):
    """A line that is valid by itself, with its canonical text, that text's digest and its bucket; ``claim`` is what its
    id says of it, where that was computed beforehand: it may take a hundred derivations."""

    line: Line
    wire: str
    digest: int
    bucket: str
    claim: IdClaim | None = None


class InvalidLine(NamedTuple):
    """A line that is rejected whoever sent it, with the rejection code and the reason."""

    id: str
    code: str
    reason: str


def validate_line(
    value: object, now_ms: int, repairs: Iterable[ClockRepair] = (), district: str | None = None
) -> ValidLine | InvalidLine:
    """Check envelope, size, clock, text and field types of one pushed line, after these ``repairs`` of its stamp; where
    the ``district`` is named, the claim to its id comes along."""
    try:
        line = reduce(repaired_unsent, repairs, parse_line(value))
    except BadLine as error:
        return InvalidLine(_id_of(value), "bad_line", str(error.values.get("detail", "not a line")))
    if is_too_far_ahead(line.stamp, now_ms) and not follows_closely(line.stamp, line.base):
        return InvalidLine(line.id, CLOCK_AHEAD, CLOCK_AHEAD_REASON)
    wire = _wire(line)
    if wire is not None and len(wire) > MAX_BODY_BYTES and len(orjson.dumps(line.body)) > MAX_BODY_BYTES:
        return InvalidLine(line.id, "too_large", f"the body is longer than {MAX_BODY_BYTES} bytes")
    if fault := line_fault(line):
        return InvalidLine(line.id, "unclean" if fault.problem == "unclean" else "bad_line", str(fault))
    if wire is None:
        return InvalidLine(line.id, "bad_line", "it has values that JSON cannot carry")
    claim = None if district is None else id_claim(district, line)
    return ValidLine(line, wire.decode(), digest_of(wire), bucket_of(line), claim)


def valid_version(line: Line) -> ValidLine:
    """A line that the central itself writes."""
    wire = canonical_json(line)
    return ValidLine(line, wire.decode(), digest_of(wire), bucket_of(line))


def _wire(line: Line) -> bytes | None:
    """The canonical bytes; None for a line with a number beyond 64 bits, half a character, or nested too deep."""
    try:
        return canonical_json(line)
    except (orjson.JSONEncodeError, RecursionError):
        return None


def _id_of(value: object) -> str:
    line_id = value.get("id") if isinstance(value, dict) else None
    return sanitize(line_id[:64]) if isinstance(line_id, str) else ""


def validate_lines(
    values: Iterable[object], now_ms: int, repairs: Sequence[ClockRepair], district: str
) -> list[ValidLine | InvalidLine]:
    """Check pushed lines one by one. Stamps from a future that the central has repaired are repaired here too: the
    device did not know of it yet."""
    due = [repair for repair in repairs if is_too_far_ahead(repair.first, now_ms)]
    return [validate_line(value, now_ms, due, district) for value in values]


def validate_versions(values: Iterable[object]) -> list[ValidLine | InvalidLine]:
    """Check versions said to have been accepted before: the clock has judged their stamps then."""
    return [validate_line(value, FAR_FUTURE_MS) for value in values]
