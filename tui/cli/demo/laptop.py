"""A laptop of the demo: a home like any other, driven by the functions that the commands use."""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from store.commands import issues, visits
from store.commands.projects import edit as edit_project
from store.home.paths import Home
from store.home.settings import load_settings, save_setting
from store.importing import import_table
from store.importing.import_report import ImportReport
from store.ledger.hlc import ms_from_hlc
from store.queries import issues as issue_reads
from store.queries import lines, projects
from store.queries.status import store_status
from store.values.times import district_time
from store.writer.sync_writes import SyncLedger
from sync.enrolment import join_central
from sync.round import sync_home
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
        with home_session(self.home.path) as desk:
            yield desk, SyncLedger(desk.database, wall_clock=desk.wall_clock_ms)

    @contextlib.contextmanager
    def ledger_at_clock(self, wall: Callable[[], int]) -> Iterator[SyncLedger]:
        """The laptop's ledger under a clock of one's own."""
        with home_session(self.home.path) as desk:
            yield SyncLedger(desk.database, wall_clock=wall)

    # What its officer does

    def init_home(self, facts: dict[str, str]) -> None:
        """Start the home, alone."""
        make_home(self.home, facts)

    def join(self, address: str, code: str) -> None:
        """Enrol at the central."""
        join_central(self.home, load_settings(self.home), address, code)

    def sync(self) -> dict[str, Any]:
        """One round. Raises what a round raises."""
        return sync_home(self.home, load_settings(self.home)).to_json()

    def import_sample(self, path: Path) -> ImportReport:
        """Read a responsibility table."""
        with self._ledger() as (_desk, ledger):
            return import_table(ledger, path)

    def log_visit(self, project: str, **values: Any) -> str:
        """Log a visit; gives its id."""
        with self._ledger() as (_desk, ledger):
            return visits.log(ledger, project=project, **values).id

    def record_issue(self, project: str, **values: str) -> str:
        """Record an issue; gives its id."""
        with self._ledger() as (_desk, ledger):
            return issues.record(ledger, project=project, **values).id

    def change_issue(self, issue: str, text: str, after: int = 0) -> None:
        """Write something else into the issue's text, once this laptop's clock is past the stamp ``after``: what rounds
        measure of two clocks differs by milliseconds, and people are slower than that."""
        with self._ledger() as (desk, ledger):
            self._wait_past_stamp(desk, ledger, after)
            issues.edit(ledger, issue, text=text)

    def change_note(self, project: str, note: str, after: int = 0) -> None:
        """Write something else into a project's note, as `change_issue` does into an issue's text."""
        with self._ledger() as (desk, ledger):
            self._wait_past_stamp(desk, ledger, after)
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
        with self._ledger() as (_desk, ledger):
            ledger.restore(line, version.stamp, version.device)

    # What its store says

    def status(self) -> dict[str, Any]:
        """How it stands."""
        with home_session(self.home.path) as desk, desk.database.read() as connection:
            return store_status(connection).to_json()

    def projects(self) -> list[projects.ProjectRow]:
        """The list of projects."""
        with home_session(self.home.path) as desk, desk.database.read() as connection:
            return projects.projects(connection, desk.light_thresholds(connection))

    def issue_text(self, issue: str) -> str | None:
        """What the issue's text is now."""
        with home_session(self.home.path) as desk, desk.database.read() as connection:
            found = issue_reads.issue(connection, issue, desk.light_thresholds(connection))
            return found.text if found else None

    def history(self, line: str) -> list[lines.Version]:
        """The line's versions."""
        with home_session(self.home.path) as desk, desk.database.read() as connection:
            return lines.version_history(connection, line)

    def dump(self) -> bytes:
        """Every line, as ``guanjia dump`` prints it."""
        with home_session(self.home.path) as desk, desk.database.read() as connection:
            return b"".join(line + b"\n" for line in lines.dump(connection))


def compare_dumps(first: bytes, other: bytes) -> dict[str, Any]:
    """Two dumps compared."""
    sums = [hashlib.sha256(dump).hexdigest() for dump in (first, other)]
    return {"equal": first == other, "lines": first.count(b"\n"), "bytes": len(first), "sha256": sums}
