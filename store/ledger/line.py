"""The envelope that every ledger line carries, and the one form in which lines travel, are compared and dumped.

A ledger line is the unit of everything: of storage, of sync, of conflict (decision 1). In the store it is a row of
its kind's table; everywhere else it is a `Line`. Next: ``store/ledger/merge.py`` (who wins),
``store/ledger/kinds.py`` (the kinds).
"""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import orjson

from store.exceptions import BadLine
from store.ledger.hlc import MAX_HLC

Body = Mapping[str, Any]
RandomBytes = Callable[[int], bytes]
"""A source of so many random bytes: `os.urandom`; the simulation has one that its seed decides."""
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_KIND = re.compile(r"[a-z][a-z_]{0,39}")
MAX_BODY_BYTES = 262_144
"""A line's body may be as long as this in JSON: some 80,000 Chinese characters."""


class Line(NamedTuple):
    """One version of one ledger line. ``project`` is a project's id or None; ``stamp`` a hybrid clock's value;
    ``author`` the id of the person; ``body`` the kind's fields, without those that are null; ``base`` the stamp of the
    version that the author saw and replaced (0 for a new line), which tells succession from conflict."""

    id: str
    kind: str
    project: str | None
    stamp: int
    device: str
    author: str
    deleted: bool
    body: Body
    base: int = 0


def canonical_json(line: Line) -> bytes:
    """The line as UTF-8 JSON with sorted keys: what travels, what is hashed and what ``guanjia dump`` prints."""
    line_id, kind, project, stamp, device, author, deleted, body, base = line
    envelope = {"id": line_id, "kind": kind, "project": project, "stamp": stamp, "device": device, "author": author}
    return orjson.dumps({**envelope, "deleted": deleted, "body": body, "base": base}, option=orjson.OPT_SORT_KEYS)


def digest_of(canonical_bytes: bytes) -> int:
    """A line version's share of its bucket's set-digest: 64 bits, unsigned."""
    return int.from_bytes(hashlib.blake2b(canonical_bytes, digest_size=8).digest(), "big")


def parse_line(decoded: object) -> Line:
    """The line in decoded JSON. Raises `BadLine`, naming the field; says nothing about the kind's own fields."""
    if not isinstance(decoded, dict):
        raise BadLine(detail="not an object")
    try:
        line = Line(**decoded)
    except TypeError:
        raise BadLine(detail="envelope fields missing or unknown") from None
    _check_envelope(line)
    return line


def stored_line(text: str) -> Line | None:
    """The line in a stored text; None where that is damaged: one bad row must not fail all that are read with it."""
    try:
        return parse_line(orjson.loads(text))
    except (BadLine, ValueError):
        return None


def _check_envelope(line: Line) -> None:
    line_id, kind, project, stamp, device, author, deleted, body, base = line
    for name, value in (("id", line_id), ("device", device), ("author", author)):
        if not is_id(value):
            raise BadLine(detail=name)
    if project is not None and not is_id(project):
        raise BadLine(detail="project")
    if not isinstance(kind, str) or not _KIND.fullmatch(kind):
        raise BadLine(detail="kind")
    for name, number in (("stamp", stamp), ("base", base)):
        if type(number) is not int or not 0 <= number <= MAX_HLC:
            raise BadLine(detail=name)
    if not isinstance(deleted, bool) or not isinstance(body, dict):
        raise BadLine(detail="deleted or body")


def is_id(value: object) -> bool:
    """Whether ``value`` is a UUID in its canonical spelling."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None


DISPLACED_FROM = "displaced_from"
"""The field of a line that the central has given a new id, since the old one was another line's: the old id."""


def displaced_line(line: Line, new_id: str) -> Line:
    """The same line under a new id, with a note of the old one. A project lies in itself, so it moves along."""
    project = new_id if line.project == line.id else line.project
    return line._replace(id=new_id, project=project, body={**line.body, DISPLACED_FROM: line.id}, base=0)


def new_id(now_ms: int | None = None, random_bytes: RandomBytes = os.urandom) -> str:
    """A fresh UUIDv7 (RFC 9562): 48 bits of milliseconds, then random."""
    ms = time.time_ns() // 1_000_000 if now_ms is None else now_ms
    value = (ms & (1 << 48) - 1) << 80 | int.from_bytes(random_bytes(10), "big")
    return _uuid(value, 7)


def derived_id(*parts: str) -> str:
    """The UUIDv8 of a natural key (RFC 9562): two laptops that import one table offline name its rows alike,
    so the rows meet as one line instead of lying side by side as duplicates."""
    raw = hashlib.blake2b("\x1f".join(parts).encode(), digest_size=16).digest()
    return _uuid(int.from_bytes(raw, "big"), 8)


def _uuid(value: int, version: int) -> str:
    value = value & ~(0xF << 76) | version << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
