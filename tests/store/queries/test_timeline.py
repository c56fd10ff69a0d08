"""A project's timeline: everything that happened there, as one story."""

from __future__ import annotations

import pytest

from store.commands import visits
from store.commands.dispatch import add_line
from store.domain.registers import REGISTERS
from store.queries.paging import index_listing, key_of_line, position_of
from store.queries.timeline import event_key, listing, timeline
from tests.store.queries.sample import Sample, statements

LINES = (
    ("procedure", {"code": "works_permit", "name": "建筑工程施工许可证", "status": "granted", "day": "2026-02-01"}),
    ("procedure", {"code": "own", "name": "尚未开始"}),
    ("meeting", {"title": "研究供电接入", "level": "2", "at": "2026-02-02 9:00"}),
    ("delivery", {"policy": "若干措施", "act": "transmit", "at": "2026-02-03 10:00"}),
    ("progress", {"month": "2026-02", "planned": "2亿", "done": "2300万", "physical": "主体封顶"}),
    ("statistics", {"entered": "2026-02-04"}),
    ("return", {"period": "2026-01", "due": "2026-02-08", "returned": "2026-02-05"}),
)


def fill(district: Sample) -> None:
    """A line of each register that belongs to the water project."""
    policy = {"title": "若干措施", "text": "对固定资产投资给予补助。"}
    add_line(district.ledger, REGISTERS["policy"], **policy)
    for book, given in LINES:
        add_line(district.ledger, REGISTERS[book], project=district.water, **given)


@pytest.mark.proves("R14", "R24")
@pytest.mark.parametrize("limit", [1, 100])
def test_the_timeline_tells_what_happened_newest_first(district: Sample, limit: int) -> None:
    """Visits and the steps of the project's issues make one story, in one statement."""
    district.clock.now += 60_000
    district.act(district.issue, "assign")
    with statements(district.connection) as seen:
        events = timeline(district.connection, district.water, limit)
    assert len(seen) == 1
    told = [event.what for event in events if event.what != "adjustment"]
    assert told == ["assigned", "recorded", "visit"][:limit]
    assert (events[0].id, events[0].title, events[0].author) == (district.issue, "临时用水未接通", "甲")


def test_every_register_of_the_project_has_its_part(district: Sample) -> None:
    """Meetings, procedures that have moved, deliveries, progress, statistics and changes to the list are in it, each
    with what tells it from others; nothing of another project is."""
    fill(district)
    visits.log(district.ledger, project=district.heat, text="别处")
    told = {event.what: (event.title, event.detail) for event in timeline(district.connection, district.water, -1)}
    assert told == {
        "visit": ("工地", "visit"),
        "recorded": ("临时用水未接通", None),
        "procedure": ("建筑工程施工许可证", "granted"),
        "meeting": ("研究供电接入", told["meeting"][1]),
        "policy_delivery": ("若干措施", "transmit"),
        "progress_report": ("主体封顶", "23000000"),
        "statistics_entry": ("", None),
        "data_return": ("2026-01", None),
        "adjustment": ("", "added"),
    }


def test_the_timeline_is_entered_anywhere(district: Sample) -> None:
    """A page from any position is that part of the whole, and every event finds its own place again."""
    fill(district)
    for minute in range(6):
        visits.log(district.ledger, project=district.water, at=f"今天 9:0{minute}", text="到现场")
    connection, chosen = district.connection, listing(district.water)
    whole = timeline(connection, district.water, -1)
    assert [event_key(event) for event in whole] == sorted((event_key(event) for event in whole), reverse=True)
    entered = index_listing(connection, chosen)
    assert entered.count == len(whole)
    for position in range(len(whole)):
        assert (
            timeline(connection, district.water, 3, index=entered, position=position) == whole[position : position + 3]
        )
        assert key_of_line(connection, listing(district.water), whole[position].line) == event_key(whole[position])
        assert position_of(connection, chosen, event_key(whole[position])) == position
    assert key_of_line(connection, listing(district.water), "gone") is None


def test_no_register_is_read_through_for_one_project(district: Sample) -> None:
    """Every part of the timeline is found by an index: nothing is read of other projects."""
    chosen = listing(district.water)
    plan = district.connection.execute(
        f"EXPLAIN QUERY PLAN SELECT e.line FROM {chosen.source} {chosen.order_by} LIMIT 9", chosen.values
    ).fetchall()
    scans = [row[3] for row in plan if row[3].startswith("SCAN") and "VIRTUAL" not in row[3] and row[3] != "SCAN e"]
    assert scans == []
