"""The table grants: roles follow from assignments in the push that brings them and at midnight. The bureau stays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from store.domain.grants import Grant
from store.ledger.hlc import hlc_from_ms, system_clock_ms
from store.ledger.line import Line, derived_id, new_id
from store.values.times import district_time
from sync.central.accounts.assignment_book import read_assignments
from sync.central.accounts.roles import grants_of
from sync.central.admin import admin
from sync.central.admin.admin import lock_named_district
from sync.central.admin.setup import read_central, write_central
from sync.central.db.clock_bounds import MAX_BEHIND_MS
from sync.central.db.tables import ACCOUNT, DISTRICT, ROLE
from sync.central.exceptions import LastBureau
from sync.central.writes.grant_changes import apply_lines, present_day
from sync.central.writes.merge_batch import LAST_BUREAU_REASON
from sync.central.writes.proposals import may_be_proposed
from sync.central.writes.validation import ValidLine, validate_line
from tests.sync.central.ledger import every_id, issue, outcome_codes, project, step, unit, visit
from tests.sync.central_fixture import DISTRICT as CODE
from tests.sync.central_fixture import Central, Laptop, running_central

DAY_MS = 86_400_000


def day(offset: int = 0) -> str:
    """A day, so many from today, of the district."""
    return (district_time(system_clock_ms()).date() + timedelta(days=offset)).isoformat()


def serves(laptop: Laptop, role: str, who: Laptop, project: str | None = None, **more: str) -> Line:
    """An assignment, as the bureau writes it."""
    return laptop.line("assignment", {"role": role, "person_id": who.person, **more}, project)


def ended(laptop: Laptop, line: Line, on: str) -> Line:
    """The next version of an assignment, with a last day."""
    return next_of(laptop, line)._replace(body={**line.body, "to_date": on})


def next_of(laptop: Laptop, line: Line, **more: Any) -> Line:
    """The next version of a line, by this laptop."""
    version = laptop.line(line.kind, dict(line.body), line.project)
    return version._replace(id=line.id, base=line.stamp, stamp=max(version.stamp, line.stamp + 1))._replace(**more)


def seen(laptop: Laptop) -> set[str]:
    """What a fresh device of this account receives, but for what the central has written itself."""
    laptop.cursor = None
    return set(every_id(laptop.pull_all()))


def roles_of(central: Central, laptop: Laptop) -> set[Grant]:
    """The roles of a laptop's account."""
    with read_central(central.data_dir) as connection:
        account = connection.execute(select(ACCOUNT.c.id).where(ACCOUNT.c.person == laptop.person)).scalar_one()
        return set(grants_of(connection, CODE, [account])[account])


class Stage:
    """A bureau with two projects of a visit each, and two officers without any role."""

    def __init__(self, central: Central) -> None:
        self.central = central
        self.boss = central.enrol("局长")
        self.projects = [project(self.boss, name) for name in ("一", "二")]
        self.visits = [visit(self.boss, each.id) for each in self.projects]
        self.push(*self.projects, *self.visits)
        self.old, self.new = central.enrol("甲", "butler"), central.enrol("乙", "butler")

    def push(self, *lines: Line) -> None:
        """Push lines of the bureau's that must be applied."""
        assert set(outcome_codes(self.boss.push(lines))) == {"applied"}

    def of(self, number: int) -> set[str]:
        """What belongs to a project."""
        return {self.projects[number].id, self.visits[number].id}


@pytest.fixture
def stage(central: Central) -> Stage:
    """A stage over each database."""
    return Stage(central)


