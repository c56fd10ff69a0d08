"""The calendar: what calendars take in again and again without doubling it."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

from icalendar import Calendar, Event

from store.commands import register_lines
from store.domain.registers import PROCEDURE_REGISTER
from store.queries.papers import ComingDate, coming_dates, past_dates
from store.values.times import district_time
from tests.store.queries.sample import TODAY, Sample
from tests.tui.reports.conftest import District
from tui.reports.calendar_file import write_calendar


class Entry(NamedTuple):
    """What an entry of a calendar says."""

    start: date
    sequence: int
    status: str
    summary: str
    place: str


def entry_of(event: Event) -> Entry:
    """The entry as a calendar reads it."""
    texts = (str(event.get(name, "")) for name in ("status", "summary", "location"))
    return Entry(event.start, int(str(event.get("sequence"))), *texts)


def events(made: Sample, folder: Path) -> dict[str, Entry]:
    """The entries of the calendar as it is now, by UID."""
    path, now = folder / "dates.ics", district_time(made.clock())
    since, until = (TODAY - timedelta(days=60)).isoformat(), (TODAY + timedelta(days=400)).isoformat()
    coming, past = coming_dates(made.connection, since, until, 30), past_dates(made.connection, since)
    noted: list[object] = []
    written = write_calendar(
        coming, past, path, now, district="210903", overwrite=True, note=lambda *told: noted.append(told)
    )
    found = [event for event in Calendar.from_ical(path.read_bytes()).walk("VEVENT") if isinstance(event, Event)]
    assert noted == [("calendar", "ics", written)]
    by_uid = {str(event.get("uid")): entry_of(event) for event in found}
    assert len(by_uid) == len(found) == written
    return by_uid


def test_a_second_import_moves_what_moved_and_cancels_what_is_done(worked: District, tmp_path: Path) -> None:
    """The due date of an issue keeps its UID when it is extended, with a higher SEQUENCE; a settled issue's entry is
    cancelled, no other."""
    made = worked.sample
    uid = f"{made.issue}-due@210903.guanjia"
    first = events(made, tmp_path)
    assert first[uid].start == TODAY + timedelta(days=2)
    assert "临时用水未接通" in first[uid].summary and first[uid].status == "CONFIRMED"
    assert first[f"{worked.closed}-due@210903.guanjia"].status == "CANCELLED"
    for verb, given in (("assign", {}), ("accept", {}), ("extend", {"due": "+9", "reason": "等批复"})):
        made.clock.now += 60_000
        made.act(made.issue, verb, **given)
    moved = events(made, tmp_path)
    assert moved.keys() == first.keys()
    assert moved[uid].start > first[uid].start
    assert moved[uid].sequence > first[uid].sequence
    made.clock.now += 60_000
    made.act(made.issue, "settle", measure="接通", evidence="照片")
    done = events(made, tmp_path)[uid]
    assert (done.status, done.sequence > moved[uid].sequence) == ("CANCELLED", True)


def test_what_was_deleted_is_cancelled(worked: District, tmp_path: Path) -> None:
    """A deleted issue's due date, a promise that was kept, whether the procedure still names its day or not, and a
    deleted one: each is cancelled with a higher SEQUENCE."""
    made, codes = worked.sample, ("X1", "X2", "X3")
    promised = [
        register_lines.add(
            made.ledger, PROCEDURE_REGISTER, project=made.water, code=code, name="施工许可", status="conditional",
            promise_due="+30",
        ).id
        for code in codes
    ]  # fmt: skip
    uids = [f"{made.issue}-due@210903.guanjia", *(f"{line}-promise@210903.guanjia" for line in promised)]
    before = events(made, tmp_path)
    assert {before[uid].status for uid in uids} == {"CONFIRMED"}
    made.clock.now += 60_000
    made.ledger.delete("issue", made.issue)
    register_lines.edit(made.ledger, PROCEDURE_REGISTER, promised[0], status="granted")
    register_lines.edit(made.ledger, PROCEDURE_REGISTER, promised[1], status="granted", promise_due="")
    made.ledger.delete("procedure", promised[2])
    after = events(made, tmp_path)
    assert {after[uid].status for uid in uids} == {"CANCELLED"}
    assert all(after[uid].sequence > before[uid].sequence for uid in uids)


def test_meetings_and_visits_due_are_in_the_calendar(worked: District, tmp_path: Path) -> None:
    """A meeting at its time and place, once for all its projects, cancelled once it is deleted; a project's visit on
    the day from which it would count as silent."""
    found = events(worked.sample, tmp_path)
    (meeting,) = [event for uid, event in found.items() if "-meeting@" in uid]
    assert meeting.place == "三楼会议室"
    assert meeting.start.isoformat() == f"{TODAY.isoformat()}T01:00:00+00:00"
    session = worked.connection.execute("SELECT id FROM meeting").fetchone()[0]
    made = worked.sample
    made.clock.now += 60_000
    made.ledger.delete("meeting", session)
    assert events(made, tmp_path)[f"{session}-meeting@210903.guanjia"].status == "CANCELLED"
    visit = found[f"{worked.sample.water}-visit@210903.guanjia"]
    assert visit.start == TODAY + timedelta(days=29)


def test_a_day_that_is_none_costs_no_other_entry(tmp_path: Path) -> None:
    """Another program's line says no day, or the last of time: the calendar has the others."""
    days = ("2026-03-05", "soon", "9999-12-31", "9999-12-31T23:59:59-08:00")
    dates = [ComingDate(str(n), "due", day, None, None, "甲", None, None, 0) for n, day in enumerate(days)]
    path, now = tmp_path / "dates.ics", district_time(0)
    assert write_calendar(dates, dates, path, now, district="210903", note=lambda *_told: None) == 2
