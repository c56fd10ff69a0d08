"""Data to stdout: one JSON value, one value a line, or aligned text for people. Narration goes to stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from importlib import import_module
from typing import Any

import orjson

from store.values.text import sanitize

Cell = object
"""What a table's cell may hold: shown by ``str``; None is shown as nothing."""


class OutputFormat(StrEnum):
    """How a command's data is printed."""

    TEXT = "text"
    JSON = "json"
    NDJSON = "ndjson"


def emit(form: OutputFormat, value: Any, text: Callable[[Any], None]) -> None:
    """Print ``value`` as ``form`` says; ``text`` prints it for people. With ``--ndjson`` a list is one item a line."""
    if form is OutputFormat.TEXT:
        text(value)
    elif form is OutputFormat.NDJSON and isinstance(value, list):
        emit_raw(as_json(item) for item in value)
    else:
        emit_raw([as_json(value)])


def as_json(value: Any) -> bytes:
    """``value`` as UTF-8 JSON, not ASCII-escaped. What no text should hold (a file name's stray bytes) is escaped."""
    try:
        return orjson.dumps(value)
    except orjson.JSONEncodeError:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")


def emit_raw(lines: Iterable[bytes]) -> None:
    """Print ready UTF-8 lines, whatever the terminal's encoding: data is the same bytes everywhere."""
    sys.stdout.flush()
    for line in lines:
        sys.stdout.buffer.write(line + b"\n")
    sys.stdout.buffer.flush()


def say(text: str) -> None:
    """Narrate: plain text on stderr."""
    print(sanitize(text), file=sys.stderr)


def show(text: str) -> None:
    """Text on stdout, for people: other people's words are made inert, since terminals act on escapes."""
    print(sanitize(text))


def show_table(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """A table on stdout, for people. Rich is loaded here only: it costs more than reading the store does."""
    import_module("tui.cli.tables").draw(columns, rows)


def show_pairs(pairs: Iterable[tuple[str, Cell]]) -> None:
    """Names and values, one pair a line; pairs whose value is None are left out."""
    import_module("tui.cli.tables").draw_pairs(pairs)
