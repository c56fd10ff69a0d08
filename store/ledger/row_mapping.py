"""How a line becomes a row of its kind's table and back, without loss: known fields in columns, the rest in ``extra``.

The way there and back gives the same canonical bytes, so a row's digest can be checked at any time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from store.ledger.kinds import Kind, kinds
from store.ledger.line import Body, Line

ColumnValues = Sequence[Any]
ENVELOPE_COLUMNS = ("id", "project_id", "stamp", "device_id", "author_id", "deleted", "base", "extra", "digest")
EXTRA_INDEX, DIGEST_INDEX = 7, 8
UNKNOWN_COLUMNS = "id, kind, project_id, stamp, device_id, author_id, deleted, body, base, digest"


def select_columns(kind: Kind) -> str:
    """The columns that `line_from` reads, in its order."""
    return ", ".join((*ENVELOPE_COLUMNS, *(f'"{field}"' for field in kind.fields)))


def readable_body(line: Line) -> Body | None:
    """What of the line goes into columns of its kind's table; None for a line that is stored whole as an unknown one:
    of a kind that this version does not know, or without a field that the kind cannot do without."""
    kind = kinds().get(line.kind)
    return None if kind is None else kind.readable_body(line.body)


def row_from(kind: Kind, line: Line, readable: Body, digest: int, district: str) -> ColumnValues:
    """The row of a line with a `readable_body`. Fields that are not valid lie beside the unknown ones in ``extra``, so
    that nothing that reads columns meets them and the line stays the same."""
    known = dict(readable)
    for field in kind.lists & known.keys():
        known[field] = orjson.dumps(known[field]).decode()
    values = map(known.get, kind.fields)
    rest = {name: value for name, value in line.body.items() if name not in kind.field_names or name not in readable}
    extra = orjson.dumps(rest).decode() if rest else None
    head = (line.id, line.project, line.stamp, line.device, line.author, int(line.deleted), line.base)
    return (*head, extra, to_signed(digest), *values, district)


def line_from(kind: Kind, row: ColumnValues) -> Line:
    """The line of a row selected with `select_columns`."""
    line = _line_of_columns(kind, row)
    return line._replace(body={**line.body, **orjson.loads(row[EXTRA_INDEX])}) if row[EXTRA_INDEX] else line


def readable_line_from(kind: Kind, row: ColumnValues) -> Line:
    """The same without the fields that are not valid, to compute with."""
    line = _line_of_columns(kind, row)
    if not row[EXTRA_INDEX]:
        return line
    unknown = {name: value for name, value in orjson.loads(row[EXTRA_INDEX]).items() if name not in kind.field_names}
    return line._replace(body={**line.body, **unknown})


def _line_of_columns(kind: Kind, row: ColumnValues) -> Line:
    body = dict[str, object]()
    for field, value in zip(kind.fields, row[len(ENVELOPE_COLUMNS) :], strict=True):
        if value is None:
            continue
        if field in kind.lists:
            body[field] = orjson.loads(value)
        else:
            body[field] = bool(value) if field in kind.bools else value
    return Line(row[0], kind.name, row[1], row[2], row[3], row[4], bool(row[5]), body, row[6])


def unknown_row_from(line: Line, digest: int) -> ColumnValues:
    """The row of an unknown line, in the order of `UNKNOWN_COLUMNS`."""
    body = orjson.dumps(line.body).decode()
    head = (line.id, line.kind, line.project, line.stamp, line.device, line.author, int(line.deleted))
    return (*head, body, line.base, to_signed(digest))


def unknown_line_from(row: ColumnValues) -> Line:
    """The line of a row selected with `UNKNOWN_COLUMNS`."""
    return Line(row[0], row[1], row[2], row[3], row[4], row[5], bool(row[6]), orjson.loads(row[7]), row[8])


def to_signed(digest: int) -> int:
    """A 64-bit digest as SQL stores it."""
    return digest - (1 << 64) if digest >> 63 else digest


def to_unsigned(value: int) -> int:
    """The digest that `to_signed` stored."""
    return value & 0xFFFFFFFFFFFFFFFF
