"""Looking a pushed line over, before the database is touched: everything that needs no other row."""

from __future__ import annotations

from typing import Any, NamedTuple

import orjson

from store.exceptions import BadLine
from store.ledger.hlc import is_ahead
from store.ledger.kinds import bucket_of, is_sound, kinds
from store.ledger.line import MAX_BODY_BYTES, Line, canonical, digest_of, parse


class Pushed(NamedTuple):
    """A line that may be kept, as far as can be told from itself: its canonical text and that text's digest."""

    line: Line
    wire: str
    digest: int
    bucket: str


class Unfit(NamedTuple):
    """A line that cannot be kept, whoever sent it."""

    id: str
    code: str
    reason: str


def inspect(value: Any, now_ms: int) -> Pushed | Unfit:
    """Judge one pushed line by itself: envelope, size, clock, text and field types."""
    try:
        line = parse(value)
        wire = canonical(line)
    except BadLine as error:
        return Unfit(_id_of(value), "bad_line", str(error.values.get("detail", "not a line")))
    except orjson.JSONEncodeError:  # what can be read may still be nested too deep to be written
        return Unfit(_id_of(value), "bad_line", "nested too deep")
    if is_ahead(line.stamp, now_ms):
        return Unfit(line.id, "clock_ahead", "the stamp is ahead of the central's time")
    if len(wire) > MAX_BODY_BYTES and len(orjson.dumps(line.body)) > MAX_BODY_BYTES:
        return Unfit(line.id, "too_large", f"the body is longer than {MAX_BODY_BYTES} bytes")
    if not is_sound(line, wire):
        return _unsound(line)
    return Pushed(line, wire.decode(), digest_of(wire), bucket_of(line))


def _id_of(value: Any) -> str:
    named = value.get("id") if isinstance(value, dict) else None
    return named[:64] if isinstance(named, str) else ""


def _unsound(line: Line) -> Unfit:
    kind = kinds().get(line.kind)
    if kind and not line.deleted and not kind.accepts(line.body):
        return Unfit(line.id, "bad_line", f"fields of {line.kind} have other types")
    return Unfit(line.id, "unclean", "forbidden characters in the text")
