"""One opened home, as the screens see it: runs queries in snapshots, and holds what has state between them.

State: the database, the clock, today's thresholds, the lookup's session, the writer, the figures of periods. Queries
are functions of a connection: ``reader.run(queries.visits.visit, visit_id)``. Every method blocks and is called in a
thread (`tui.screens.base.DataWorkerMixin`); each thread has its own connection. This module is imported in a thread,
too, after the first paint. Next: ``tui/data/lists.py``, ``tui/data/writer.py``.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Concatenate, NamedTuple, ParamSpec, TypeVar

from store.db.connection import Connection
from store.db.database import Database
from store.db.device_facts import read_device_facts
from store.domain.holidays import use_holiday_years
from store.domain.limits import read_limits
from store.domain.status_lights import LightThresholds, light_thresholds
from store.domain.time_rules import HOUR_COUNTINGS, read_time_rules
from store.home.device_state import DeviceState
from store.home.paths import Home, is_daemon_running
from store.ledger.hlc import system_clock_ms
from store.queries import status
from store.values.times import district_time
from tui.data.list_query import ListQuery
from tui.data.paging import PagedSource, UnpagedSource
from tui.data.readers.device import read_sync_status
from tui.data.rows import ListRow
from tui.data.sync_status import SyncStatus

if TYPE_CHECKING:
    from store.home.sync_progress import RoundProgress
    from store.search.session import SearchSession
    from tui.data.summary_cache import SummaryCache
    from tui.data.writer import Writer

P = ParamSpec("P")
T = TypeVar("T")
R = TypeVar("R", bound=ListRow)
MIN_CHANGE_INTERVAL_S = 0.4
"""Changes are reported at most this often; the first one at once."""


class _Judged(NamedTuple):
    """The thresholds by which lights are judged: ``at`` which day or minute, of which state of the ledger, whether it
    is each minute (``by_the_hour``), and by how much this machine's clock is wrong."""

    at: str
    epoch: int
    by_the_hour: bool
    offset_ms: int
    thresholds: LightThresholds