@pytest.mark.proves("R07", "R18")
def test_replacing_a_butler_is_one_push(stage: Stage) -> None:
    """Who serves the project in the ledger sees it and writes in it, from the push on that says so. Who was replaced
    sees nothing of it any more, and what they wrote before is still taken, what they write later is not."""
    place = stage.projects[0].id
    first = serves(stage.boss, "butler", stage.old, place)
    stage.push(first)
    assert seen(stage.old) == {*stage.of(0), first.id} and seen(stage.new) == set()
    unsent = visit(stage.old, place, "没来得及上报")
    second = serves(stage.boss, "butler", stage.new, place, from_date=day())
    stage.push(ended(stage.boss, first, day(-1)), second)
    assert {*stage.old.pull()["dropped"]} == {f"h:{place}", f"p:{place}"}
    assert {*stage.new.pull()["granted"]} == {f"h:{place}", f"p:{place}"}
    assert seen(stage.old) == set() and seen(stage.new) == {*stage.of(0), first.id, second.id}
    assert outcome_codes(stage.old.push([unsent, visit(stage.old, place, "后来")])) == ["applied", "forbidden"]
    assert outcome_codes(stage.new.push([visit(stage.new, place)])) == ["applied"]
    stage.push(next_of(stage.boss, second, deleted=True))
    assert roles_of(stage.central, stage.new) == {Grant("butler")}


def test_roles_of_the_district_are_assignments_too(stage: Stage) -> None:
    """A department, a leader, an auditor: the line in the district's bucket gives the role, its end takes it."""
    office = unit(stage.boss, "发改局")
    lines = [
        serves(stage.boss, "department", stage.old, unit_id=office.id), serves(stage.boss, "auditor", stage.new),
        serves(stage.boss, "principal_leader", stage.new),
    ]  # fmt: skip
    stage.push(office, *lines)
    assert roles_of(stage.central, stage.old) == {Grant("butler"), Grant("department", None, office.id)}
    assert roles_of(stage.central, stage.new) == {Grant("butler"), Grant("auditor"), Grant("principal_leader")}
    stage.push(*(ended(stage.boss, line, day(-1)) for line in lines))
    assert roles_of(stage.central, stage.old) == roles_of(stage.central, stage.new) == {Grant("butler")}


def test_nobody_gives_themselves_a_role(stage: Stage) -> None:
    """Only the bureau writes assignments; a role in the district is not even put to it as a proposal."""
    stage.push(serves(stage.boss, "butler", stage.old, stage.projects[0].id))
    own = [serves(stage.old, "bureau", stage.old), serves(stage.old, "butler", stage.old, stage.projects[1].id)]
    assert outcome_codes(stage.old.push(own)) == ["forbidden", "forbidden"]
    judged = [validate_line(line._asdict(), system_clock_ms()) for line in own]
    assert [isinstance(each, ValidLine) and may_be_proposed(each) for each in judged] == [False, True]
    assert roles_of(stage.central, stage.old) == {Grant("butler"), Grant("butler", stage.projects[0].id)}


def test_who_joins_is_nobody_whom_the_table_names(stage: Stage) -> None:
    """A home that worked alone brings its person along, but not an id that was given a role before its line came."""
    named = serves(stage.boss, "bureau", stage.boss)._replace(body={"role": "bureau", "person_id": new_id()})
    stage.push(named)
    stranger = Laptop(stage.central.url)
    body = {"protocol": 1, "code": stage.central.invite("新人", "butler"), "device": {"id": new_id(), "name": "x"}}
    answer = stranger.post("/v1/join", body | {"person": {"id": named.body["person_id"], "name": "新人"}})
    assert (answer.status_code, answer.json()["code"]) == (409, "other_person")


