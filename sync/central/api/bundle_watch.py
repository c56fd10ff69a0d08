"""A folder that a serving central watches: whatever message lies there gets its answer beside it."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Iterator
from pathlib import Path

from watchfiles import watch

from store.values.file_causes import file_cause
from sync.central.admin.bundle_folder import answer_folder
from sync.central.bundles import BundleResponder
from sync.central.exceptions import CentralNotReady, PlaceNotOpened
from sync.protocol.bundle.exceptions import BundleNotRead, BundleUnwritten

LOOK_MS = 60_000
"""The folder is looked at least this often, since watchers miss events, and some disks have none."""
_DEBOUNCE_MS = 250
_END_S = 5.0
_LOG = logging.getLogger("guanjia.central")
FileState = tuple[str, int, int]


@contextlib.contextmanager
def watching(responder: BundleResponder, folder: Path | None) -> Iterator[None]:
    """While the block runs, what lies in the folder is answered there; nothing without a folder. Raises
    `PlaceNotOpened` for one that is not there."""
    if folder is None:
        yield
        return
    if not folder.is_dir():
        raise PlaceNotOpened(place=folder, detail="it is not there")
    stop = threading.Event()
    thread = threading.Thread(target=Watcher(responder, folder, stop).run, name="bundles", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(_END_S)


class Watcher:
    """Answers what comes, and remembers what was refused, so that it is said once."""

    def __init__(self, responder: BundleResponder, folder: Path, stop: threading.Event) -> None:
        self._responder, self._folder, self._stop = responder, folder, stop
        self._refused: set[FileState] = set()

    def run(self) -> None:
        """Until it is stopped; a disk that is gone is waited for."""
        while not self._stop.is_set():
            try:
                self.answer()
                changes = watch(
                    self._folder, watch_filter=None, debounce=_DEBOUNCE_MS, rust_timeout=LOOK_MS,
                    yield_on_timeout=True, recursive=False, stop_event=self._stop,
                )  # fmt: skip
                for _ in changes:
                    self.answer()
            except OSError as error:
                _LOG.warning("the folder %s cannot be watched (%s)", self._folder, file_cause(error.errno))
            except Exception:
                _LOG.exception("answering the files in %s failed", self._folder)
            self._stop.wait(LOOK_MS / 1000)

    def answer(self) -> None:
        """Answer what is new in the folder."""
        done = answer_folder(self._responder, self._folder, lambda path: _state(path) in self._refused)
        for answer in done.answers:
            _LOG.info("answered %s: %d lines", answer.file.name, answer.lines)
        for path, error in done.refused:
            _LOG.warning("%s", error)
            if not isinstance(error, CentralNotReady | BundleUnwritten | BundleNotRead):  # these pass: a full disk
                self._refused.add(_state(path))


def _state(path: Path) -> FileState:
    """What tells a file from another one of its name; a file that is gone has none."""
    with contextlib.suppress(OSError):
        status = path.lstat()
        return path.name, status.st_size, status.st_mtime_ns
    return path.name, 0, 0
