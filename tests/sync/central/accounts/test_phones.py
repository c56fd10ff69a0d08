"""Phones are in a bucket of their own, outside the scope of accounts that only supervise (decision 4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from store.ledger.buckets import SetChecksum, bucket_group
from store.ledger.line import Line, new_id
from sync.central.accounts.permissions import denial_reason
from sync.central.accounts.scope import ROLES, BucketOwner, Grant, covers
from sync.central.admin import admin
from tests.sync.central.ledger import every_id, outcome_codes, project, sum_of, unit
from tests.sync.central_fixture import Central, Laptop

PEOPLE, PHONES = BucketOwner("d", "d", None, None), BucketOwner("t", "t", None, None)
SUPERVISING = ("supervision_office", "principal_leader", "auditor")


class World:
    """A project, a department, and a person with a phone."""

    def __init__(self, central: Central) -> None:
        self.central = central
        self.bureau = central.enrol("局长")
        self.project, self.unit = project(self.bureau), unit(self.bureau)
        self.person = self.bureau.line("person", {"name": "甲建国"})
        self.contact = self.reach(self.bureau, self.person.id)
        self.others = [self.project, self.unit, self.person]
        assert set(outcome_codes(self.bureau.push([*self.others, self.contact]))) == {"applied"}

    def reach(self, by: Laptop, person: str, phone: str = "19900000001", **more: Any) -> Line:
        """A contact line that an officer writes."""
        return by.line("contact", {"person_id": person, "phone": phone})._replace(**more)

    def enrol(self, *roles: str) -> Laptop:
        """A device of somebody with these roles, for the project or department where they need one."""
        name = "、".join(roles)
        for role in roles:
            projects = [self.project.id] if role in ("butler", "lead_leader") else []
            department = self.unit.id if role == "department" else None
            code = self.central.invite(name, role, projects=projects, department=department)
            laptop = Laptop(self.central.url)
            laptop.join(code)
        return laptop


@pytest.fixture
def world(central: Central) -> World:
    """A central with a phone in it."""
    return World(central)


def knows(laptop: Laptop, lines: Sequence[Line], page: int = 2) -> bool:
    """Whether a fresh device receives exactly these lines, and the central says that it then has all there is."""
    laptop.cursor = None
    return (
        set(every_id(laptop.pull_all(limit=page))) == {one.id for one in lines}
        and laptop.hello(sum_of([*lines]))["equal"]
    )


def test_who_calls_people_has_their_phones() -> None:
    """The bureau, butlers, lead leaders and departments; not the office that supervises, nor the principal leader."""
    assert {role for role in ROLES if covers(Grant(role), PHONES)} == set(ROLES) - set(SUPERVISING)


def test_who_may_write_people_may_write_phones() -> None:
    """The cells of the table for the phones of others: those of the person's row, in every role."""
    line = Line(new_id(), "contact", None, 1, new_id(), new_id(), False, {"person_id": new_id()})
    person = line._replace(kind="person")
    for role in ROLES:
        phones = denial_reason([Grant(role)], line, PHONES, None) is None
        assert phones == (denial_reason([Grant(role)], person, PEOPLE, None) is None) == (role in ("bureau", "butler"))


@pytest.mark.soak(turns=3)
@pytest.mark.parametrize("role", SUPERVISING)
def test_who_supervises_receives_all_but_phones(world: World, role: str) -> None:
    """Neither pull, hello, verify, fetch nor history shows that there are phones."""
    office = world.enrol(role)
    assert knows(office, world.others)
    assert office.hello(sum_of([*world.others, world.contact]))["equal"] is False
    here, there = {"cursor": office.cursor}, ["d", f"h:{world.project.id}"]
    groups = office.ask("/v1/verify", {**here, "groups": {}})["differ"]
    assert groups == sorted({bucket_group(bucket) for bucket in there})
    within = [*groups, bucket_group("t")]
    assert office.ask("/v1/verify", {**here, "buckets": {}, "within": within})["differ"] == there
    assert office.ask("/v1/fetch", {"buckets": ["t"]})["lines"] == []
    assert office.client.get(f"/v1/history/{world.contact.id}").content == (
        office.client.get(f"/v1/history/{new_id()}").content
    )


@pytest.mark.soak(turns=3)
@pytest.mark.parametrize("role", ["butler", "lead_leader", "department"])
def test_who_serves_a_project_receives_phones(world: World, role: str) -> None:
    """A pull brings phones with the lines of the role's own scope, and the checksums are equal."""
    assert knows(world.enrol(role), [*world.others, world.contact])


def test_a_new_phone_is_no_news_to_who_supervises(world: World) -> None:
    """A phone that is written later brings news to the bureau and none to the supervision office, whose sum stays."""
    office, second = world.enrol("supervision_office"), world.enrol("bureau")
    for laptop in (office, second):
        laptop.pull_all()
    world.bureau.push([world.reach(world.bureau, world.unit.id, "0418-0000001")])
    assert (office.hello()["news"], second.hello()["news"]) == (False, True)
    assert office.hello(sum_of(world.others))["equal"] is True
    world.bureau.push([unit(world.bureau, "住建局")])
    assert [line["kind"] for line in office.pull()["lines"]] == ["unit"]


def test_who_also_calls_people_has_their_phones(world: World) -> None:
    """The phones come with a second role and go with it, by grant and withdrawal of their bucket alone."""
    office = world.enrol("supervision_office", "butler")
    everything = [*world.others, world.contact]
    assert knows(office, everything)
    admin.withdraw(world.central.data_dir, "supervision_office、butler", "butler")
    assert office.pull()["dropped"] == ["t"]
    assert knows(office, world.others)
    admin.grant(world.central.data_dir, "supervision_office、butler", "bureau")
    assert office.pull()["granted"] == ["t"]
    assert knows(office, everything)


def test_who_writes_phones(world: World) -> None:
    """Who may write people may write phones; the others only their own, and nobody takes over another's line. Who does
    not see phones is answered as if there were none."""
    leader, butler, office = (world.enrol(role) for role in ("lead_leader", "butler", "supervision_office"))
    assert outcome_codes(butler.push([world.reach(butler, world.person.id, "19900000002")])) == ["applied"]
    own = world.reach(leader, leader.person)
    assert outcome_codes(leader.push([world.reach(leader, world.person.id), own])) == ["forbidden", "applied"]
    stolen = world.reach(leader, leader.person, id=world.contact.id)
    assert outcome_codes(leader.push([stolen, own._replace(stamp=own.stamp + 1)])) == ["forbidden", "applied"]
    theirs = [world.reach(office, office.person), world.reach(office, world.person.id, id=world.contact.id)]
    answers = office.push(theirs)
    assert {(one["code"], one["reason"]) for one in answers} == {("forbidden", "not in your scope, or not there")}


def test_phones_belong_to_no_project(central: Central) -> None:
    """A first contact line that names a project does not make the bucket that project's."""
    bureau = central.enrol("局长")
    own = project(bureau)
    stray = bureau.line("contact", {"person_id": bureau.person, "phone": "19900000001"}, own.id)
    assert outcome_codes(bureau.push([own, stray, stray._replace(id=new_id(), project=None)])) == [
        "applied",
        "moved",
        "applied",
    ]


def test_sums_are_taken_apart_as_they_add_up() -> None:
    """A checksum minus a part of it is the checksum of the rest."""
    part, rest = SetChecksum(2, 5, 7), SetChecksum(3, 1, 1)
    assert part.add(rest).minus(part) == rest
