"""Data to stdout: one JSON value, one value a line, or aligned text for people. Messages go to stderr.

Standard output is data and nothing else, so that scripts can read it. Rich is imported when a table is drawn.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict
from enum import StrEnum
from itertools import chain
from typing import Protocol, TypeVar

import orjson

from store.values.records import Record, field_values
from store.values.text import escape_json, restore_undecoded, sanitize

Cell = object
"""What a table's cell may hold: shown by ``str``; None is shown as nothing."""
Value = TypeVar("Value")


class OutputFormat(StrEnum):
    """How a command's data is printed."""

    TEXT = "text"
    JSON = "json"
    NDJSON = "ndjson"


class JsonRow(Protocol):
    """A value of the store that knows its JSON form."""

    def to_json(self) -> object: ...


class TableSink(Protocol):
    """Takes the table of a command that writes its list to a file."""

    def write(self, columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
        """Write the table; the rows are read once."""
        ...


_sink: ContextVar[TableSink | None] = ContextVar("table_sink", default=None)


def table_file() -> TableSink | None:
    """Where the table of the running command goes instead of stdout; None: it is printed."""
    return _sink.get()


@contextmanager
def tables_to(sink: TableSink) -> Iterator[None]:
    """While the block runs, tables go to ``sink``."""
    token = _sink.set(sink)
    try:
        yield
    finally:
        _sink.reset(token)


def _unchanged(value: object) -> object:
    return value


def emit(
    output_format: OutputFormat,
    value: Value,
    show_text: Callable[[Value], None],
    to_json: Callable[[Value], object] = _unchanged,
) -> None:
    """Print ``value``: for people by ``show_text``, else as the JSON that ``to_json`` gives. With ``--ndjson`` a list
    is one item a line. While the list of a command goes to a file, ``show_text`` fills that."""
    if output_format is OutputFormat.TEXT or table_file() is not None:
        show_text(value)
        return
    data = to_json(value)
    if output_format is OutputFormat.NDJSON and isinstance(data, list):
        emit_raw(encode_json(item) for item in data)
    else:
        emit_raw([encode_json(data)])


def emit_rows(
    output_format: OutputFormat,
    rows: Iterable[Value],
    show_text: Callable[[Iterable[Value]], None],
    to_json: Callable[[Value], object] = _unchanged,
) -> None:
    """Print a list while it is read: each row leaves before the last is known, and none is kept. It prints what `emit`
    prints of the whole list."""
    if output_format is OutputFormat.TEXT or table_file() is not None:
        show_text(rows)
        return
    encoded = (encode_json(to_json(row)) for row in rows)
    if output_format is OutputFormat.NDJSON:
        emit_raw(encoded)
        return
    first = next(encoded, b"")
    emit_raw(chain([b"[" + first], (b"," + item for item in encoded), [b"]"]), end=b"")
    emit_raw([b""])


def fields_json(rows: Iterable[Record]) -> list[object]:
    """Dataclasses as JSON objects with the same names."""
    return [field_values(row) for row in rows]


def rows_json(rows: Iterable[JsonRow]) -> list[object]:
    """Values of the store in their own JSON form."""
    return [row.to_json() for row in rows]


def encode_json(value: object) -> bytes:
    """``value`` as UTF-8 JSON, not ASCII-escaped. Lone surrogates (a file name's undecodable bytes) are escaped."""
    try:
        return orjson.dumps(value)
    except orjson.JSONEncodeError:
        text = restore_undecoded(json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=asdict))
        return text.encode("utf-8", "backslashreplace")


def emit_raw(lines: Iterable[bytes], end: bytes = b"\n") -> None:
    """Print JSON, each value followed by ``end``, as UTF-8 whatever the terminal's encoding. What acts on terminals is
    escaped: data is the same bytes everywhere and harmless wherever it is shown."""
    sys.stdout.flush()
    for line in lines:
        text = line.decode()
        sys.stdout.buffer.write((line if text.isprintable() else escape_json(text).encode()) + end)
    sys.stdout.buffer.flush()


def say(text: str) -> None:
    """Print a message to a person, on stderr."""
    print(sanitize(text), file=sys.stderr)


def show(text: str) -> None:
    """Print text for people on stdout, without characters that act on terminals; on stderr, while the list of a command
    goes to a file."""
    print(sanitize(text), file=sys.stdout if table_file() is None else sys.stderr)


def show_table(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """Print a table for people on stdout, or write it to the file that the command's list goes to. Rich is loaded here
    only: it costs more than reading the store."""
    if (file := table_file()) is not None:
        file.write(columns, rows)
        return
    from tui.cli.tables import draw_table

    draw_table(columns, rows)


def show_pairs(pairs: Iterable[tuple[str, Cell]]) -> None:
    """Print names and values, one pair a line; pairs whose value is None are left out."""
    from tui.cli.ruled_tables import draw_pairs
    from tui.cli.tables import stated_width

    draw_pairs(pairs, stated_width())
