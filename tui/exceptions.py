"""Unexpected errors of the user interface; the home's log (``store/home/error_log.py``) keeps their tracebacks.

The screens and the command line both use this: `to_guanjia_error` is the one place that makes sentences of errors of
the system, of SQLite and of this program. How one is printed on a terminal is in ``tui/cli/errors.py``.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from store.exceptions import GuanjiaError
from store.home.error_log import LOG_FILE, UNEXPECTED, append_entry, log_traceback
from store.values.file_causes import FULL, READ_ONLY, file_cause


class UnexpectedError(GuanjiaError):
    """A mistake in this program. Nothing that was saved is lost; the screens go on, and what was typed stays."""

    code = UNEXPECTED
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
    remedy = "Free some space on that disk, or write to another one; then run the command again."


class FileDiskFull(FileAccessError):
    """There is no room for the file, or its disk cannot be written."""

    remedy = "Free some space on that disk, or name a file on another one; then try again."


class CurrentFolderGone(FileAccessError):
    """The folder in which the command was typed has been removed; the system does not say more (``getcwd``)."""

    what = "The current folder is no longer there."
    remedy = "Go to another folder (cd), or give whole paths, and run the command again."


class UnknownFileType(GuanjiaError):
    """No viewer is asked to open an attached file of a type that this version does not know."""

    code = "file_type_unknown"
    what = "“{name}” is of no known type, so no viewer is asked to open it."
    data = "Nothing in the ledger was changed."
    remedy = "“guanjia attachment save {id} --out FILE” writes it where you want it."


class NoViewer(GuanjiaError):
    """The system has no program to open files with, as on a bare console."""

    code = "no_viewer"
    what = "No viewer is here that could open “{name}”."
    data = "Nothing in the ledger was changed, and no decrypted copy is left."
    remedy = "“guanjia attachment save {id} --out FILE” writes it where you want it."


class NobodyWaits(GuanjiaError):
    """A file is opened from no terminal, where nobody could say that it has been seen."""

    code = "no_terminal"
    what = "There is no terminal here, so nobody can say when the decrypted copy may go."
    data = "Nothing in the ledger was changed, and no decrypted copy was made."
    remedy = "Run the command on a terminal, or write the file with “guanjia attachment save {id} --out FILE”."


class LedgerAccessError(GuanjiaError):
    """An error of SQLite that no error of the store stands for, such as a read-only or failing disk."""

    code = "ledger_trouble"
    what = "The ledger cannot be read or written now: {detail}."
    data = "Everything saved before is safe: a change is written whole or not at all."
    remedy = "Check that the disk can be written, then run “guanjia doctor”."


_OUTPUT_FAILED = (errno.ENOSPC, errno.EIO, errno.EFBIG, errno.EDQUOT, errno.EROFS)
"""The error numbers of a full or failing disk behind ``> file``, whose errors name no file."""


def to_guanjia_error(error: BaseException, home: Path) -> GuanjiaError:
    """``error`` as an error for people. The log of ``home`` gets one line for a known error, the traceback for others;
    where it cannot be written a temporary file does."""
    told = foreseen_error(error)
    if told is None or isinstance(told, LedgerAccessError):
        log = log_traceback(error, home / LOG_FILE)
        return told or UnexpectedError(detail=type(error).__name__, log=log)
    append_entry(home / LOG_FILE, f"{told.code}: {told}\n")
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
        cause = file_cause(error.errno)
        refused = FileDiskFull if cause in (FULL, READ_ONLY) else FileAccessError
        named = error.filename2 or error.filename  # of a move its target, which a person knows
        return refused(file=os.fsdecode(named), detail=cause)
    if type(error).__module__.startswith("sqlcipher3"):
        return LedgerAccessError(detail=error)
    return None
