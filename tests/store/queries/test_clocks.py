"""Clocks of issues in a store: what lists show is what the pure rule says, at every minute."""

from __future__ import annotations

from datetime import timedelta

from store.commands import register_lines
from store.domain.issue_lifecycle import IssueState
from store.domain.limits import read_limits
from store.domain.registers import TIME_RULE_REGISTER
from store.domain.status_lights import LIGHTS, LightThresholds, compute_light, light_thresholds
from store.queries.clocks import clocks_of_issues
from store.queries.issues import issues
from store.queries.projects import projects
from store.queries.today import today
from store.values.times import district_time
from store.writer.issue_repair import repair_issue_states
from tests.store.queries.sample import Sample

STATE = "state, due, waiting_until, progress_at, limit_at, progress_until"
RULE = {"pauses": "none", "valid_from": "2020-01-01", "start": "called"}


def timed(district: Sample) -> list[str]:
    """Issues under rules for every act, each at another point of its life."""
    for act, days, counting in (
        ("accept", 4, "hours"), ("contact", 2, "clock_hours"), ("progress", 1, "workdays"), ("opinion", 6, "hours"),
    ):  # fmt: skip
        register_lines.add(district.ledger, TIME_RULE_REGISTER, **RULE, act=act, days=str(days), counting=counting)
    register_lines.add(
        district.ledger, TIME_RULE_REGISTER, **{**RULE, "start": "recorded"}, days="20", counting="hours"
    )
    titles = ("新报", "已交办", "办理中", "等待中", "协办中", "已告知")
    found = [district.record(title) for title in titles]
    for line_id in found[1:]:
        more = {"with": "电力局"} if line_id == found[4] else {}
        district.act(line_id, "assign", department="水务局", owner="丁水", **more)
    for line_id in found[2:]:
        district.act(line_id, "accept")
    district.act(found[3], "wait", reason="等企业", until="+4")
    district.act(found[5], "tell", text="已告知企业")
    return found


def test_lists_show_the_light_that_the_rule_gives_at_every_moment(district: Sample) -> None:
    """In SQL and in Python the same, for each issue and the worst of the project, over two weeks in steps of hours; and
    what is stored is what would be computed anew."""
    found = timed(district)
    rows = district.connection.execute(f"SELECT id, {STATE} FROM issue_state").fetchall()
    states = {
        row[0]: IssueState(
            row[1], due=row[2], waiting_until=row[3], progress_at=row[4], limit_at=row[5], progress_until=row[6]
        )
        for row in rows
    }
    assert len({state.limit_at for state in states.values()}) > 2
    assert states[found[3]].limit_at is not None
    limits, now, seen = read_limits(district.connection), district_time(district.clock()), set[str | None]()
    for hours in range(0, 14 * 24, 5):
        on = light_thresholds(now + timedelta(hours=hours), limits)
        shown = {row.id: row.light for row in issues(district.connection, on)}
        assert shown == {line_id: compute_light(on, state) for line_id, state in states.items()}
        worst = min((light for light in shown.values() if light), key=LIGHTS.index, default=None)
        assert {row.light for row in projects(district.connection, on) if row.id == district.water} == {worst}
        seen |= {*shown.values()}
    assert {*LIGHTS} <= seen
    assert repair_issue_states(district.ledger.database, 0)[1] == []


def test_what_is_late_needs_whoever_it_is_up_to(district: Sample) -> None:
    """An act that is late within the day is among what needs a person, before what is due soon."""
    found = timed(district)
    late = light_thresholds(district_time(district.clock()) + timedelta(hours=3), read_limits(district.connection))

    def groups(on: LightThresholds) -> dict[str, int]:
        return {group.why: group.count for group in today(district.connection, on, ()).groups}

    assert "late" not in groups(district.on) or groups(district.on)["late"] < groups(late)["late"]
    assert groups(late)["late"] >= 1
    clocks = clocks_of_issues(district.connection, [*found, "0190d000-0000-7000-8000-0000000000ff"])
    assert clocks.keys() == {*found}
    assert {clock.act for clock in clocks[found[4]]} == {"accept", "contact", "opinion", "settle", "progress"}
