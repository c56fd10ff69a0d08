"""The door of the command line: ``guanjia`` starts here.

Little is imported here. ``guanjia find`` is what people type most, so it is tried first and by itself; everything
else goes to click and the table of commands in ``tui/cli/root.py``. Whatever goes wrong ends here, as three
sentences and an exit code. Next: ``tui/cli/root.py``.
"""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from tui.cli.early_options import ArgumentPreview, preview_arguments
from tui.i18n import translate


def main() -> None:
    """Run the command line of this process and leave with the contract's exit code."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command line; gives the exit code. Never raises for what a person typed or for what is in the store."""
    _make_streams_lenient()
    early = preview_arguments(arguments)
    translate.set_language(early.language)
    try:
        code = _dispatch(arguments, early)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        return _handle_broken_pipe()
    except Exception as error:
        return _report_error(error, early)
    except KeyboardInterrupt as error:
        return _report_error(error, early)


def _dispatch(arguments: Sequence[str], early: ArgumentPreview) -> int:
    if "_GUANJIA_COMPLETE" not in os.environ:
        code = _dispatch_fast_path(arguments, early)
        if code is not None:
            return code
    outcome: int = import_module("tui.cli.root").run_command_line(arguments, as_json=early.as_json)
    return outcome


def _dispatch_fast_path(arguments: Sequence[str], early: ArgumentPreview) -> int | None:
    """The two that people wait for, a lookup and the first paint, without click; None for everything else."""
    code: int | None = None
    if early.command == "find":
        code = import_module("tui.cli.commands.find_fast").find(arguments)
    elif early.plain:
        gc.disable()  # until the first paint: looking for garbage among what is being loaded takes 20 ms
        try:
            code = import_module("tui.cli.open_app").open_screens(early.home)
        finally:
            gc.enable()
    return code


def _report_error(error: BaseException, early: ArgumentPreview) -> int:
    if isinstance(error, OSError) and error.filename is None:
        _drop_output()  # the disk behind ``> file`` is full, perhaps: what is left in the buffer cannot be written
    errors = import_module("tui.cli.errors")
    try:
        code: int = errors.print_error(errors.to_user_error(error, early.log), json_form=early.as_json)
    except BrokenPipeError:
        return _handle_broken_pipe()
    return code


def _make_streams_lenient() -> None:
    """A terminal that cannot show a character shows its code instead of failing; a stream that the caller closed is
    written to nowhere."""
    sys.stdout = sys.stdout or os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8")
    sys.stderr = sys.stderr or os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8")
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def _handle_broken_pipe() -> int:
    """Whoever read our output (``| head``) has enough: not a failure."""
    _drop_output()
    return 0


def _drop_output() -> None:
    """Send what is still buffered nowhere; Python would complain about it at exit otherwise."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    main()
