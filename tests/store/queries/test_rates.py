"""The three rates: counted as they say, and ranked fairly."""

from __future__ import annotations

from datetime import timedelta

from store.commands import issues, projects, register_lines
from store.domain.registers import FOLLOW_UP_REGISTER
from store.queries.rates import RateShare, rates
from tests.store.queries.sample import TODAY, Sample

SINCE, UNTIL = (TODAY - timedelta(days=20)).isoformat(), (TODAY + timedelta(days=10)).isoformat()


def by_unit(
    district: Sample, until: str = UNTIL, response: int = 3
) -> dict[str, tuple[RateShare, RateShare, RateShare]]:
    """The three shares of each unit."""
    found = rates(district.connection, district.on, "unit", SINCE, until, response)
    return {one.name: (one.response, one.solved, one.satisfied) for one in found}


def assigned(district: Sample, title: str, department: str, *, due: str) -> str:
    """An issue that was assigned to a department."""
    made = district.record(title, department=department, owner="庚", due=due)
    district.clock.now += 1000
    district.act(made, "assign")
    district.clock.now += 1000
    return made


def test_an_issue_that_was_not_taken_up_in_time_counts_against_its_unit(district: Sample) -> None:
    """Not before its time is over; taken up late counts as not answered."""
    assigned(district, "路", "住建局", due="+9")
    assert "住建局" not in by_unit(district)
    quick = assigned(district, "灯", "住建局", due="+9")
    district.act(quick, "accept")
    assert by_unit(district)["住建局"][0] == RateShare(1, 1)
    district.clock.now += 10 * 86_400_000
    assert by_unit(district)["住建局"][0] == RateShare(1, 2)
    late = district.connection.execute("SELECT id FROM issue WHERE title = '路'").fetchone()[0]
    district.act(late, "accept")
    assert by_unit(district)["住建局"][0] == RateShare(1, 2)
    assert by_unit(district, response=30)["住建局"][0] == RateShare(2, 2)


def test_a_transferred_issue_counts_from_the_day_it_came(district: Sample) -> None:
    """The unit that leads it now is neither charged with the days that another had it, nor credited with its acts."""
    moved = assigned(district, "路", "住建局", due="+30")
    district.act(moved, "dispute", reason="不归本局")
    district.clock.now += 10 * 86_400_000
    district.act(moved, "assign", department="水务局", owner="庚")
    assert "住建局" not in by_unit(district)
    assert by_unit(district).get("水务局", (RateShare(),))[0] == RateShare()
    district.clock.now += 1000
    district.act(moved, "accept")
    assert by_unit(district)["水务局"][0] == RateShare(1, 1)


def test_what_was_due_and_is_not_closed_is_not_solved(district: Sample) -> None:
    """A due date after the period is not counted; a cancelled issue never is."""
    assigned(district, "路", "住建局", due="+2")
    assigned(district, "灯", "住建局", due="2099-01-01")
    gone = district.record("误记", department="住建局", due="+1")
    district.act(gone, "cancel", reason="误记")
    district.clock.now += 10 * 86_400_000
    assert by_unit(district)["住建局"][1] == RateShare(0, 1)


def test_the_enterprise_is_counted_as_it_said_last(district: Sample) -> None:
    """Of two answers on one issue the later counts; basically satisfied is satisfied."""
    for when, level in (("昨天 10:00", "satisfied"), ("今天 08:00", "dissatisfied")):
        register_lines.add(
            district.ledger, FOLLOW_UP_REGISTER, issue=district.issue, at=when, how="phone", satisfaction=level
        )
    assert by_unit(district)["水务局"][2] == RateShare(0, 1)
    register_lines.add(
        district.ledger,
        FOLLOW_UP_REGISTER,
        issue=district.issue,
        at="今天 09:00",
        how="phone",
        satisfaction="basically",
    )
    assert by_unit(district)["水务局"][2] == RateShare(1, 1)


def test_equal_rates_share_a_rank(district: Sample) -> None:
    """The next rank is left out, as in any table of results."""
    for unit in ("住建局", "供电公司"):
        district.act(assigned(district, f"{unit}的事", unit, due="2099-01-01"), "accept")
    assigned(district, "没人管", "林草局", due="2099-01-01")
    district.clock.now += 10 * 86_400_000
    ranked = rates(district.connection, district.on, "unit", SINCE, UNTIL, 3)
    places = {one.name: one.place for one in ranked}
    assert (places["住建局"], places["供电公司"], places["林草局"]) == (places["供电公司"], places["住建局"], 4)


def test_butlers_of_one_name_are_rated_apart(district: Sample) -> None:
    """Also where nothing is known that tells the two apart on paper."""
    namesakes = [district.ledger.put("person", {"name": "辛平"}).id for _butler in range(2)]
    for person, title, due in zip(namesakes, ("路", "灯"), ("+2", "+3"), strict=True):
        project = projects.add(district.ledger, name=f"{title}改造", category="new", number=title).id
        district.ledger.put("assignment", {"role": "butler", "person_id": person}, project=project)
        issues.record(district.ledger, project=project, title=title, department="住建局", due=due)
    district.clock.now += 10 * 86_400_000
    ranked = rates(district.connection, district.on, "butler", SINCE, UNTIL, 3)
    assert [(one.name, one.solved) for one in ranked if one.name == "辛平"] == 2 * [("辛平", RateShare(0, 1))]


def test_of_two_butlers_the_first_is_rated(district: Sample) -> None:
    """As the list of projects shows them: in the order in which they were entered, whatever their ids."""
    for name, id in (
        ("辛平", "019effff-0000-7000-8000-000000000000"),
        ("壬安", "019e0000-0000-7000-8000-000000000000"),
    ):
        person = district.ledger.put("person", {"name": name}).id
        district.ledger.put("assignment", {"role": "butler", "person_id": person}, project=district.heat, id=id)
    issues.record(district.ledger, project=district.heat, title="管网", department="住建局", due="+2")
    district.clock.now += 10 * 86_400_000
    names = {one.name for one in rates(district.connection, district.on, "butler", SINCE, UNTIL, 3)}
    assert "辛平" in names and "壬安" not in names
