"""What the daemon does beside its rounds, in a thread: every minute, and at once when it is woken.

A round that brought lines wakes it, and so does a line that somebody wrote here. Errands are made by the command line,
which has the texts; what they tell is logged.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping

from store.exceptions import GuanjiaError
from store.home.error_log import UNEXPECTED, log_traceback
from store.home.paths import Home
from sync.daemon.json_log import log_event

ERRAND_S = 60.0
"""Errands are run at least this often."""
Errand = Callable[[], Iterable[Mapping[str, object]]]
"""Gives the facts of each thing done, for the log (with ``code`` where it failed)."""


class Errands:
    """The errands of a home, by the name of their event in the log. ``worked`` is set when somebody wrote lines
    here."""

    def __init__(self, home: Home, every_s: float = ERRAND_S) -> None:
        self._home, self._every_s = home, every_s
        self._errands: dict[str, Errand] = {}
        self._woken = threading.Event()
        self.worked = threading.Event()

    def add(self, event: str, errand: Errand) -> None:
        """One more errand."""
        self._errands[event] = errand

    def wake(self, *, worked: bool = False) -> None:
        """Run them soon, rather than at the next minute."""
        if worked:
            self.worked.set()
        self._woken.set()

    def start(self) -> None:
        """Run them in a thread for as long as the process lives."""
        threading.Thread(target=self._run_for_ever, name="errands", daemon=True).start()

    def _run_for_ever(self) -> None:
        while True:
            self._woken.clear()
            self.run()
            self._woken.wait(self._every_s)

    def run(self) -> None:
        """Run each once and log what it tells; what fails is logged, with its traceback where nobody foresaw it."""
        for event, errand in self._errands.items():
            try:
                for facts in errand():
                    log_event(event, logging.WARNING if "code" in facts else logging.INFO, **facts)
            except GuanjiaError as error:
                log_event(event, logging.WARNING, code=error.code, what=str(error))
            except Exception as error:
                log_event(event, logging.ERROR, code=UNEXPECTED, log=log_traceback(error, self._home.log))
