"""What can go wrong on the screens beyond what the store foresees: told in sentences, kept in the home's log."""

from __future__ import annotations

import contextlib
import os
import re
import time
import traceback
from pathlib import Path

from store.exceptions import GuanjiaError


class UnexpectedScreenError(GuanjiaError):
    """A mistake in this program. The screens go on; what was typed is kept."""

    code = "unexpected"
    what = "Something happened that this program did not foresee ({detail})."
    data = "Everything saved before is safe: a change is written whole or not at all."
    remedy = "Send the file {log} to whoever looks after guanjia, or run “guanjia doctor”."


LOG_FILE = "guanjia.log"
_MAX_LOG_BYTES = 1_000_000


def to_guanjia_error(error: Exception, home: Path) -> GuanjiaError:
    """``error`` as an error for people. The home's log is told of every one: of what was foreseen in a line, of what
    nobody foresaw with its traceback."""
    log = home / LOG_FILE
    if isinstance(error, GuanjiaError):
        _append_to_log(log, f"{error.code}: {error}\n")
        return error
    _append_to_log(log, f"{UnexpectedScreenError.code}: " + "".join(traceback.format_exception(error)))
    return UnexpectedScreenError(detail=type(error).__name__, log=log)


def _append_to_log(log: Path, text: str) -> None:
    told = time.strftime("%Y-%m-%dT%H:%M:%S%z ") + text
    with contextlib.suppress(OSError):
        if log.exists() and log.stat().st_size > _MAX_LOG_BYTES:
            log.replace(log.with_suffix(".old.log"))
        handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with open(handle, "ab") as file:
            file.write(told.encode("utf-8", "backslashreplace"))


def read_log(home: Path) -> list[tuple[str, str]]:
    """What the log tells, oldest first: when (ISO 8601) and the error's first line."""
    try:
        text = (home / LOG_FILE).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return _ENTRY.findall(text)


_ENTRY = re.compile(r"^(\d{4}-\d\d-\d\dT\S+) (.*)$", re.MULTILINE)
