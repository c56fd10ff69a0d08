"""Scope: who sees what, and how it changes: grants, withdrawals, transfers (decision 4)."""

from __future__ import annotations

import pytest

from store.ledger.buckets import SetChecksum
from store.ledger.line import Line, new_id
from sync.central.admin import admin
from tests.sync.central.ledger import every_id, ids, issue, outcome_codes, project, step, sum_of, unit, visit
from tests.sync.central_fixture import Central, Laptop


class World:
    """Two projects, two departments, an issue of project one that is assigned to department one, and a bureau."""

    def __init__(self, central: Central) -> None:
        self.central = central
        self.bureau = central.enrol("局长", "bureau")
        self.units = [unit(self.bureau, "发改局"), unit(self.bureau, "住建局")]
        self.projects = [project(self.bureau, "一"), project(self.bureau, "二")]
        self.visits = [visit(self.bureau, one.id) for one in self.projects]
        self.issue = issue(self.bureau, self.projects[0].id)
        self.assigned = self.assign(self.units[0])
        self.lines = [*self.units, *self.projects, *self.visits, self.issue, self.assigned]
        assert set(outcome_codes(self.bureau.push(self.lines))) == {"applied"}

    def assign(self, to: Line) -> Line:
        """The step that assigns the issue."""
        return step(self.bureau, self.issue, "assigned", department_id=to.id)

    def enrol(self, name: str, role: str, project: int | None = None, department: int | None = None) -> Laptop:
        """A device with a role for one of the projects or departments."""
        projects = [] if project is None else [self.projects[project].id]
        named = None if department is None else self.units[department].id
        return self.central.enrol(name, role, projects=projects, department=named)


@pytest.fixture
def world(central: Central) -> World:
    """A central with something in it."""
    return World(central)


def seen(laptop: Laptop) -> set[str]:
    """What a fresh device of this account receives, in pages of three."""
    laptop.cursor = None
    received = every_id(laptop.pull_all(limit=3))
    assert len(received) == len(set(received))
    return set(received)


def test_each_role_sees_its_own(world: World) -> None:
    """A fresh device receives exactly its role's scope, whatever the size of the pages."""
    district = {one.id for one in world.units}
    heads = {one.id for one in world.projects}
    of_issue = {world.issue.id, world.assigned.id}
    first_project = {world.projects[0].id, world.visits[0].id} | of_issue
    everything = {one.id for one in world.lines}
    for role in ("bureau", "supervision_office", "principal_leader"):
        assert seen(world.central.enrol(role, role)) == everything
    assert seen(world.enrol("甲", "butler", project=0)) == district | first_project
    assert seen(world.enrol("乙", "lead_leader", project=1)) == district | {world.projects[1].id, world.visits[1].id}
    assert seen(world.enrol("丙", "department", department=0)) == district | heads | of_issue
    assert seen(world.enrol("丁", "department", department=1)) == district | heads


def test_sums_cover_the_scope_alone(world: World) -> None:
    """hello compares the checksum of what the account may see, for whole-district and narrow scopes alike."""
    butler = world.enrol("甲", "butler", project=1)
    mine = [*world.units, world.projects[1], world.visits[1]]
    butler.pull_all()
    assert butler.hello(sum_of(mine))["equal"] is True
    assert butler.hello(sum_of(mine[1:]))["equal"] is False
    world.bureau.pull_all()
    assert world.bureau.hello(sum_of(world.lines))["equal"] is True
    assert world.bureau.hello(SetChecksum())["equal"] is False


def test_others_news_is_no_news(world: World) -> None:
    """What happens outside the scope brings no news, and neither does what the device wrote itself."""
    butler = world.enrol("甲", "butler", project=1)
    butler.pull_all()
    assert butler.hello()["news"] is False
    world.bureau.push([visit(world.bureau, world.projects[0].id)])
    assert butler.hello()["news"] is False
    butler.push([visit(butler, world.projects[1].id)])
    assert butler.hello()["news"] is False
    assert butler.pull()["lines"] == []
    late = visit(world.bureau, world.projects[1].id)
    world.bureau.push([late])
    assert butler.hello()["news"] is True
    assert ids(butler.pull()) == [late.id]


