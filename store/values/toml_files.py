"""Reads small TOML files that people edit by hand, statement by statement: one bad line is named and ignored, and the
others count.

A file without a mistake is read by `tomllib` at once; it is taken apart only where it has one, or to find a line. On
the path of ``guanjia find``: `tomllib` is loaded only when there is a file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from store.values.text import sanitize

_HEADER = re.compile(r"\s*\[")
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")
_SURROGATE = re.compile("[\ud800-\udfff]")
_LONG_VALUE = re.compile(r"\"\"\"|'''|=\s*\[")
_NOWHERE = ("",)
"""The table of lines that belong to none that is read: below a bad heading, or in an array of tables."""
_WHOLE_FILE, MAX_STATEMENT_LINES, _SHOWN = 100_000, 50, 60
"""Characters of a file that is parsed as a whole; lines over which one value may stretch in a file with a mistake;
characters of a bad line that are shown."""


class BadTomlLine(NamedTuple):
    """A line, counted from 1, that is ignored: it is no TOML, or (``repeated``) names again what was set before."""

    line: int
    text: str
    repeated: bool = False


class TomlStatement(NamedTuple):
    """The lines from ``first`` to before ``end``, counted from 0, and what they set in the table ``path``; ``values``
    is None where they cannot be read."""

    first: int
    end: int
    path: tuple[str, ...]
    values: Mapping[str, object] | None


class TomlText(NamedTuple):
    """What a file says, and its bad lines."""

    values: dict[str, object]
    bad_lines: Sequence[BadTomlLine] = ()


def parse_toml(text: str) -> TomlText:
    """The values of ``text``, and the lines that are ignored. Never raises."""
    if len(text) <= _WHOLE_FILE and (whole := _parsed(text)) is not None:
        return TomlText(whole)
    lines = split_lines(text)
    values: dict[str, object] = {}
    bad: list[BadTomlLine] = []
    for statement in statements(text):
        if statement.values is None or not _merge(values, statement.path, statement.values):
            shown = sanitize(lines[statement.first]).strip()[:_SHOWN]
            bad.append(BadTomlLine(statement.first + 1, shown, statement.values is not None))
    return TomlText(values, bad)


def split_lines(text: str) -> list[str]:
    """The lines of ``text``, each with its line end as it is."""
    return _LINE.findall(text)


def statements(text: str) -> Iterator[TomlStatement]:
    """The statements of ``text`` in order; blank lines and comments are none."""
    lines = [line.rstrip("\r\n") for line in split_lines(text)]
    path: tuple[str, ...] = ()
    at = 0
    while at < len(lines):
        if not lines[at].strip() or lines[at].lstrip().startswith("#"):
            at += 1
            continue
        end, values = _statement_at(lines, at)
        if _HEADER.match(lines[at]):
            path, values = _opened_table(values)
            yield TomlStatement(at, end, (), values)
        else:
            yield TomlStatement(at, end, path, values)
        at = end


def line_of(text: str, *path: str) -> int | None:
    """The line, counted from 1, on which the value under these names stands; None where none does."""
    for statement in statements(text):
        if statement.path == path[:-1] and path[-1] in (statement.values or ()):
            return statement.first + 1
    return None


def _statement_at(lines: Sequence[str], first: int) -> tuple[int, Mapping[str, object] | None]:
    """Where the statement that begins on a line ends, and what it says: as few lines as can be parsed, only the first
    where none can be."""
    several = MAX_STATEMENT_LINES if _LONG_VALUE.search(lines[first]) else 1
    for end in range(first + 1, min(first + several, len(lines)) + 1):
        if (values := _parsed("\n".join(lines[first:end]))) is not None:
            return end, values
    return first + 1, None


def _parsed(text: str) -> dict[str, object] | None:
    import tomllib  # noqa: PLC0415 - only when there is a file

    try:
        return None if _SURROGATE.search(text) else tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return None


def _opened_table(heading: Mapping[str, object] | None) -> tuple[tuple[str, ...], Mapping[str, object] | None]:
    """The table that a heading opens, and what the heading itself says."""
    names: list[str] = []
    table: object = heading
    while isinstance(table, dict) and table:
        name, table = next(iter(table.items()))
        names.append(name)
    if heading is None or isinstance(table, list):
        return _NOWHERE, None if heading is None else {}
    return tuple(names), heading


def _merge(table: dict[str, object], path: Sequence[str], values: Mapping[str, object]) -> bool:
    """Add ``values`` to the table below ``path``; False where something of that name is there already."""
    if path == _NOWHERE:
        return True
    for name in path:
        inner = table.setdefault(name, {})
        if not isinstance(inner, dict):
            return False
        table = inner
    for name, value in values.items():
        present = table.setdefault(name, value)
        if present is not value and not (
            isinstance(present, dict) and isinstance(value, dict) and _merge(present, (), value)
        ):
            return False
    return True


def replace_statement(text: str, name: str, line: str, table: str = "") -> str:
    """``text`` with what sets ``name``, outside of tables or in this ``table``, replaced by ``line``; an empty one
    takes it out. A bad line that begins like it goes too. What is new stands at the end of its table, which is made
    where there is none; outside of tables it stands before the first. Other lines stay, with their line ends."""
    lines = split_lines(text)
    line_end = "\r\n" if "\r\n" in text else "\n"
    begins_so = re.compile(rf"""\s*["']?{re.escape(name)}["']?\s*=""")
    present = list(statements(text))
    path = (table,) if table else ()
    own = [
        statement
        for statement in present
        if statement.path == path
        and (begins_so.match(lines[statement.first]) if statement.values is None else name in statement.values)
        and not _HEADER.match(lines[statement.first])
    ]
    new = line + line_end if line else ""
    for statement in own:
        lines[statement.first : statement.end] = [""] * (statement.end - statement.first)
    if own:
        lines[own[0].first] = new
        return "".join(lines)
    known = any(statement.path == path or table in (statement.values or ()) for statement in present)
    if table and new and not known:
        new = f"[{table}]{line_end}{new}"
    at = _end_of_table(present, lines, path) if table else _first_table(present, lines)
    before = "".join(lines[:at])
    gap = line_end if new and before and not before.endswith(("\n", "\r")) else ""
    return before + gap + new + "".join(lines[at:])


def _first_table(present: Sequence[TomlStatement], lines: Sequence[str]) -> int:
    return next((statement.first for statement in present if _HEADER.match(lines[statement.first])), len(lines))


def _end_of_table(present: Sequence[TomlStatement], lines: Sequence[str], path: tuple[str, ...]) -> int:
    """Where the last statement of a table ends, or its heading; the end of the text where there is no such table."""
    ends = [
        statement.end
        for statement in present
        if statement.path == path or (_HEADER.match(lines[statement.first]) and path[0] in (statement.values or ()))
    ]
    return max(ends, default=len(lines))