class Reader:
    """One opened home. ``now_ms`` is this machine's clock in ms since 1970."""

    def __init__(self, database: Database, home: Path, *, now_ms: Callable[[], int] = system_clock_ms) -> None:
        self.database = database
        self.device_state = DeviceState(database)
        self.home = home
        self.now_ms = now_ms
        self._epoch = 0
        self._judged: _Judged | None = None
        self._writer: Writer | None = None
        self._writer_lock = threading.Lock()

    @cached_property
    def lookup(self) -> SearchSession:
        """The lookup, which cancels an earlier search when a later one begins."""
        from store.search.session import SearchSession  # noqa: PLC0415 - the first list does not wait for it

        return SearchSession(self.database.connection)

    @property
    def writer(self) -> Writer:
        """The write commands. The first caller waits until the models are loaded (half a second)."""
        with self._writer_lock:
            if self._writer is None:
                from tui.data.writer import Writer  # noqa: PLC0415 - loads the models

                self._writer = Writer(self.database, self.now_ms)
            return self._writer

    @cached_property
    def summary_cache(self) -> SummaryCache:
        """The figures of periods, counted once for each state of the ledger."""
        from tui.data.summary_cache import SummaryCache  # noqa: PLC0415 - only the summary waits for the reports

        return SummaryCache(self.database, self.thresholds, self.epoch)

    # ── reading ─────────────────────────────────────────────────────────────────────────────────────────────────

    def run(self, query: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run ``query`` on a connection of this thread, in one snapshot; returns what it returns."""
        with self.database.read() as connection:
            return query(connection, *args, **kwargs)

    def paged(self, query: ListQuery[R]) -> PagedSource[R]:
        """A long list as a source of windows, read as of today."""
        return PagedSource(self.database, query, self.thresholds, self.epoch)

    def unpaged(self, query: Callable[[Connection, LightThresholds], list[R]]) -> UnpagedSource[R]:
        """A short list, read whole, as of today."""
        return UnpagedSource(self.database, query, self.thresholds)

    # ── today ───────────────────────────────────────────────────────────────────────────────────────────────────

    def thresholds(self) -> LightThresholds:
        """The thresholds of the status lights now; computed once a day, where the district counts by the hour once a
        minute, and again when the ledger has changed."""
        known = self._judged
        if known is None or known.at != self._clock_of(known) or known.epoch != self._epoch:
            connection = self.database.connection()
            use_holiday_years(connection)
            by_the_hour = any(rule.counting in HOUR_COUNTINGS for rule in read_time_rules(connection))
            offset_ms = read_device_facts(connection).offset_ms
            thresholds = light_thresholds(district_time(self.now_ms() + offset_ms), read_limits(connection))
            known = _Judged("", self._epoch, by_the_hour, offset_ms, thresholds)
            self._judged = known = known._replace(at=self._clock_of(known))
        return known.thresholds

    def _clock_of(self, judged: _Judged) -> str:
        """The day, or where the district counts by the hour the minute, of which thresholds are kept."""
        now = district_time(self.now_ms() + judged.offset_ms).isoformat(timespec="minutes")
        return now if judged.by_the_hour else now[:10]

    def corrected_now_ms(self) -> int:
        """The district's time in ms: this machine's clock, corrected by what the last round measured."""
        return self.now_ms() + read_device_facts(self.database.connection()).offset_ms

    def note_export(self, what: str, file_kind: str, rows: int) -> bool:
        """Keep for the central's audit that a file leaves (`store.writer.export_records.record_export`)."""
        from store.writer.export_records import record_export  # noqa: PLC0415 - few write reports

        return record_export(self.database, self.now_ms, what, file_kind, rows)

    @property
    def export_folder(self) -> Path:
        """The folder that files go to which are named by the program: the setting, else the person's own."""
        from store.home.settings import load_settings  # noqa: PLC0415 - few write files

        chosen = load_settings(Home(self.home)).export_folder
        return Path(chosen).expanduser() if chosen else Path.home()

    @property
    def forms_folder(self) -> str | None:
        """The folder of own forms for reports, where the settings name one."""
        from store.home.settings import load_settings  # noqa: PLC0415 - few write files

        return load_settings(Home(self.home)).forms_folder

    def forget_connection(self) -> None:
        """Close this thread's connection after it failed; the next read opens the file anew."""
        with contextlib.suppress(Exception):  # what cannot even be closed is forgotten all the same
            self.database.close_own_connection()

    # ── changes ─────────────────────────────────────────────────────────────────────────────────────────────────

    def epoch(self) -> int:
        """A number that changes with the ledger: cached results of an earlier one are stale."""
        return self._epoch

    def invalidate(self) -> None:
        """The ledger has changed: cached results are stale."""
        self._epoch += 1

    def sync_status(self) -> SyncStatus:
        """Whose home this is, what is unsent, when it was last found equal with its central, and whether a daemon
        runs."""
        return replace(self.run(read_sync_status), daemon=is_daemon_running(Home(self.home)))

    def changes(
        self, stop_event: threading.Event, delay_s: float = 0
    ) -> Iterator[tuple[SyncStatus | None, RoundProgress | None]]:
        """Yields until ``stop_event`` is set: the sync status after each commit of any process (None where nothing was
        committed), and the progress of a running round. The watcher is loaded after ``delay_s`` seconds; commits made
        meanwhile count."""
        seen = status.change_token(self.database.connection())
        stop_event.wait(delay_s)
        from tui.data.change_watcher import watch_home  # noqa: PLC0415 - the watcher costs 60 ms and is needed only now

        for change in watch_home(self.database, self.home, stop_event, seen):
            if change.committed:
                self.invalidate()
            yield self.sync_status() if change.committed else None, change.round
            if change.committed:  # a round commits many times a second; the screen need not follow each
                stop_event.wait(MIN_CHANGE_INTERVAL_S)
