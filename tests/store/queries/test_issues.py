"""The issue ledger and one issue with its steps."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store.domain.issue_lifecycle import STATES, IssueState, State
from store.domain.status_lights import compute_light, light_thresholds
from store.ledger.line import new_id
from store.queries.issues import ISSUE_SORTS, IssueFilter, issue, issue_key, issues, listing
from store.queries.light_sql import LIGHT_SQL, light_parameters
from store.queries.paging import count_listing, index_listing, key_of_line
from tests.store.queries.sample import TODAY, Sample, statements


def numbers(district: Sample, chosen: IssueFilter) -> list[str]:
    """The titles that a filter finds, newest first; the survey must count the same."""
    rows = issues(district.connection, district.on, chosen)
    assert index_listing(district.connection, listing(district.on, chosen)).count == len(rows)
    return [row.title for row in rows]


def test_a_row_says_who_must_do_what_by_when(district: Sample) -> None:
    """Department, owner and project are shown by name beside their ids; the light is the day's (R49)."""
    (row,) = issues(district.connection, district.on)
    assert (row.id, row.title, row.state, row.level, row.light) == (district.issue, "临时用水未接通", "open", 1, "blue")
    assert (row.department, row.owner, row.project) == ("水务局", "丁水", "供水改造工程")
    assert row.due is not None
    assert row.due > TODAY.isoformat()
    assert None not in (row.department_id, row.owner_id, row.project_id)


def test_filters_narrow_the_ledger(district: Sample) -> None:
    """Project, department, owner, state, light and text each pick the right issues, alone and together."""
    late = district.record(
        "用地未批", department="自然资源局", due=(TODAY - timedelta(days=9)).isoformat(), text="100% 占地"
    )
    closed = district.record("已撤销的")
    district.act(closed, "cancel", reason="重复")
    row = next(row for row in issues(district.connection, district.on) if row.id == late)
    assert numbers(district, IssueFilter()) == ["已撤销的", "用地未批", "临时用水未接通"]
    assert numbers(district, IssueFilter(project=district.heat)) == []
    assert numbers(district, IssueFilter(department=row.department_id)) == ["用地未批"]
    assert numbers(district, IssueFilter(owner=row.id)) == []
    assert numbers(district, IssueFilter(state="cancelled")) == ["已撤销的"]
    assert numbers(district, IssueFilter(light="red")) == ["用地未批"]
    assert numbers(district, IssueFilter(light="blue", unfinished=True)) == ["临时用水未接通"]
    assert numbers(district, IssueFilter(unfinished=True)) == ["用地未批", "临时用水未接通"]
    assert numbers(district, IssueFilter(text="用水")) == ["临时用水未接通"]
    assert numbers(district, IssueFilter(text="100%")) == ["用地未批"]
    assert numbers(district, IssueFilter(text="1__%")) == []
    assert numbers(district, IssueFilter(text=row.number, light="red", project=district.water)) == ["用地未批"]


def test_the_ledger_is_sorted_by_any_column(district: Sample) -> None:
    """By due date, department, owner …, what has none last; reversed the other way round; each with every filter."""
    days = [(TODAY + timedelta(days=days)).isoformat() for days in (30, 60)]
    district.record("丙", department="自然资源局", due=days[1])
    district.record("乙", department="发改局", due=days[0])
    district.record("甲")
    assert numbers(district, IssueFilter(order="due")) == ["临时用水未接通", "乙", "丙", "甲"]
    assert numbers(district, IssueFilter(order="due", reverse=True)) == ["丙", "乙", "临时用水未接通", "甲"]
    assert numbers(district, IssueFilter(order="department"))[-1] == "甲"
    assert numbers(district, IssueFilter(reverse=True)) == ["临时用水未接通", "丙", "乙", "甲"]
    for order in ISSUE_SORTS:
        chosen = IssueFilter(order=order, unfinished=True, light="blue")  # type: ignore[arg-type]
        assert numbers(district, chosen) == ["临时用水未接通"]


def test_the_ledger_is_narrowed_by_category_days_and_supervision(district: Sample) -> None:
    """What was raised between two days, what is of a category, what a supervision finding was noted of."""
    district.record("缺电", category="utilities")
    found = district.record("占地", category="land")
    district.act(found, "supervise", text="督查发现")
    assert numbers(district, IssueFilter(category="land")) == ["占地"]
    assert numbers(district, IssueFilter(supervised=True)) == ["占地"]
    assert numbers(district, IssueFilter(supervised=True, category="utilities")) == []
    today, before = TODAY.isoformat(), (TODAY - timedelta(days=1)).isoformat()
    assert len(numbers(district, IssueFilter(since=today, until=today))) == len(numbers(district, IssueFilter()))
    assert numbers(district, IssueFilter(until=before)) == []


