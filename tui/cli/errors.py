"""How an error ends a command: sentences or JSON on stderr, and the exit code. The one place that prints errors.

No command shows a traceback: it goes to the home's log (``tui/exceptions.py``). Imports no click, since an error of a
fast path is printed without it.
"""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from store.exceptions import UNREACHABLE_CODES, GuanjiaError
from store.values.text import sanitize
from tui.cli.output import encode_json
from tui.exceptions import UnexpectedError, log_traceback
from tui.i18n.translate import _, value_label

if TYPE_CHECKING:
    import click

OK, FAILED, USAGE, NEEDS_ATTENTION, OFFLINE, LOCKED = range(6)
"""The exit codes: done · refused or failed · wrong usage · a person should look · central unreachable · another
instance holds the lock. They are part of the command line's contract."""

_OUTPUT_FAILED = (errno.ENOSPC, errno.EIO, errno.EFBIG, errno.EDQUOT)
"""The error numbers of a full or failing disk behind ``> file``."""

EXIT_CODES = {
    **dict.fromkeys(UNREACHABLE_CODES, OFFLINE),
    "backup_not_recorded": NEEDS_ATTENTION,
    "clock": NEEDS_ATTENTION,
    "round_running": LOCKED,
    "busy": LOCKED,
    "usage": USAGE,
    "bad_time": USAGE,
    "time_ahead": USAGE,
    "year_missing": USAGE,
    "half_of_day_missing": USAGE,
    "bad_amount": USAGE,
    "bad_period": USAGE,
    "report_format": USAGE,
    "unknown_setting": USAGE,
    "bad_setting": USAGE,
    "field_missing": USAGE,
    "visit_empty": USAGE,
    "remark_among_names": USAGE,
    "saved_then_failed": NEEDS_ATTENTION,
}


class BadUsage(GuanjiaError):
    """A value on the command line that is not valid."""

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
    """An error of SQLite that no error of the store stands for, such as a read-only or failing disk."""

    code = "ledger_trouble"
    what = "The ledger cannot be read or written now: {detail}."
    data = "Everything saved before is safe: a change is written whole or not at all."
    remedy = "Check that the disk can be written, then run “guanjia doctor”."


def exit_code(error: GuanjiaError) -> int:
    """The exit code of an error."""
    return EXIT_CODES.get(error.code, FAILED)


def print_error(error: GuanjiaError, *, json_form: bool) -> int:
    """Print what happened, what it means for the data and what to do, on stderr: three sentences, or one JSON object
    where the data would have been JSON. Gives the exit code."""
    what, data, remedy = error.localized(_, value_label)
    if json_form:
        body = {"code": error.code, "what": what, "data": data, "todo": remedy}
        sys.stderr.flush()
        sys.stderr.buffer.write(encode_json({"error": body}) + b"\n")
        sys.stderr.buffer.flush()
    else:
        print(sanitize("\n".join((what, data, remedy))), file=sys.stderr)
    return exit_code(error)


def print_usage_error(error: click.ClickException, *, json_form: bool) -> int:
    """Print wrong usage: in click's form for people, as JSON in the form of every other error. Gives click's exit
    code, which is ours: 2 for wrong usage, 1 for a failure."""
    if json_form:
        context: click.Context | None = getattr(error, "ctx", None)
        command = context.command_path if context else "guanjia"
        print_error(BadUsage(detail=error.format_message(), command=command), json_form=True)
    else:
        error.show()
    return error.exit_code


def to_user_error(error: BaseException, log: Path) -> GuanjiaError:
    """``error`` as an error for people. The traceback of an unexpected one is written to ``log``."""
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
