"""How an error ends a command: sentences or JSON on stderr, and the exit code. The one place that prints errors.

No command shows a traceback: it goes to the home's log (``tui/exceptions.py``). Imports no click, since an error of a
fast path is printed without it.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from store.exceptions import UNREACHABLE_CODES, GuanjiaError
from store.values.text import sanitize
from tui.cli.output import encode_json
from tui.exceptions import LedgerAccessError, foreseen_error, to_guanjia_error
from tui.i18n.translate import _, value_label

if TYPE_CHECKING:
    import click

OK, FAILED, USAGE, NEEDS_ATTENTION, OFFLINE, LOCKED = range(6)
"""The exit codes: done · refused or failed · wrong usage · a person should look · central unreachable · another
instance holds the lock. They are part of the command line's contract."""

EXIT_CODES = {
    **dict.fromkeys(UNREACHABLE_CODES, OFFLINE),
    "backup_not_recorded": NEEDS_ATTENTION,
    "clock": NEEDS_ATTENTION,
    "round_running": LOCKED,
    "busy": LOCKED,
    "usage": USAGE,
    "bad_time": USAGE,
    "bad_month": USAGE,
    "time_ahead": USAGE,
    "day_far_back": USAGE,
    "holidays_unknown": USAGE,
    "year_missing": USAGE,
    "half_of_day_missing": USAGE,
    "bad_amount": USAGE,
    "bad_period": USAGE,
    "period_year_missing": USAGE,
    "month_year_missing": USAGE,
    "due_in_past": USAGE,
    "report_format": USAGE,
    "calendar_format": USAGE,
    "form_ending": USAGE,
    "unknown_setting": USAGE,
    "bad_setting": USAGE,
    "field_missing": USAGE,
    "name_like_known": USAGE,
    "visit_empty": USAGE,
    "remark_among_names": USAGE,
    "saved_then_failed": NEEDS_ATTENTION,
}


class BadUsage(GuanjiaError):
    """A value on the command line that is not valid."""

    code = "usage"
    what = "{detail}"
    data = "Nothing was changed."
    remedy = "“{command} --help” shows how it is written."


class UserInterrupt(GuanjiaError):
    """The person pressed Ctrl-C."""

    code = "stopped"
    what = "Stopped."
    data = "What was already saved stays saved; nothing is half written."
    remedy = "Run the command again when you like."


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
    """Print wrong usage in the form of every other error; help, where no command was named. Gives click's exit code,
    which is ours: 2 for wrong usage, 1 for a failure."""
    from click.exceptions import NoArgsIsHelpError

    from tui.cli.usage_text import command_of, usage_text

    if isinstance(error, NoArgsIsHelpError) and not json_form:
        error.show()
    else:
        print_error(BadUsage(detail=usage_text(error), command=command_of(error)), json_form=json_form)
    return error.exit_code


def to_user_error(error: BaseException, log: Path) -> GuanjiaError:
    """``error`` as an error for people. The traceback of an unexpected one is written to ``log``."""
    if isinstance(error, KeyboardInterrupt):
        return UserInterrupt()
    told = foreseen_error(error)
    return to_guanjia_error(error, log.parent) if told is None or isinstance(told, LedgerAccessError) else told
