"""Unexpected errors of the user interface, and the home's log that keeps their tracebacks.

The screens and the command line both use this: `to_guanjia_error` is the one place that makes sentences of errors of
the system, of SQLite and of this program. How one is printed on a terminal is in ``tui/cli/errors.py``.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import tempfile
import time
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from store.exceptions import GuanjiaError
from store.values.file_causes import file_cause
from store.values.text import sanitize


class UnexpectedError(GuanjiaError):
    """A mistake in this program. Nothing that was saved is lost; the screens go on, and what was typed stays."""

    code = "unexpected"
    what = "Something happened that this program did not foresee ({detail})."
    data = "Everything saved before is safe: a change is written whole or not at all."
    remedy = "Send the file {log} to whoever looks after guanjia, or run “guanjia doctor”."


class FileAccessError(GuanjiaError):
    """The operating system refused a file or folder."""

    code = "file"
    what = "{file}: {detail}."
    data = "Nothing in the ledger was changed."
    remedy = "Check that the path exists and that you may read and write it."
    value_families: ClassVar[Mapping[str, str]] = {"detail": "file_cause"}


class OutputFailed(FileAccessError):
    """What a command prints cannot be written: the disk behind ``> file`` is full or fails."""

    what = "The output cannot be written: {detail}."


class CurrentFolderGone(FileAccessError):
    """The folder in which the command was typed has been removed; the system does not say more (``getcwd``)."""

    what = "The current folder is no longer there."
    remedy = "Go to another folder (cd), or give whole paths, and run the command again."


class LedgerAccessError(GuanjiaError):
    """An error of SQLite that no error of the store stands for, such as a read-only or failing disk."""

    code = "ledger_trouble"
    what = "The ledger cannot be read or written now: {detail}."
    data = "Everything saved before is safe: a change is written whole or not at all."
    remedy = "Check that the disk can be written, then run “guanjia doctor”."


LOG_FILE = "guanjia.log"
_OUTPUT_FAILED = (errno.ENOSPC, errno.EIO, errno.EFBIG, errno.EDQUOT, errno.EROFS)
"""The error numbers of a full or failing disk behind ``> file``, whose errors name no file."""
_MAX_LOG_BYTES = 1_000_000
_LOG_ENTRY = re.compile(r"^(\d{4}-\d\d-\d\dT\S+) (.*)$", re.MULTILINE)


def to_guanjia_error(error: BaseException, home: Path) -> GuanjiaError:
    """``error`` as an error for people. The log of ``home`` gets one line for a known error, the traceback for others;
    where it cannot be written a temporary file does."""
    told = foreseen_error(error)
    if told is None or isinstance(told, LedgerAccessError):
        log = log_traceback(error, home / LOG_FILE)
        return told or UnexpectedError(detail=type(error).__name__, log=log)
    _append(home / LOG_FILE, f"{told.code}: {told}\n")
    return told


def foreseen_error(error: BaseException) -> GuanjiaError | None:
    """The sentences of an error of this program, the system or SQLite; None for what nobody foresaw."""
    if isinstance(error, GuanjiaError):
        return error
    if isinstance(error, FileNotFoundError) and error.filename is None:
        return CurrentFolderGone()
    if isinstance(error, OSError) and (error.filename is not None or error.errno in _OUTPUT_FAILED):
        if error.filename is None:
            return OutputFailed(detail=file_cause(error.errno))
        return FileAccessError(file=os.fsdecode(error.filename), detail=file_cause(error.errno))
    if type(error).__module__.startswith("sqlcipher3"):
        return LedgerAccessError(detail=error)
    return None


def log_traceback(error: BaseException, log: Path) -> Path | str:
    """Append the traceback to ``log``, or write it to a new temporary file where that cannot be written. Gives the path
    of the file that was written; “-” where none could be."""
    text = f"{UnexpectedError.code}: " + "".join(traceback.format_exception(error))
    if _append(log, text):
        return log
    try:
        handle, name = tempfile.mkstemp(prefix="guanjia-", suffix=".log")
        with open(handle, "wb") as file:
            file.write(_entry(text))
    except OSError:
        return "-"
    return Path(name)


def read_log(home: Path) -> list[tuple[str, str]]:
    """The log's entries, oldest first: the moment (ISO 8601) and the first line of the error."""
    try:
        text = (home / LOG_FILE).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return _LOG_ENTRY.findall(text)


def _entry(text: str) -> bytes:
    return (time.strftime("%Y-%m-%dT%H:%M:%S%z ") + sanitize(text)).encode("utf-8", "backslashreplace")


def _append(log: Path, text: str) -> bool:
    """Append an entry, readable by its owner only; False where the file cannot be written. A log that has grown too
    long is set aside first."""
    with contextlib.suppress(OSError, ValueError):
        if log.exists() and log.stat().st_size > _MAX_LOG_BYTES:
            log.replace(log.with_suffix(".old.log"))
        handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with open(handle, "ab") as file:
            file.write(_entry(text))
        return True
    return False
