"""Validate a pushed line by itself, before the database is touched: everything that needs no other row."""

from __future__ import annotations

from typing import NamedTuple

import orjson

from store.exceptions import BadLine
from store.ledger.hlc import is_too_far_ahead
from store.ledger.kinds import bucket_of, is_valid_line, kinds
from store.ledger.line import MAX_BODY_BYTES, Line, canonical_json, digest_of, parse_line


class ValidLine(NamedTuple):
    """A line that is valid by itself, with its canonical text, that text's digest and its bucket."""

    line: Line
    wire: str
    digest: int
    bucket: str


class InvalidLine(NamedTuple):
    """A line that is rejected whoever sent it, with the rejection code and the reason."""

    id: str
    code: str
    reason: str


def validate_line(value: object, now_ms: int) -> ValidLine | InvalidLine:
    """Check envelope, size, clock, text and field types of one pushed line."""
    try:
        line = parse_line(value)
        wire = canonical_json(line)
    except BadLine as error:
        return InvalidLine(_id_of(value), "bad_line", str(error.values.get("detail", "not a line")))
    except orjson.JSONEncodeError:  # what can be read may still be nested too deep to be written
        return InvalidLine(_id_of(value), "bad_line", "nested too deep")
    if is_too_far_ahead(line.stamp, now_ms):
        return InvalidLine(line.id, "clock_ahead", "the stamp is ahead of the central's time")
    if len(wire) > MAX_BODY_BYTES and len(orjson.dumps(line.body)) > MAX_BODY_BYTES:
        return InvalidLine(line.id, "too_large", f"the body is longer than {MAX_BODY_BYTES} bytes")
    if not is_valid_line(line, wire):
        return _invalid_content(line)
    return ValidLine(line, wire.decode(), digest_of(wire), bucket_of(line))


def _id_of(value: object) -> str:
    line_id = value.get("id") if isinstance(value, dict) else None
    return line_id[:64] if isinstance(line_id, str) else ""


def _invalid_content(line: Line) -> InvalidLine:
    kind = kinds().get(line.kind)
    if kind and not line.deleted and not kind.is_valid_body(line.body):
        return InvalidLine(line.id, "bad_line", f"fields of {line.kind} have other types")
    return InvalidLine(line.id, "unclean", "forbidden characters in the text")
