"""The home's log: what went wrong in any process of this home, with the tracebacks of what nobody foresaw.

Screens, commands and the daemon write it; ``guanjia doctor`` counts its entries. Loaded where something went wrong.
"""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
import time
import traceback
from pathlib import Path

from store.values.text import sanitize

LOG_FILE = "guanjia.log"
UNEXPECTED = "unexpected"
"""What an entry with a traceback begins with; the code of such errors."""
_MAX_LOG_BYTES = 1_000_000
_LOG_ENTRY = re.compile(r"^(\d{4}-\d\d-\d\dT\S+) (.*)$", re.MULTILINE)


def append_entry(log: Path, text: str) -> bool:
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


def log_traceback(error: BaseException, log: Path) -> Path | str:
    """Append the traceback to ``log``, or write it to a new temporary file where that cannot be written. Gives the path
    of the file that was written; “-” where none could be."""
    summary = "".join(traceback.format_exception_only(error)).strip()
    text = f"{UNEXPECTED}: {summary}\n" + "".join(traceback.format_exception(error))
    if append_entry(log, text):
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
