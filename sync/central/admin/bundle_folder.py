"""Files that were brought to a central: those that are named, or all in a folder that have no answer there yet."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from sync.central.admin.setup import open_database
from sync.central.bundles import AnsweredBundle, BundleResponder
from sync.central.clock import central_clock
from sync.central.db.settings import load_central_settings
from sync.central.exceptions import CentralNotReady
from sync.exceptions import SyncError
from sync.protocol.bundle.bundle_file import is_signed
from sync.protocol.bundle.copies import ANSWERS, QUESTIONS, heads_in
from sync.protocol.bundle.exceptions import BundleError
from sync.protocol.bundle.names import bundles_in


class AnsweredFiles(NamedTuple):
    """The answers that were written, and the files that were refused, with why."""

    answers: list[AnsweredBundle]
    refused: list[tuple[Path, SyncError]]


def answer_files(data_dir: Path, paths: Sequence[Path], out: Path | None) -> AnsweredFiles:
    """Answer files, and of folders those that have no answer there yet: into ``out``, else beside each. One that is
    refused holds up no other. Raises what `open_database` raises, and the error of a single file that is refused."""
    with open_responder(data_dir) as responder:
        done = AnsweredFiles([], [])
        for path in paths:
            folder = path.is_dir()
            for each in unanswered(responder, path) if folder else [path]:
                _answer(responder, each, out or each.parent, done)
        if len(paths) == 1 and not paths[0].is_dir() and done.refused:
            raise done.refused[0][1]
        return done


@contextlib.contextmanager
def open_responder(data_dir: Path) -> Iterator[BundleResponder]:
    """What answers bundles for the central in a folder. Raises what `open_database` raises."""
    settings = load_central_settings(data_dir)
    database = open_database(data_dir)
    try:
        responder = BundleResponder(database, *central_clock(), settings.limits)
        responder.objects = settings.object_store()
        yield responder
    finally:
        database.close()


def answer_folder(responder: BundleResponder, folder: Path, seen: Callable[[Path], bool]) -> AnsweredFiles:
    """Answer what lies in a folder and has no answer there yet, but for what was ``seen`` to be refused."""
    done = AnsweredFiles([], [])
    for path in unanswered(responder, folder):
        if not seen(path):
            _answer(responder, path, folder, done)
    return done


def unanswered(responder: BundleResponder, folder: Path) -> list[Path]:
    """The messages and joins in a folder whose answer by this central does not lie there, the oldest first. What is no
    whole head is among them, so that it is told."""
    heads = heads_in(folder)
    answers = {path: head for path, head in heads.items() if head.kind in ANSWERS and responder.has_written(head)}
    answered = {head.message for path, head in answers.items() if is_signed(path)}
    asked = [path for path, head in heads.items() if head.kind in QUESTIONS and head.message not in answered]
    return asked + [path for path in bundles_in(folder) if path not in heads and path.lstat().st_size]


def _answer(responder: BundleResponder, path: Path, out: Path, done: AnsweredFiles) -> None:
    try:
        done.answers.append(responder.answer(path, out))
    except (BundleError, CentralNotReady) as error:
        done.refused.append((path, error))
