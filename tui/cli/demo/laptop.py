"""A laptop of the demo: an ordinary home, driven by the functions that the commands use."""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from store.commands import issues, stand_ins, visits
from store.commands.projects import edit as edit_project
from store.home.paths import Home
from store.home.settings import load_settings, save_setting
from store.importing import import_table
from store.importing.import_report import ImportReport
from store.ledger.hlc import ms_from_hlc
from store.queries import issues as issue_reads
from store.queries import lines, projects
from store.queries import stand_ins as stand_in_reads
from store.queries import visits as visit_reads
from store.queries.co_handling import CoHandling
from store.queries.stand_ins import StandInRow
from store.queries.status import StoreStatus, store_status
from store.values.times import district_time
from store.writer.sync_writes import SyncLedger
from sync.enrolment import join_central
from sync.round import sync_home
from sync.round_stats import RoundResult
from tui.cli.commands.init import make_home
from tui.cli.session import HomeSession, home_session
from tui.i18n.translate import current_language


class DemoLaptop:
    """One home of the demo; keys and tokens are in files, so that no keyring is needed."""

    def __init__(self, path: Path) -> None:
        self.home = Home(path)
        self.home.create()
        save_setting(self.home, "credentials", "file")
        save_setting(self.home, "language", current_language())

    @contextlib.contextmanager
    def _ledger(self) -> Iterator[tuple[HomeSession, SyncLedger]]:
        with home_session(self.home.path) as session:
            yield session, SyncLedger(session.database, wall_clock=session.wall_clock_ms)

    @contextlib.contextmanager
    def ledger_at_clock(self, wall: Callable[[], int]) -> Iterator[SyncLedger]:
        """The laptop's ledger with another wall clock."""
        with home_session(self.home.path) as session:
            yield SyncLedger(session.database, wall_clock=wall)

    # Writing and syncing

    def init_home(self, facts: dict[str, str]) -> None:
        """Create the home, without a central."""
        make_home(self.home, facts)

    def join(self, address: str, code: str) -> None:
        """Enrol at the central."""
        join_central(self.home, load_settings(self.home), address, code)

    def sync(self) -> RoundResult:
        """Run one round. Raises what a round raises."""
        return sync_home(self.home, load_settings(self.home))

    def import_sample(self, path: Path) -> ImportReport:
        """Read a responsibility table."""
        with self._ledger() as (_session, ledger):
            return import_table(ledger, path)

    def log_visit(self, project: str, *, who: str, **values: str) -> str:
        """Log a visit now; gives its id."""
        with self._ledger() as (_session, ledger):
            return visits.log(
                ledger, project=project, at=None, who=who, raised=(), moved=(), raising=(), moving=(), **values
            ).id

    def name_stand_in(self, person: str, until: str) -> None:
        """Let somebody stand in for the officer of this laptop until a day."""
        with self._ledger() as (_session, ledger):
            stand_ins.add(ledger, by=person, until=until)

    def log_visit_for(self, principal: str, project: str, text: str) -> None:
        """Log a visit in the place of somebody for whom the officer of this laptop stands in."""
        with self._ledger() as (_session, ledger), ledger.acting_for(stand_ins.principal_named(ledger, principal)):
            visits.log(ledger, project=project, how="visit", text=text)

    def record_issue(self, project: str, **values: str) -> str:
        """Record an issue; gives its id."""
        with self._ledger() as (_session, ledger):
            return issues.record(ledger, project=project, **values).id

    def change_issue(self, issue: str, text: str, after: int = 0) -> None:
        """Write something else into the issue's text, once this laptop's clock is past the stamp ``after``: what rounds
        measure of two clocks differs by milliseconds, and people are slower than that."""
        with self._ledger() as (session, ledger):
            self._wait_past_stamp(session, ledger, after)
            issues.edit(ledger, issue, text=text)

    def change_note(self, project: str, note: str, after: int = 0) -> None:
        """Write something else into a project's note, as `change_issue` does into an issue's text."""
        with self._ledger() as (session, ledger):
            self._wait_past_stamp(session, ledger, after)
            edit_project(ledger, project, note=note)

    @staticmethod
    def _wait_past_stamp(session: HomeSession, ledger: SyncLedger, after: int) -> None:
        while session.district_now(ledger.database.connection()) <= district_time(ms_from_hlc(after) + 1):
            time.sleep(0.005)

    def stamp_of(self, line: str) -> int:
        """The stamp of the line's current version."""
        return next(version.stamp for version in self.history(line) if version.current)

    def restore(self, line: str, version: lines.Version) -> None:
        """Bring a version back, as a new one."""
        with self._ledger() as (_session, ledger):
            ledger.restore(line, version.stamp, version.device)

    # Reading

    def status(self) -> StoreStatus:
        """The status of the store."""
        with home_session(self.home.path) as session, session.database.read() as connection:
            return store_status(connection)

    def projects(self) -> list[projects.ProjectRow]:
        """The list of projects."""
        with home_session(self.home.path) as session, session.database.read() as connection:
            return projects.projects(connection, session.light_thresholds(connection))

    def issue_text(self, issue: str) -> str | None:
        """What the issue's text is now."""
        with home_session(self.home.path) as session, session.database.read() as connection:
            found = issue_reads.issue(connection, issue, session.light_thresholds(connection))
            return found.text if found else None

    def co_handlers(self, title: str) -> tuple[CoHandling, ...]:
        """The departments beside the leading one of the issue with this title."""
        with home_session(self.home.path) as session, session.database.read() as connection:
            chosen = issue_reads.IssueFilter(text=title)
            return issue_reads.issues(connection, session.light_thresholds(connection), chosen)[0].co_handlers

    def written_in_place(self) -> list[str]:
        """Who has logged visits in another's place, for whom: both names."""
        with home_session(self.home.path) as session, session.database.read() as connection:
            return [row.author for row in visit_reads.visits(connection) if row.author and "（代" in row.author]

    def stand_ins(self) -> list[StandInRow]:
        """Who stands in for whom today or later."""
        with home_session(self.home.path) as session, session.database.read() as connection:
            return stand_in_reads.stand_ins(connection, session.light_thresholds(connection).today)

    def history(self, line: str) -> list[lines.Version]:
        """The line's versions."""
        with home_session(self.home.path) as session, session.database.read() as connection:
            return lines.version_history(connection, line)

    def dump(self) -> bytes:
        """Every line, as ``guanjia dump`` prints it."""
        with home_session(self.home.path) as session, session.database.read() as connection:
            return b"".join(line + b"\n" for line in lines.dump(connection))


class DumpComparison(NamedTuple):
    """Two dumps: whether they are equal, the size of the first, and the SHA-256 of both."""

    equal: bool
    lines: int
    size_bytes: int
    sha256: list[str]

    def to_json(self) -> dict[str, object]:
        """As ``guanjia demo --json`` prints it."""
        return {"equal": self.equal, "lines": self.lines, "bytes": self.size_bytes, "sha256": self.sha256}


def compare_dumps(first: bytes, second: bytes) -> DumpComparison:
    """Compare two dumps byte for byte."""
    checksums = [hashlib.sha256(dump).hexdigest() for dump in (first, second)]
    return DumpComparison(first == second, first.count(b"\n"), len(first), checksums)
