"""Of what somebody is reminded: their own dates, and what others did for them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from store.commands import issues, reminders
from store.domain.reminders import Occasion
from store.queries.reminders import has_unsent_work, own_occasions, reminding_device
from tests.store.queries.sample import Sample, sample

OWNER = "丁水"


def of(district: Sample, name: str, *roles: dict[str, str]) -> list[tuple[str, str | None]]:
    """Of what the home of this person is reminded: rule and title."""
    (row,) = district.connection.execute("SELECT id FROM person WHERE name = ?", (name,)).fetchall()
    facts = {"person": row[0], "person_name": name, "roles": json.dumps(roles), "central": "https://central.example"}
    with district.ledger.database.write() as connection:
        connection.executemany("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", facts.items())
    return sorted((each.rule, each.title) for each in occasions(district))


def occasions(district: Sample) -> list[Occasion]:
    """Of what this home's person is reminded."""
    return own_occasions(district.connection, district.on, district.clock(), 30)


def unit(district: Sample, name: str) -> str:
    """The id of a unit."""
    return str(district.connection.execute("SELECT id FROM unit WHERE name = ?", (name,)).fetchone()[0])


def test_each_is_reminded_of_their_own(tmp_path: Path) -> None:
    """The owner of an issue, a department that is asked beside it, the butler of its project, who is mentioned; the
    bureau of nothing that is another's."""
    district = sample(tmp_path)
    asked: dict[str, Any] = {"department": "水务局", "owner": OWNER, "due": "+2", "with": "电力局"}
    issues.act(district.ledger, district.issue, "assign", **asked)
    issues.act(district.ledger, district.issue, "remind", text="请抓紧，@丙志远 一并知悉")
    title = "临时用水未接通"
    visit = ("visit", "供水改造工程")
    electric = {"role": "department", "department": unit(district, "电力局")}
    assert of(district, OWNER) == [("assigned", title), ("due", title), ("urged", title)]
    assert of(district, "乙卫东") == [("due", title), ("urged", title), visit]
    assert ("mentioned", title) in of(district, "丙志远")
    for name in ("己电", "戊局"):
        district.ledger.put("person", {"name": name})
    assert of(district, "己电", electric) == [("asked", title), ("due", title), ("urged", title)]
    assert of(district, "戊局", {"role": "bureau"}) == []


def test_what_is_done_or_ones_own_is_not_told(tmp_path: Path) -> None:
    """An act of one's own tells oneself nothing; what is settled is due no more; what is sent back is told to its
    owner."""
    district = sample(tmp_path)
    issues.act(district.ledger, district.issue, "assign", department="水务局", owner=OWNER, due="+2")
    issues.act(district.ledger, district.issue, "accept")
    issues.act(district.ledger, district.issue, "settle", measure="已接通", evidence="照片")
    assert [rule for rule, _title in of(district, OWNER)] == ["assigned"]
    with district.ledger.database.write() as connection:
        connection.execute("UPDATE meta SET value = ? WHERE key = 'person'", ("00000000-0000-4000-8000-000000000001",))
    issues.act(district.ledger, district.issue, "return", reason="缺照片")
    assert sorted(rule for rule, _title in of(district, OWNER)) == ["assigned", "due", "returned"]


def test_the_limit_of_an_act_that_ends_within_a_day_is_told(tmp_path: Path) -> None:
    """Of an act on an issue that is one's own, until it is done."""
    district = sample(tmp_path)
    rule = {"days": 4, "counting": "hours", "start": "called", "pauses": "none", "valid_from": "2020-01-01"}
    district.ledger.put("time_rule", {**rule, "act": "accept"})
    issues.act(district.ledger, district.issue, "assign", department="水务局", owner=OWNER, due="+9")
    assert "limit" in [rule for rule, _title in of(district, OWNER)]
    issues.act(district.ledger, district.issue, "accept")
    assert "limit" not in [rule for rule, _title in of(district, OWNER)]


def test_who_worked_last_says_which_device_reminds(tmp_path: Path) -> None:
    """One line of the person, which the device that wrote it last is named by; it counts as nobody's work."""
    district = sample(tmp_path)
    assert reminding_device(district.connection) is None
    with district.ledger.database.write() as connection:
        connection.execute("DELETE FROM outbox")
    first = reminders.remind_here(district.ledger, district.clock())
    device = district.connection.execute("SELECT value FROM meta WHERE key = 'device'").fetchone()[0]
    said = reminding_device(district.connection)
    assert said is not None and said.device == device and not has_unsent_work(district.connection)
    district.clock.now += 60_000
    assert reminders.remind_here(district.ledger, district.clock()) == first