def test_the_last_of_the_bureau_stays(stage: Stage) -> None:
    """Nobody can end the last assignment of the bureau that has no end: not by a last day, a deletion, another role or
    the operator's command. Once there is another one, the first may end."""
    stage.boss.pull_all()
    (own,) = (line for line in stage.boss.assigned.values() if line.body["role"] == "bureau")
    tries = [
        ended(stage.boss, own, day(400)), next_of(stage.boss, own, deleted=True),
        next_of(stage.boss, own, body={**own.body, "role": "auditor"}),
    ]  # fmt: skip
    for version in tries:
        (outcome,) = stage.boss.push([version])
        assert (outcome["code"], outcome["reason"]) == ("forbidden", LAST_BUREAU_REASON)
    with pytest.raises(LastBureau):
        admin.withdraw(stage.central.data_dir, "局长", "bureau")
    stranger = serves(stage.boss, "bureau", stage.new)._replace(id=own.id[:-4] + "0000")
    stage.push(stranger._replace(body={**stranger.body, "person_id": own.id}))  # nobody with an account
    assert outcome_codes(stage.boss.push([next_of(stage.boss, tries[0])])) == ["forbidden"]
    stage.push(serves(stage.boss, "bureau", stage.new), next_of(stage.boss, tries[0]))
    admin.withdraw(stage.central.data_dir, "局长", "bureau")
    assert roles_of(stage.central, stage.boss) == set()


def test_no_merge_takes_the_bureau_from_the_last(stage: Stage) -> None:
    """Nor does a second merge of the officer's record, which leaves the assignment with a record without an account."""
    stage.boss.pull_all()
    (own,) = (line for line in stage.boss.assigned.values() if line.body["role"] == "bureau")
    records = sorted((stage.boss.line("person", {"name": "局长"}) for _ in range(2)), key=lambda line: line.id)
    merges = [
        stage.boss.line("merge", {"what": "person", "from_id": stage.boss.person, "into_id": record.id})
        for record in records
    ]
    held = serves(stage.boss, "bureau", stage.boss)
    stage.push(*records, held._replace(body={"role": "bureau", "person_id": records[1].id}), merges[1])
    stage.push(ended(stage.boss, own, day(-1)))
    (outcome,) = stage.boss.push([merges[0]])
    assert (outcome["code"], outcome["reason"]) == ("forbidden", LAST_BUREAU_REASON)
    assert Grant("bureau") in roles_of(stage.central, stage.boss)


@pytest.mark.proves("R48")
def test_no_stamp_nor_merge_nor_last_act_hides_a_stand_in(stage: Stage) -> None:
    """Who has the bureau's role as a stand-in approves nothing that the officer settled: not with a stamp of before,
    not in the push that ends it; nor does the officer approve what was settled in their place under a merged record."""
    boss, deputy, place = stage.boss, stage.new, stage.projects[0].id
    record = boss.line("person", {"name": "局长"})
    merge = boss.line("merge", {"what": "person", "from_id": record.id, "into_id": boss.person})
    stand_in = serves(boss, "stand_in", deputy, for_id=boss.person, from_date=day(), to_date=day(3))
    stage.push(record, merge, stand_in)
    recorded = issue(boss, place)
    stage.push(recorded, step(boss, recorded, "settled", measure="接电", evidence="照片"))
    early = approved(deputy, recorded)._replace(stamp=hlc_from_ms(system_clock_ms() - 2 * DAY_MS))
    ending = next_of(deputy, stand_in, deleted=True)
    assert outcome_codes(deputy.push([early, ending, approved(deputy, recorded)])) == [
        "forbidden",
        "applied",
        "forbidden",
    ]
    other = stage.central.enrol("副局长")
    theirs = issue(other, place)
    entered = step(other, theirs, "settled", measure="接电", evidence="照片", acting_for_id=record.id)
    assert set(outcome_codes(other.push([theirs, entered]))) == {"applied"}
    assert outcome_codes(boss.push([approved(boss, theirs)])) == ["forbidden"]


def approved(laptop: Laptop, recorded: Line) -> Line:
    """An approval of an issue, by its first version."""
    named = [{"id": recorded.id, "stamp": recorded.stamp, "device": recorded.device}]
    return step(laptop, recorded, "approved", versions=named)