def test_a_granted_project_is_back_filled_and_a_withdrawn_one_dropped(world: World) -> None:
    """A grant names the buckets to fetch, a withdrawal those to delete; later lines arrive or do not."""
    butler = world.enrol("甲", "butler", project=0)
    butler.pull_all()
    two = world.projects[1].id
    admin.grant(world.central.data_dir, "甲", "butler", projects=["二"])
    assert butler.hello()["news"] is True
    page = butler.pull()
    assert (page["granted"], page["dropped"], page["lines"]) == ([f"h:{two}", f"p:{two}"], [], [])
    fetched = butler.ask("/v1/fetch", {"buckets": page["granted"]})
    assert set(ids(fetched)) == {two, world.visits[1].id}
    admin.withdraw(world.central.data_dir, "甲", "butler", projects=["一"])
    page = butler.pull()
    gone = [f"h:{world.projects[0].id}", f"i:{world.issue.id}", f"p:{world.projects[0].id}"]
    assert (page["granted"], page["dropped"]) == ([], gone)
    world.bureau.push([visit(world.bureau, world.projects[0].id)])
    assert butler.hello()["news"] is False
    assert butler.ask("/v1/fetch", {"buckets": gone})["lines"] == []


def test_a_transferred_issue_takes_its_past_along(world: World) -> None:
    """Assigning an issue to another department brings that one the whole issue and takes it from the first."""
    first, second = (world.enrol(name, "department", department=n) for n, name in enumerate("丙丁"))
    for laptop in (first, second):
        laptop.pull_all()
    bucket = f"i:{world.issue.id}"
    disputed = step(first, world.issue, "disputed", reason="不归我管")
    again = world.assign(world.units[1])._replace(stamp=disputed.stamp + 1)  # the bureau saw the dispute
    assert outcome_codes(first.push([disputed])) == ["applied"]
    assert outcome_codes(world.bureau.push([again])) == ["applied"]
    left, entered = first.pull(), second.pull()
    assert (left["granted"], left["dropped"], ids(left)) == ([], [bucket], [])
    assert (entered["granted"], entered["dropped"]) == ([bucket], [])
    past = ids(second.ask("/v1/fetch", {"buckets": [bucket]}))
    assert set(past) == {world.issue.id, world.assigned.id, disputed.id, again.id}
    assert outcome_codes(first.push([step(first, world.issue, "accepted")])) == ["forbidden"]
    assert outcome_codes(second.push([step(second, world.issue, "accepted")])) == ["applied"]


def test_a_new_issue_of_the_department_comes_by_itself(world: World) -> None:
    """An issue that is assigned in the same batch in which it is recorded reaches the department as lines."""
    laptop = world.enrol("丙", "department", department=0)
    laptop.pull_all()
    new = issue(world.bureau, world.projects[1].id)
    to = step(world.bureau, new, "assigned", department_id=world.units[0].id)
    world.bureau.push([new, to])
    page = laptop.pull()
    assert (ids(page), page["granted"]) == ([new.id, to.id], [])


def test_many_changes_of_scope_come_in_pages(world: World) -> None:
    """A grant of more buckets than a page holds comes in several pages, each bucket once, and lines in their place."""
    butler = world.enrol("甲", "butler", project=0)
    butler.pull_all()
    admin.grant(world.central.data_dir, "甲", "supervision_office")
    later = visit(world.bureau, world.projects[1].id)
    world.bureau.push([later])
    admin.withdraw(world.central.data_dir, "甲", "butler")
    pages = butler.pull_all(limit=2)
    two = world.projects[1].id
    assert [page["more"] for page in pages] == [True, False]
    assert [bucket for page in pages for bucket in page["granted"]] == [f"h:{two}", f"p:{two}"]
    assert [bucket for page in pages for bucket in page["dropped"]] == []
    assert every_id(pages) == [later.id]


