"""From errors to sentences and exit codes. No command ever shows a traceback: it goes to the home's log."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import tempfile
import time
import traceback
from pathlib import Path

from store.exceptions import GuanjiaError
from store.values.text import sanitize
from tui.cli.output import as_json
from tui.i18n.translate import _, value_label

OK, FAILED, USAGE, NEEDS_ATTENTION, OFFLINE, LOCKED = range(6)
"""The contract's exit codes: done · refused or failed · wrong usage · a person should look · central
unreachable · another instance holds the lock."""

_OUTPUT_FAILED = (errno.ENOSPC, errno.EIO, errno.EFBIG, errno.EDQUOT)
"""What a full or failing disk behind ``> file`` says."""

EXIT_CODES = {
    "unreachable": OFFLINE,
    "not_the_central": OFFLINE,
    "too_many": OFFLINE,
    "round_running": LOCKED,
    "busy": LOCKED,
    "usage": USAGE,
    "bad_time": USAGE,
    "time_ahead": USAGE,
    "bad_amount": USAGE,
    "bad_period": USAGE,
    "report_format": USAGE,
    "unknown_setting": USAGE,
    "bad_setting": USAGE,
    "field_missing": USAGE,
}


class BadUsage(GuanjiaError):
    """A value on the command line that cannot be meant as it stands."""

    code = "usage"
    what = "This cannot be done as typed: {detail}"
    data = "Nothing was changed."
    remedy = "See “{command} --help”."


class UserInterrupt(GuanjiaError):
    """The person pressed Ctrl-C."""

    code = "stopped"
    what = "Stopped."
    data = "What was already saved stays saved; nothing is half written."
    remedy = "Run the command again when you like."


class FileAccessError(GuanjiaError):
    """The operating system refused a file or folder."""

    code = "file"
    what = "{file}: {detail}."
    data = "Nothing in the ledger was changed."
    remedy = "Check that the path exists and that you may read and write it."


class LedgerAccessError(GuanjiaError):
    """SQLite's word for something that no error of the store stands for: a read-only disk, one that fails."""

    code = "ledger_trouble"
    what = "The ledger cannot be read or written now: {detail}."
    data = "Everything saved before is safe: a change is written whole or not at all."
    remedy = "Check that the disk can be written, then run “guanjia doctor”."


class UnexpectedError(GuanjiaError):
    """A mistake in this program."""

    code = "unexpected"
    what = "Something happened that this program did not foresee ({detail})."
    data = "Everything saved before is safe: a change is written whole or not at all."
    remedy = "Send the file {log} to whoever looks after guanjia, or run “guanjia doctor”."


def exit_code(error: GuanjiaError) -> int:
    """The contract's exit code for an error."""
    return EXIT_CODES.get(error.code, FAILED)


def print_error(error: GuanjiaError, *, json_form: bool) -> int:
    """Say on stderr what happened, what it means for the data and what to do: three sentences, or one JSON object
    when the data would have been JSON. Gives the exit code."""
    what, data, remedy = error.localized(_, value_label)
    if json_form:
        body = {"code": error.code, "what": what, "data": data, "todo": remedy}
        sys.stderr.flush()
        sys.stderr.buffer.write(as_json({"error": body}) + b"\n")
        sys.stderr.buffer.flush()
    else:
        print(sanitize("\n".join((what, data, remedy))), file=sys.stderr)
    return exit_code(error)


def to_user_error(error: BaseException, log: Path) -> GuanjiaError:
    """``error`` as an error for people. What nobody foresaw is written, with its traceback, to ``log``."""
    if isinstance(error, GuanjiaError):
        return error
    if isinstance(error, KeyboardInterrupt):
        return UserInterrupt()
    if isinstance(error, OSError) and (error.filename is not None or error.errno in _OUTPUT_FAILED):
        name = _("The output") if error.filename is None else os.fsdecode(error.filename)
        return FileAccessError(file=name, detail=error.strerror or type(error).__name__)
    if type(error).__module__.startswith("sqlcipher3"):
        log_traceback(error, log)
        return LedgerAccessError(detail=error)
    return UnexpectedError(detail=type(error).__name__, log=log_traceback(error, log))


def log_traceback(error: BaseException, log: Path) -> Path:
    """Append the traceback to the home's log, or to a file of its own where there is no such home; gives the file."""
    text = time.strftime("%Y-%m-%dT%H:%M:%S%z ") + "".join(traceback.format_exception(error))
    data = text.encode("utf-8", "backslashreplace")
    with contextlib.suppress(OSError, ValueError):
        handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with open(handle, "ab") as file:
            file.write(data)
        return log
    handle, name = tempfile.mkstemp(prefix="guanjia-", suffix=".log")
    with open(handle, "wb") as file:
        file.write(data)
    return Path(name)
