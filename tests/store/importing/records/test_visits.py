"""Logs of visits taken in."""

from __future__ import annotations

from pathlib import Path

from store.commands import visits
from tests.store.devices import device, dump
from tests.store.importing.records.samples import codes, take, verdicts, with_projects

HEAD = ["日期", "项目名称", "走访方式", "走访人员", "走访地点", "走访情况"]
VISIT = ["2026-03-05 9:30", "续1", "实地走访", "甲建国、乙卫东等5人", "会议室", "了解用电情况"]


def test_visits_are_taken_in_once_and_corrected(tmp_path: Path) -> None:
    """Time, way, people and text as the log says; the same log again changes nothing, and a corrected text changes the
    visit instead of making another."""
    ledger = with_projects(device(tmp_path, "a"))
    second = ["2026-03-05 9:30", "续1", "电话", "", "", "又谈用地"]
    assert verdicts(take(ledger, tmp_path, "visits", HEAD, VISIT, second)) == {"new": 2}
    row = ledger.database.connection().execute("SELECT at, how, participants, participants_note FROM visit").fetchone()
    assert row == ("2026-03-05T09:30+08:00", "visit", '["甲建国","乙卫东"]', "等5人")
    before = dump(ledger)
    assert verdicts(take(ledger, tmp_path, "visits", HEAD, VISIT, second)) == {"same": 2}
    assert dump(ledger) == before
    assert verdicts(take(ledger, tmp_path, "visits", HEAD, [*VISIT[:5], "了解用电用水"], second)) == {
        "changes": 1,
        "same": 1,
    }


def test_visits_of_one_minute_are_told_apart_by_their_texts(tmp_path: Path) -> None:
    """A list in another order swaps nothing, and a corrected text enters the visit whose own no row has any more."""
    ledger = with_projects(device(tmp_path, "a"))
    for second, text in ((15, "看了现场"), (40, "又谈用地")):
        visits.log(ledger, project="续1", at=f"2026-03-05 09:30:{second}", how="visit", place="现场", text=text)
    first, second_row = (["2026-03-05 9:30", "续1", "走访", "", "现场", text] for text in ("看了现场", "又谈用地"))
    before = dump(ledger)
    assert verdicts(take(ledger, tmp_path, "visits", HEAD, second_row, first)) == {"same": 2}
    assert dump(ledger) == before
    take(ledger, tmp_path, "visits", HEAD, [*second_row[:5], "又谈用地用电"], first)
    rows = ledger.database.connection().execute("SELECT at, text FROM visit ORDER BY at").fetchall()
    assert rows == [("2026-03-05T09:30:15+08:00", "看了现场"), ("2026-03-05T09:30:40+08:00", "又谈用地用电")]


def test_a_visit_without_a_sure_time_is_refused(tmp_path: Path) -> None:
    """No time, a time to come, what is no time, and a visit that says nothing."""
    ledger = with_projects(device(tmp_path, "a"))
    report = take(
        ledger, tmp_path, "visits", HEAD,
        ["", *VISIT[1:]], ["2126-03-05", *VISIT[1:]], ["改天", *VISIT[1:]], ["2026-03-05", "续1", "电话", "", "", ""],
    )  # fmt: skip
    assert codes(report) == ["no_time", "bad_time", "bad_time", "empty_record"]
    assert report.written
    assert len(report.refused) == 4
