"""The entry point of the command line: ``guanjia`` starts here.

Little is imported here. ``guanjia find`` is the most typed command, so it is tried first and without click; all other
commands go to click and the table of commands in ``tui/cli/root.py``. Every error ends here, as three sentences and an
exit code. Next: ``tui/cli/root.py``.
"""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from collections.abc import Sequence

from tui.cli.options import ArgumentPreview, preview_arguments
from tui.i18n import translate


def main() -> None:
    """Run the command line of this process and exit with its code."""
    encoding = sys.getfilesystemencoding()
    if encoding != "utf-8" and (
        is_typed_in_utf8(sys.argv[1:], encoding) or preview_arguments(sys.argv[1:]).only_shared
    ):
        _restart_in_utf8()
    sys.exit(run(sys.argv[1:]))


def is_typed_in_utf8(arguments: Sequence[str], encoding: str) -> bool:
    """Whether arguments that Python decoded by a locale of ``encoding`` (zh_CN.GB18030) are UTF-8 in truth: all their
    bytes are, and each character has three bytes or more, as Chinese ones have. Read as GB18030 they would be other
    Chinese characters, and be saved as such."""
    try:
        texts = [argument.encode(encoding, "surrogateescape").decode("utf-8") for argument in arguments]
    except UnicodeError:
        return False
    foreign = [character for text in texts for character in text if not character.isascii()]
    return bool(foreign) and min(foreign) >= "\u0800"


def _restart_in_utf8() -> None:
    """Run this command line once more, with its arguments, paths and children in UTF-8, which terminals send whatever
    the locale is called. The screens always run so; a terminal that is set to another encoding is told there."""
    os.environ["PYTHONUTF8"] = "1"
    os.execv(  # the option also counts where variables are ignored (python -I)
        sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]]
    )


def run(arguments: Sequence[str]) -> int:
    """Run one command line; gives the exit code. Never raises for what a person typed or for what is in the store."""
    preview = preview_arguments(arguments)
    try:
        _take_handed_key(preview.home)
        _make_streams_lenient()
        translate.set_language(preview.language)
        code = _dispatch(arguments, preview)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        return _handle_broken_pipe()
    except Exception as error:
        return _report_error(error, preview)
    except KeyboardInterrupt as error:
        return _report_error(error, preview)


def _take_handed_key(home: str | None) -> None:
    """Take the key that the screens have handed over, before anything reads standard input."""
    if "GUANJIA_UNLOCK_FD" in os.environ:
        from store.home.paths import resolve_home
        from store.home.pin_lock import UNLOCKED

        UNLOCKED.take_handed(resolve_home(home))


def _dispatch(arguments: Sequence[str], preview: ArgumentPreview) -> int:
    if "_GUANJIA_COMPLETE" not in os.environ:
        code = _dispatch_fast_path(arguments, preview)
        if code is not None:
            return code
    from tui.cli import root

    return root.run_command_line(arguments, as_json=preview.as_json)


def _dispatch_fast_path(arguments: Sequence[str], preview: ArgumentPreview) -> int | None:
    """Run the two commands whose start people wait for, ``find`` and the screens, without click. Gives None for every
    other command line."""
    code: int | None = None
    if preview.command == "find":
        from tui.cli.commands import find_fast

        code = find_fast.find(arguments)
    elif preview.only_shared:
        gc.disable()  # until the first paint: collecting among what is being loaded takes 20 ms
        try:
            from tui.cli import open_app

            code = open_app.open_screens(preview.home)
        finally:
            gc.enable()
    return code


def _report_error(error: BaseException, preview: ArgumentPreview) -> int:
    from tui.cli import errors

    if isinstance(error, OSError) and error.filename is None:
        _drop_output()  # the disk behind ``> file`` may be full: what is left in the buffer cannot be written
    told = errors.to_user_error(error, preview.log)
    try:
        return errors.print_error(told, json_form=preview.as_json)
    except BrokenPipeError:
        return _handle_broken_pipe()
    except (OSError, ValueError):  # stderr is closed or full as well: only the exit code is left to say it
        return errors.exit_code(told)


def _make_streams_lenient() -> None:
    """Let stdout and stderr escape characters that they cannot encode. ASCII, which is what Python takes the C locale
    for, becomes UTF-8, for input too. A stream that the caller closed becomes the null device."""
    sys.stdout = sys.stdout or os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8")
    sys.stderr = sys.stderr or os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8")
    for stream, errors in ((sys.stdout, "backslashreplace"), (sys.stderr, "backslashreplace"), (sys.stdin, None)):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            is_ascii = str(getattr(stream, "encoding", "")).lower() in ("ascii", "us-ascii", "ansi_x3.4-1968")
            reconfigure(encoding="utf-8" if is_ascii else None, errors=errors)


def _handle_broken_pipe() -> int:
    """The reader of our output (``| head``) has closed it: not a failure."""
    _drop_output()
    return 0


def _drop_output() -> None:
    """Discard what is still buffered; Python would report an error at exit otherwise."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    main()
