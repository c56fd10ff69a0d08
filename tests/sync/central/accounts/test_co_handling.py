"""Several departments on one issue at the central: each sees it and speaks for itself, the leading one does the rest
(R25, R49; decision 4)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from store.ledger.hlc import system_clock_ms
from store.ledger.line import Line, derived_id, new_id
from sync.central.accounts.permissions import denial_reason
from sync.central.accounts.scope import BucketOwner, Grant
from sync.central.admin.rebucket import rebucket
from sync.central.admin.setup import open_database
from sync.protocol.documents import EXCHANGE
from tests.sync.central.ledger import every_id, ids, issue, outcome_codes, project, step, sum_of, unit
from tests.sync.central_fixture import Central, Laptop, running_central

CANARY = "夜莺四七二九"


class Departments:
    """An issue that one department leads and another co-handles, another issue of nobody, and a device of each of three
    departments and the bureau."""

    def __init__(self, central: Central) -> None:
        self.bureau = central.enrol("局长", "bureau")
        self.lead, self.power, self.roads = (unit(self.bureau, name) for name in ("住建局", "供电公司", "交通局"))
        self.project = project(self.bureau)
        self.issue = issue(self.bureau, self.project.id, text=CANARY)
        self.other = issue(self.bureau, self.project.id, text=CANARY)
        self.assigned = self.assign(self.power)
        shared = [self.lead, self.power, self.roads, self.project]
        self.lines = [*shared, self.issue, self.other, self.assigned]
        assert set(outcome_codes(self.bureau.push(self.lines))) == {"applied"}
        self.bucket = f"i:{self.issue.id}"
        self.laptops = [
            central.enrol(office.body["name"], "department", department=office.id)
            for office in (self.lead, self.power, self.roads)
        ]

    def assign(self, *others: Line, stamp_after: Line | None = None) -> Line:
        """The step that assigns the issue to the leading department and these others."""
        made = step(
            self.bureau, self.issue, "assigned", department_id=self.lead.id, with_ids=[other.id for other in others]
        )
        return made if stamp_after is None else made._replace(stamp=max(made.stamp, stamp_after.stamp + 1))


@pytest.fixture(scope="module")
def departments(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Departments]:
    """A central with a co-handled issue, for the tests that leave its departments as they are."""
    with running_central(tmp_path_factory.mktemp("departments")) as central:
        yield Departments(central)


def pulled(laptop: Laptop) -> tuple[set[str], bool]:
    """The ids that a fresh device of this account receives, by either protocol, and whether the canary is among the
    texts."""
    laptop.cursor = None
    pages = laptop.pull_all()
    exchanged = laptop.ask(EXCHANGE, {"hello": {"agreed": [0, 0, 0], "time": 0}, "lines": []})
    assert {line["id"] for line in exchanged["pull"]["lines"]} - laptop.assigned.keys() == set(every_id(pages))
    assert (CANARY in str(exchanged)) == (CANARY in str(pages))
    return set(every_id(pages)), CANARY in str(pages)


@pytest.mark.proves("R25", "R33", "R38", "R49")
def test_each_department_of_an_issue_sees_it_and_no_other(central: Central) -> None:
    """The leading and the co-handling department receive the issue with its steps, the third nothing of it; checksums
    cover the same. When the set changes, who leaves drops the issue and who comes fetches all of it."""
    departments = Departments(central)
    of_issue = {departments.issue.id, departments.assigned.id}
    shared = {line.id for line in departments.lines} - of_issue - {departments.other.id}
    lead, power, roads = departments.laptops
    assert pulled(lead) == pulled(power) == (shared | of_issue, True)
    assert pulled(roads) == (shared, False)
    theirs = [line for line in departments.lines if line.id != departments.other.id]
    assert power.hello(sum_of(theirs))["equal"] is True
    again = departments.assign(departments.roads, stamp_after=departments.assigned)
    assert outcome_codes(departments.bureau.push([again])) == ["applied"]
    left, entered, stays = power.pull(), roads.pull(), lead.pull()
    assert (left["granted"], left["dropped"], ids(left)) == ([], [departments.bucket], [])
    assert (entered["granted"], entered["dropped"]) == ([departments.bucket], [])
    assert (stays["granted"], stays["dropped"], ids(stays)) == ([], [], [again.id])
    assert set(ids(roads.ask("/v1/fetch", {"buckets": [departments.bucket]}))) == {*of_issue, again.id}
    assert power.ask("/v1/fetch", {"buckets": [departments.bucket]})["lines"] == []
    assert pulled(power) == (shared, False)


def test_a_co_handling_department_of_a_new_issue_receives_it(departments: Departments) -> None:
    """What is recorded and assigned in one push reaches the co-handling departments as lines."""
    _lead, power, _roads = departments.laptops
    power.pull_all()
    new = issue(departments.bureau, departments.project.id)
    with_ids = [departments.power.id, departments.roads.id]
    assigned = step(departments.bureau, new, "assigned", department_id=departments.lead.id, with_ids=with_ids)
    departments.bureau.push([new, assigned])
    page = power.pull()
    assert (set(ids(page)), page["granted"], page["dropped"]) == ({new.id, assigned.id}, [], [])


def test_an_upgraded_central_learns_who_co_handles(central: Central) -> None:
    """What an older central took in without knowing the field counts once the program is a newer one: the co-handling
    department gets the bucket."""
    departments = Departments(central)
    _lead, power, _roads = departments.laptops
    power.pull_all()
    database = open_database(central.data_dir)
    with database.write() as connection:
        connection.execute(text("DELETE FROM co_handler"))
        connection.execute(text("UPDATE district SET kinds = replace(kinds, ',\"with_ids\"', '')"))
    assert rebucket(database, system_clock_ms()) == 0
    database.close()
    page = power.pull()
    assert (page["granted"], page["dropped"]) == ([departments.bucket], [])


def test_a_merged_department_speaks_under_each_of_its_ids() -> None:
    """An account has the roles of all records of its department: it may speak under one of them for a bucket that has
    another, and leads what any of them leads."""
    lead, old, new = (derived_id("unit", name) for name in ("lead", "old", "new"))
    grants = [Grant("department", None, unit) for unit in (old, new)]
    co_handled, led = (BucketOwner("i:x", "i", "p", *owners) for owners in ((lead, (old,)), (old, ())))

    def denied(owner: BucketOwner, act: str, department: str | None = None) -> bool:
        body = {"act": act, "issue_id": "x", **({"department_id": department} if department else {})}
        line = Line(derived_id(act), "issue_step", "p", 1, "d", "a", False, body)
        return denial_reason(grants, line, owner, None) is not None

    assert not denied(co_handled, "opinion", new) and not denied(led, "accepted")
    assert denied(co_handled, "opinion", lead) and denied(co_handled, "accepted")


ACTS = {
    "opinion": "applied", "disputed": "applied", "accepted": "forbidden", "progress": "forbidden",
    "waiting": "forbidden", "extended": "forbidden", "escalated": "forbidden", "settled": "forbidden",
}  # fmt: skip
"""What a co-handling department may do, for itself."""


def test_a_co_handling_department_speaks_for_itself_alone(departments: Departments) -> None:
    """It gives its opinion and disputes its part, in its own name; it accepts, settles, extends and escalates nothing.
    The leading department does all of that, and has no other's voice either. Nobody else has any."""
    lead, power, roads = departments.laptops
    issue_line = departments.issue
    acts = [step(power, issue_line, act, department_id=departments.power.id) for act in ACTS]
    assert outcome_codes(power.push(acts)) == list(ACTS.values())
    foreign = [step(power, issue_line, act, department_id=departments.lead.id) for act in ("opinion", "disputed")]
    nameless = [step(power, issue_line, act) for act in ("opinion", "disputed")]
    assert outcome_codes(power.push([*foreign, *nameless])) == ["forbidden"] * 4
    own = [step(lead, issue_line, "opinion", department_id=departments.lead.id), step(lead, issue_line, "accepted")]
    others = [step(lead, issue_line, act, department_id=departments.power.id) for act in ("opinion", "disputed")]
    assert outcome_codes(lead.push([*own, *others])) == ["applied", "applied", "forbidden", "forbidden"]
    stranger = [step(roads, issue_line, "opinion", department_id=departments.roads.id)]
    assert outcome_codes(roads.push(stranger)) == ["forbidden"]
    for_office = step(departments.bureau, issue_line, "opinion", department_id=departments.power.id)
    assert outcome_codes(departments.bureau.push([for_office])) == ["applied"]


def test_a_co_handling_department_keeps_what_a_central_has_lost(departments: Departments) -> None:
    """A bucket that differs is dropped where the device claims it for others, and kept where its own department is
    among those that co-handle it."""
    _lead, power, _roads = departments.laptops
    power.cursor = None
    cursor = power.pull_all()[-1]["cursor"]
    lost = f"i:{new_id()}"
    for mine, kept in ((departments.power, True), (departments.roads, False)):
        owner = {"project": departments.project.id, "department": departments.lead.id, "co_handlers": [mine.id]}
        asked = {"cursor": cursor, "buckets": {lost: [1, 2, 3]}, "within": [], "owners": {lost: owner}}
        differ, dropped = ([lost], []) if kept else ([], [lost])
        assert power.ask("/v1/verify", asked) == {"news": False, "differ": differ, "dropped": dropped}
