"""What can go wrong on the screens beyond what the store foresees: told in sentences, kept in the home's log."""

from __future__ import annotations

import contextlib
import os
import time
import traceback
from pathlib import Path

from store.exceptions import GuanjiaError


class Unforeseen(GuanjiaError):
    """A mistake in this program. The screens go on; what was typed is kept."""

    code = "unexpected"
    what = "Something happened that this program did not foresee ({detail})."
    data = "Everything saved before is safe: a change is written whole or not at all."
    todo = "Send the file {log} to whoever looks after guanjia, or run “guanjia doctor”."


def foreseen(error: Exception, home: Path) -> GuanjiaError:
    """``error`` as an error for people; what nobody foresaw is written, with its traceback, to the home's log."""
    if isinstance(error, GuanjiaError):
        return error
    log = home / "guanjia.log"
    told = time.strftime("%Y-%m-%dT%H:%M:%S%z ") + "".join(traceback.format_exception(error))
    with contextlib.suppress(OSError):
        handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with open(handle, "ab") as file:
            file.write(told.encode("utf-8", "backslashreplace"))
    return Unforeseen(detail=type(error).__name__, log=log)