def test_who_was_merged_has_what_either_was_given(stage: Stage) -> None:
    """The table names one record of a person, the account has another: merging them gives the account what the table
    says, undoing it takes that away."""
    other = stage.boss.line("person", {"name": "甲"})
    place, pair = stage.projects[0].id, {"what": "person", "from_id": other.id, "into_id": stage.old.person}
    merge = stage.boss.line("merge", pair)._replace(id=derived_id(CODE, "merge", other.id))
    stage.push(other, serves(stage.boss, "butler", stage.old, place)._replace(body=named(other)), merge)
    assert roles_of(stage.central, stage.old) == {Grant("butler"), Grant("butler", place)}
    stage.push(next_of(stage.boss, merge, deleted=True))
    assert roles_of(stage.central, stage.old) == {Grant("butler")}


def named(person: Line) -> dict[str, str]:
    """What an assignment of a butler says."""
    return {"role": "butler", "person_id": person.id}


def test_commands_and_invitations_write_the_same_lines(stage: Stage) -> None:
    """What the operator grants is an assignment of the ledger, which the bureau sees and may end; what they withdraw
    ends it. The line of an invitation has the id that an import would give it."""
    place = stage.projects[0].id
    admin.grant(stage.central.data_dir, "甲", "butler", projects=[place])
    stage.boss.pull_all()
    (line,) = (each for each in stage.boss.assigned.values() if each.project == place)
    assert (line.body["person_id"], line.body["from_date"], line.body.get("to_date")) == (stage.old.person, day(), None)
    stage.push(ended(stage.boss, line, day(-1)))
    assert roles_of(stage.central, stage.old) == {Grant("butler")}
    again = serves(stage.boss, "butler", stage.old, place, from_date=day(-3))
    stage.push(again)
    admin.withdraw(stage.central.data_dir, "甲", "butler", projects=[place])
    stage.boss.cursor = None
    stage.boss.pull_all()
    assert stage.boss.assigned[again.id].body["to_date"] == day(-1)
    assert roles_of(stage.central, stage.old) == {Grant("butler")}


def test_a_stand_in_has_the_same_until_the_day(stage: Stage) -> None:
    """An officer names who stands in for them; that one sees the project and writes in it in their place, which the
    line says, and nobody else's. The bureau enters for an office in the same way. Ending it takes effect at once."""
    place = stage.projects[0].id
    stage.push(serves(stage.boss, "butler", stage.old, place))
    stand_in = serves(stage.old, "stand_in", stage.new, for_id=stage.old.person, to_date=day(3))
    assert outcome_codes(stage.old.push([stand_in])) == ["applied"]
    assert roles_of(stage.central, stage.new) == {Grant("butler"), Grant("butler", place)}
    written = visit(stage.new, place)
    own, foreign = ({**written.body, "acting_for_id": who.person} for who in (stage.old, stage.boss))
    tries = [written._replace(id=new_id(), body=body) for body in (own, foreign)]
    assert outcome_codes(stage.new.push(tries)) == ["applied", "forbidden"]
    for_office = visit(stage.boss, place)
    stage.push(for_office._replace(body={**for_office.body, "acting_for_id": stage.old.person}))
    assert outcome_codes(stage.old.push([ended(stage.old, stand_in, day(-1))])) == ["applied"]
    assert roles_of(stage.central, stage.new) == {Grant("butler")}


def test_what_a_stand_in_is_granted_too_outlasts_the_stand_in(stage: Stage) -> None:
    """Who has a role in another's place and is then given it by themselves keeps it when the other comes back."""
    place = stage.projects[0].id
    stand_in = serves(stage.boss, "stand_in", stage.new, for_id=stage.old.person, to_date=day(3))
    stage.push(serves(stage.boss, "butler", stage.old, place), stand_in)
    assert admin.grant(stage.central.data_dir, "乙", "butler", projects=[place])
    stage.push(ended(stage.boss, stand_in, day(-1)))
    assert Grant("butler", place) in roles_of(stage.central, stage.new)
    assert admin.grant(stage.central.data_dir, "乙", "butler", projects=[place]) == []


