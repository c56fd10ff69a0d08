"""Unexpected errors of the user interface, and the home's log that keeps their tracebacks.

The screens and the command line both use this; how an error is printed on a terminal is in ``tui/cli/errors.py``.
"""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
import time
import traceback
from pathlib import Path

from store.exceptions import GuanjiaError
from store.values.text import sanitize


class UnexpectedError(GuanjiaError):
    """A mistake in this program. Nothing that was saved is lost; the screens go on, and what was typed stays."""

    code = "unexpected"
    what = "Something happened that this program did not foresee ({detail})."
    data = "Everything saved before is safe: a change is written whole or not at all."
    remedy = "Send the file {log} to whoever looks after guanjia, or run “guanjia doctor”."


LOG_FILE = "guanjia.log"
_MAX_LOG_BYTES = 1_000_000
_LOG_ENTRY = re.compile(r"^(\d{4}-\d\d-\d\dT\S+) (.*)$", re.MULTILINE)


def to_guanjia_error(error: Exception, home: Path) -> GuanjiaError:
    """``error`` as an error for people. The home's log gets one line for a known error, the traceback for others."""
    log = home / LOG_FILE
    if isinstance(error, GuanjiaError):
        _append(log, f"{error.code}: {error}\n")
        return error
    _append(log, f"{UnexpectedError.code}: " + "".join(traceback.format_exception(error)))
    return UnexpectedError(detail=type(error).__name__, log=log)


def log_traceback(error: BaseException, log: Path) -> Path:
    """Append the traceback to ``log``, or write it to a new temporary file where there is no such home. Gives the path
    of the file that was written."""
    text = "".join(traceback.format_exception(error))
    if _append(log, text):
        return log
    handle, name = tempfile.mkstemp(prefix="guanjia-", suffix=".log")
    with open(handle, "wb") as file:
        file.write(_entry(text))
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
