"""A district for reports: what the queries' sample has, and an issue that was settled, approved and numbered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from store.commands import issues, meetings
from store.db.connection import Connection
from store.domain.status_lights import LightThresholds
from store.writer.local_writes import Draft
from tests.store.devices import MergeOnlyCentral, device, sync
from tests.store.queries.sample import Sample, sample
from tui.i18n import translate


@pytest.fixture(autouse=True)
def source_texts(chinese: None) -> None:
    """Reports show the texts of the source: the assertions do not depend on a catalog."""
    translate.show_source_texts()


class District(NamedTuple):
    """The sample, and the issue that is closed."""

    sample: Sample
    closed: str

    @property
    def connection(self) -> Connection:
        """A connection to read by."""
        return self.sample.connection

    @property
    def on(self) -> LightThresholds:
        """The day's thresholds."""
        return self.sample.on

    def number(self, issue: str) -> str:
        """An issue's number."""
        return str(self.connection.execute("SELECT number FROM issue WHERE id = ?", (issue,)).fetchone()[0])


@pytest.fixture
def worked(tmp_path: Path) -> Iterator[District]:
    """The sample after a meeting, with one issue closed by the bureau under number 2026-0001."""
    made = sample(tmp_path)
    closed = made.record("进场道路狭窄", department="住建局", owner="戊路", due="+5", category="land")
    for verb, given in (
        ("assign", {}),
        ("accept", {}),
        ("settle", {"measure": "拓宽至六米", "evidence": "照片三张"}),
    ):
        made.clock.now += 1000
        made.act(closed, verb, **given)
    meetings.record_meeting(
        made.ledger,
        project=made.water,
        issues=closed,
        level="2",
        text="进场道路专题会议",
        place="三楼会议室",
        at="今天 09:00",
    )
    _approve(made, tmp_path, closed)
    yield District(made, closed)
    made.ledger.database.close()


def _approve(made: Sample, folder: Path, closed: str) -> None:
    """Nobody approves their own: the bureau does it on a device of its own; the number comes from the central."""
    central, office = MergeOnlyCentral(), device(folder, "office", clock=made.clock, person="营商局")
    sync(made.ledger, central)
    sync(office, central)
    made.clock.now += 1000
    issues.act(office, closed, "approve")
    step = office.database.connection().execute("SELECT id FROM issue_step WHERE act = 'approved'").fetchone()[0]
    number = {"issue_id": closed, "approval_id": step, "number": "2026-0001", "year": 2026, "serial": 1}
    office.put_many([Draft("close_out", number, made.water)])
    sync(office, central)
    sync(made.ledger, central)
    office.database.close()