def test_withdrawing_what_a_stand_in_lends_ends_the_stand_in(stage: Stage) -> None:
    """A role that somebody has in another's place only is withdrawn by ending that stand-in: the ledger says so, all
    that it lent is gone and told, and no midnight nor later line brings it back; the other keeps it."""
    places = [each.id for each in stage.projects]
    stand_in = serves(stage.boss, "stand_in", stage.new, for_id=stage.old.person, from_date=day(-2), to_date=day(3))
    elsewhere = serves(stage.boss, "stand_in", stage.new, for_id=stage.boss.person, from_date=day(1), to_date=day(3))
    stage.push(*(serves(stage.boss, "butler", stage.old, place) for place in places), stand_in, elsewhere)
    withdrawn = admin.withdraw(stage.central.data_dir, "乙", "butler", projects=[places[0]])
    assert {each["project"] for each in withdrawn} == {*places}
    assert roles_of(stage.central, stage.new) == {Grant("butler")}
    assert roles_of(stage.central, stage.old) == {Grant("butler"), *(Grant("butler", place) for place in places)}
    stage.boss.pull_all()
    assert stage.boss.assigned[stand_in.id].body["to_date"] == day(-1)
    assert elsewhere.id not in stage.boss.assigned
    stage.push(serves(stage.boss, "butler", stage.old))
    assert roles_of(stage.central, stage.new) == {Grant("butler")}


def test_a_role_of_a_roster_ends_with_the_line_that_says_it_is_over(stage: Stage) -> None:
    """After a restore an old roster gives back what a stand-in had; the line comes only after its last day, and ends
    it, as well as it would have at midnight. What other lines give stays."""
    place = stage.projects[0].id
    stage.push(serves(stage.boss, "butler", stage.old, place))
    with write_central(stage.central.data_dir) as connection:
        account = connection.execute(select(ACCOUNT.c.id).where(ACCOUNT.c.person == stage.new.person)).scalar_one()
        given = {"district": CODE, "n": 10_000, "account": account, "role": "butler", "project": place}
        connection.execute(ROLE.insert().values(given | {"granted_at": system_clock_ms() - 20 * DAY_MS}))
    stage.push(serves(stage.boss, "stand_in", stage.old, for_id=stage.boss.person, to_date=day(-1)))
    assert Grant("butler", place) in roles_of(stage.central, stage.new)
    stage.push(serves(stage.boss, "stand_in", stage.new, for_id=stage.old.person, to_date=day(-1)))
    assert roles_of(stage.central, stage.new) == {Grant("butler")}
    assert Grant("butler", place) in roles_of(stage.central, stage.old)


@pytest.fixture
def clocked(tmp_path: Path) -> Iterator[tuple[Stage, list[int]]]:
    """A stage whose central's clock can be moved, by milliseconds."""
    later = [0]
    with running_central(tmp_path, wall=lambda: system_clock_ms() + later[0]) as central:
        yield Stage(central), later


def test_a_role_ends_and_begins_at_midnight(clocked: tuple[Stage, list[int]]) -> None:
    """Nobody writes anything: on the day after the last one the role is gone, on its first day it is there, also for
    who asks only days later. Late work is taken for thirty days from the end of the role."""
    stage, later = clocked
    place = stage.projects[0].id
    stage.push(
        serves(stage.boss, "butler", stage.old, place, to_date=day(1)),
        serves(stage.boss, "butler", stage.new, place, from_date=day(2)),
    )
    assert (len(seen(stage.old)), len(seen(stage.new))) == (4, 0)
    unsent = visit(stage.old, place)
    later[0] = DAY_MS
    assert not stage.old.pull()["dropped"] and not stage.new.pull()["granted"]
    later[0] = 4 * DAY_MS
    assert {*stage.old.pull()["dropped"]} == {*stage.new.pull()["granted"]} == {f"h:{place}", f"p:{place}"}
    assert outcome_codes(stage.old.push([unsent])) == ["applied"]
    with read_central(stage.central.data_dir) as connection:
        ends = connection.execute(select(ROLE.c.withdrawn_at).where(ROLE.c.withdrawn_at.is_not(None))).scalars().all()
        reached = connection.execute(select(DISTRICT.c.grants_day)).scalar_one()
    assert [district_time(at).isoformat() for at in ends] == [f"{day(2)}T00:00:00+08:00"]
    assert reached == day(4)
    changes = [one for one in admin.audit_page(stage.central.data_dir) if one["action"] == "grants"]
    assert [(one["detail"] or {})["cause"] for one in changes][-1] == "dates"


