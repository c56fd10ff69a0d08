"""The central's audit as a file: ``.csv`` for a spreadsheet, ``.ndjson`` for programs; written page by page, whole or
not at all."""

from __future__ import annotations

import codecs
import csv
import errno
import io
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import orjson

from store.values.file_causes import file_cause
from store.values.text import escape_json, sanitize
from tui.cli.commands.backup import BackupFileExists
from tui.exceptions import FileAccessError

Page = Sequence[Mapping[str, object]]
COLUMNS = ("seq", "at", "name", "account", "device", "action", "line", "stamp", "from_stamp", "detail")
_FORMULA_PREFIXES = ("=", "+", "-", "@", "\t", "\r", "\n")
"""A spreadsheet reads a cell that begins with one of these as a formula."""


class ExportFileExists(BackupFileExists):
    """An export would overwrite something."""

    data = "It was not touched, and nothing was exported."


def write_audit(pages: Iterable[Page], path: Path) -> int:
    """Write the entries to a file that only we can read; gives how many. Raises `ExportFileExists` or
    `FileAccessError`."""
    if path.exists():
        raise ExportFileExists(file=path)
    if not path.absolute().parent.is_dir():
        raise FileAccessError(file=path.parent, detail=file_cause(errno.ENOENT))
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    written = 0
    try:
        with open(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            heading, encode = WRITERS[path.suffix.lower()]
            file.write(heading)
            for page in pages:
                file.write(encode(page))
                written += len(page)
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside, path)
    finally:
        aside.unlink(missing_ok=True)
    return written


def _as_csv(rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([_escape_formula(value) for value in row] for row in rows)
    return text.getvalue().encode()


def _as_lines(page: Page) -> bytes:
    return b"".join(escape_json(orjson.dumps(entry).decode()).encode() + b"\n" for entry in page)


def _escape_formula(value: object) -> str:
    """A value as text that a spreadsheet never computes."""
    if value is None:
        return ""
    text = sanitize(value if isinstance(value, str) else orjson.dumps(value).decode())
    return f"'{text}" if text.startswith(_FORMULA_PREFIXES) else text


WRITERS: dict[str, tuple[bytes, Callable[[Page], bytes]]] = {
    ".csv": (
        codecs.BOM_UTF8 + _as_csv([COLUMNS]),
        lambda page: _as_csv([entry[column] for column in COLUMNS] for entry in page),
    ),
    ".ndjson": (b"", _as_lines),
}
"""By file suffix: the bytes that the file begins with, and how a page becomes bytes. Spreadsheets need the byte order
mark to recognise UTF-8."""