def test_the_ledger_is_one_query_however_long(district: Sample) -> None:
    """Forty more issues take not one statement more, whole or by the page."""
    for n in range(40):
        district.record(f"问题{n}")
    entered = index_listing(district.connection, listing(district.on))
    with statements(district.connection) as seen:
        whole = issues(district.connection, district.on)
        page = issues(district.connection, district.on, limit=7, index=entered, position=30)
    assert (len(seen), len(whole)) == (2, 41)
    assert page == whole[30:37]


def test_one_issue_shows_its_steps_in_order(district: Sample) -> None:
    """Every act stands there with who, when and what it named; the issue takes three statements."""
    district.act(district.issue, "assign")
    district.act(district.issue, "accept", at="+1")
    district.act(district.issue, "settle", measure="接通", evidence="照片")
    with statements(district.connection) as seen:
        found = issue(district.connection, district.issue, district.on)
    assert found is not None
    assert len(seen) == 4
    assert [step.act for step in found.steps] == ["recorded", "assigned", "accepted", "settled"]
    assert (found.steps[1].department, found.steps[1].owner, found.steps[1].author) == ("水务局", "丁水", "甲")
    assert found.steps[3].measure == "接通"
    assert found.to_json()["state"] == "settled"
    assert found.to_json()["steps"][0]["act"] == "recorded"
    assert issue(district.connection, district.water, district.on) is None


def test_a_step_out_of_turn_is_marked(district: Sample) -> None:
    """An act that another laptop did meanwhile is shown, marked as out of turn."""
    late = {"issue_id": district.issue, "act": "accepted"}
    line = district.ledger.put("issue_step", late, project=district.water)
    found = issue(district.connection, district.issue, district.on)
    assert found is not None
    assert found.row.out_of_turn == (line.id,)
    assert [step.out_of_turn for step in found.steps] == [False, True]
    assert found.steps[1].at.startswith(TODAY.isoformat())


DAYS = st.sampled_from([None, *((TODAY + timedelta(days=n)).isoformat() for n in range(-2, 9))])
MOMENTS = st.one_of(st.none(), st.integers(-15, 1).map(lambda n: 1_790_000_000_000 + n * 86_400_000))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(STATES), DAYS, DAYS, MOMENTS), min_size=1, max_size=20))
def test_sql_lights_as_python_does(
    district: Sample, drawn: list[tuple[State, str | None, str | None, int | None]]
) -> None:
    """The list's light and the light of a single issue are one rule in two languages."""
    on = light_thresholds(TODAY)
    connection = district.connection
    connection.execute("CREATE TEMP TABLE IF NOT EXISTS lamp AS SELECT * FROM issue_state LIMIT 0")
    connection.execute("DELETE FROM lamp")
    for state, due, until, progress in drawn:
        values = (new_id(), state, due, until, progress)
        connection.execute(
            "INSERT INTO lamp (id, state, due, waiting_until, progress_at) VALUES (?, ?, ?, ?, ?)", values
        )
    lamps = [
        row[0] for row in connection.execute(f"SELECT {LIGHT_SQL} FROM lamp s ORDER BY rowid", light_parameters(on))
    ]
    states = [IssueState(s, due=due, waiting_until=until, progress_at=at) for s, due, until, at in drawn]
    assert lamps == [compute_light(on, state) for state in states]


@pytest.mark.parametrize("state", STATES)
def test_every_state_can_be_asked_for(district: Sample, state: State) -> None:
    """A filter by any state is answered, with what is in that state."""
    assert numbers(district, IssueFilter(state=state)) == (["临时用水未接通"] if state == "open" else [])


def test_the_reddest_light_comes_first(district: Sample) -> None:
    """By light, then by due date, what has none last; any page is that part of the whole, and its keys order it."""
    for n, days in enumerate((-9, 40, -1, 2, 1)):
        district.record(f"问题{n}", due=(TODAY + timedelta(days=days)).isoformat())
    district.record("没有期限的")
    district.act(district.record("已撤销的"), "cancel", reason="重复")
    by_light = IssueFilter(order="light")
    whole = issues(district.connection, district.on, by_light)
    shown = [row.light for row in whole]
    assert shown == sorted(shown, key=["red", "yellow", "blue", None].index)
    assert [row.title for row in whole][:2] == ["问题0", "问题2"]
    assert [row.title for row in whole][-2:] == ["没有期限的", "已撤销的"]
    keys = [issue_key(row, "light") for row in whole]
    assert keys == sorted(keys, reverse=True)
    chosen = listing(district.on, by_light)
    entered = count_listing(district.connection, chosen).with_anchor(3, keys[3])
    for position in range(len(whole)):
        page = issues(district.connection, district.on, by_light, limit=3, index=entered, position=position)
        assert page == whole[position : position + 3], position
        assert key_of_line(district.connection, chosen, whole[position].id) == keys[position]