def test_leaving_and_coming_back_within_one_pull(world: World) -> None:
    """An account that lost and regained a project between two rounds gets it as granted, not as dropped."""
    butler = world.enrol("甲", "butler", project=0)
    butler.pull_all()
    admin.withdraw(world.central.data_dir, "甲", "butler")
    admin.grant(world.central.data_dir, "甲", "butler", projects=["一"])
    page = butler.pull()
    assert page["dropped"] == []
    assert f"p:{world.projects[0].id}" in page["granted"]
    admin.withdraw(world.central.data_dir, "甲", "butler")
    page = butler.pull()
    assert page["granted"] == []
    assert f"p:{world.projects[0].id}" in page["dropped"]
    assert "d" in page["dropped"]


def test_hidden_and_missing_look_alike(world: World) -> None:
    """Pushing onto what is out of scope and onto what does not exist, fetching it or asking for its history, give the
    same answers: nobody learns what others have."""
    butler = world.enrol("甲", "butler", project=1)
    hidden, missing = world.projects[0].id, new_id()
    assert outcome_codes(butler.push([visit(butler, hidden), visit(butler, missing)])) == ["forbidden", "forbidden"]
    outcomes = butler.push([visit(butler, hidden), visit(butler, missing)])
    assert outcomes[0]["reason"] == outcomes[1]["reason"]
    mine = visit(butler, world.projects[1].id)
    taken = mine._replace(id=world.visits[0].id)
    assert butler.push([taken])[0]["reason"] == outcomes[0]["reason"]
    onto_issue = [step(butler, world.issue._replace(project=p), "told") for p in (hidden, missing)]
    assert {o["reason"] for o in butler.push(onto_issue)} == {outcomes[0]["reason"]}
    there, nowhere = (butler.push([one])[0] for one in (world.visits[0], world.visits[0]._replace(id=missing)))
    assert {**there, "id": ""} == {**nowhere, "id": ""}  # not even who has the very line is told that it is here
    for line_id in (world.visits[0].id, missing, "rubbish"):
        answer = butler.client.get(f"/v1/history/{line_id}")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    answers = [butler.ask("/v1/fetch", {"buckets": [f"p:{one}"]}) for one in (hidden, missing)]
    assert answers[0] == answers[1] == {"lines": [], "receipts": "", "after": None}


def test_a_cursor_tells_nothing_and_serves_its_account_alone(world: World) -> None:
    """A cursor is an encrypted token; another account's counts as none, so that reading starts from the beginning."""
    butler = world.enrol("甲", "butler", project=1)
    world.bureau.pull_all()
    butler.pull_all()
    assert len(butler.cursor or "") == len(world.bureau.cursor or "")
    own = butler.cursor
    butler.cursor = world.bureau.cursor
    assert butler.hello()["news"] is True
    assert world.projects[1].id in ids(butler.pull())
    butler.cursor = own
    assert butler.pull()["lines"] == []


def test_fetch_is_paged_in_order_of_buckets(world: World) -> None:
    """Pages of one line each give every line once, buckets in byte order, and the token continues."""
    buckets = sorted(["d", *(f"p:{one.id}" for one in world.projects), f"i:{world.issue.id}"])
    received, after = [], None
    while True:
        page = world.bureau.ask("/v1/fetch", {"buckets": buckets, "limit": 1, "after": after})
        received += ids(page)
        after = page["after"]
        if after is None:
            break
    assert received[:2] == [one.id for one in world.units]
    assert received[2:4] == [world.issue.id, world.assigned.id]
    assert sorted(received[4:]) == sorted(one.id for one in world.visits)