def test_a_day_that_has_begun_goes_on_for_who_is_a_moment_behind() -> None:
    """Of two processes at midnight the one behind does not give back what the other has ended; a clock that was really
    ahead does."""
    midnight = int(datetime.fromisoformat("2026-12-01T00:00:00+08:00").timestamp() * 1000)
    assert present_day(midnight, "2026-11-30") == present_day(midnight - 1, "2026-12-01") == "2026-12-01"
    assert present_day(midnight - 1, None) == present_day(midnight - 1, "2026-11-29") == "2026-11-30"
    assert present_day(midnight - MAX_BEHIND_MS - 1, "2026-12-01") == "2026-11-30"
    assert present_day(midnight - 1, "2026-12-02") == "2026-11-30"


def test_a_central_of_an_older_version_writes_its_roles_as_assignments(clocked: tuple[Stage, list[int]]) -> None:
    """At its first request such a central writes what it had granted into the ledger, once; what it had withdrawn ends
    the assignments that say otherwise; and whom the table named already is granted what it says."""
    stage, _ = clocked
    place, other = (each.id for each in stage.projects)
    stale, said = (serves(stage.boss, "butler", stage.new, at, from_date=day(-9)) for at in (place, other))
    stage.push(stale, said)
    made_old(stage, place, other)
    with write_central(stage.central.data_dir) as connection:  # the operator's command writes before any request
        counter = lock_named_district(connection, CODE)
        book = read_assignments(connection, CODE)
        apply_lines(connection, counter, book, book)
        counter.save(connection)
    for _ in range(2):
        stage.boss.hello()
        assert roles_of(stage.central, stage.old) == {Grant("butler"), Grant("butler", place)}
        assert roles_of(stage.central, stage.new) == {Grant("butler"), Grant("butler", other)}
        stage.boss.cursor = None
        stage.boss.pull_all()
        written = {(line.body["person_id"], line.project): line for line in stage.boss.assigned.values()}
        assert written[stage.new.person, place].body["to_date"] == day(-1)
        assert written[stage.old.person, place].body["from_date"] == day(-20)
        lines = admin.stats(stage.central.data_dir)["lines"]
        with write_central(stage.central.data_dir) as connection:
            connection.execute(DISTRICT.update().values(grants_day=None))
    assert admin.stats(stage.central.data_dir)["lines"] == lines
    adopted = [one["detail"] for one in admin.audit_page(stage.central.data_dir) if one["action"] == "adopted"]
    assert adopted == [{"written": 1, "ended": 1, "granted": 1}]


def made_old(stage: Stage, place: str, other: str) -> None:
    """Make the central one whose operator has granted the first officer a project and withdrawn it from the second, who
    was never granted the other one, whatever the ledger says."""
    with write_central(stage.central.data_dir) as connection:
        account = {row[0]: row[1] for row in connection.execute(select(ACCOUNT.c.person, ACCOUNT.c.id))}
        here = ROLE.c.account == account[stage.new.person]
        connection.execute(ROLE.update().where(here, ROLE.c.project == place).values(withdrawn_at=system_clock_ms()))
        connection.execute(ROLE.delete().where(here, ROLE.c.project == other))
        connection.execute(ROLE.insert().values(
            district=CODE, n=10_000, account=account[stage.old.person], role="butler", project=place,
            granted_at=system_clock_ms() - 20 * DAY_MS, withdrawn_at=None,
        ))  # fmt: skip
        connection.execute(DISTRICT.update().values(grants_day=None))
