"""Limits on the table of who may write what: scope, steps are only added, one's own line. The table itself is tested
cell by cell in ``test_role_matrix.py``."""

from __future__ import annotations

import pytest

from store.ledger.line import Line, new_id
from sync.central.accounts.permissions import acting_denial_reason, approval_denial_reason, denial_reason
from sync.central.accounts.scope import ROLES, BucketOwner, Grant
from sync.central.admin import admin
from tests.sync.central.ledger import assignment, issue, outcome_codes, project, step, unit, visit
from tests.sync.central_fixture import Central

P, D, ROOT, ME = new_id(), new_id(), new_id(), new_id()
DISTRICT, BUREAU = BucketOwner("d", "d", None, None), BucketOwner("b", "b", None, None)
HEAD, BODY = BucketOwner(f"h:{P}", "h", P, None), BucketOwner(f"p:{P}", "p", P, None)
ISSUE, PROCEDURE = BucketOwner(f"i:{ROOT}", "i", P, D), BucketOwner(f"c:{ROOT}", "c", P, D)
GRANTS = {
    role: Grant(role, P if role in ("butler", "lead_leader") else None, D if role == "department" else None)
    for role in ROLES
}


def line(kind: str, **body: object) -> Line:
    """A line of a kind, with the fields that permissions depend on."""
    return Line(new_id(), kind, P, 1, new_id(), ME, False, body)


def may(kind: str, ground: BucketOwner, held: Line | None = None, **body: object) -> set[str]:
    """The roles that may write such a line there."""
    wanted = line(kind, **body)
    if kind == "project":
        wanted = wanted._replace(id=P)
    return {role for role, grant in GRANTS.items() if denial_reason([grant], wanted, ground, held) is None}


def test_kinds_to_come_are_written_by_who_writes_there() -> None:
    """A kind that this version does not know goes by its area: who writes anything there may write it too."""
    assert may("something_newer", BODY) == {"bureau", "butler", "lead_leader", "principal_leader"}
    assert may("something_newer", DISTRICT) == {"bureau", "butler"}
    assert may("something_newer", BUREAU) == {"bureau", "supervision_office"}


def test_a_butler_edits_the_project_but_does_not_add_one() -> None:
    """The list of projects is the bureau's; what a butler's own project says, the butler's too (R05)."""
    held = line("project")._replace(id=P)
    assert may("project", HEAD, held) == {"bureau", "butler"}
    assert denial_reason([GRANTS["bureau"]], line("project"), HEAD, None) == "a project lies in its own bucket"


def test_scope_bounds_authority() -> None:
    """Only a whole-district role may write in another project or department."""
    elsewhere = BucketOwner("i:x", "i", new_id(), new_id())
    assert may("issue_step", elsewhere, act="accepted") == {"bureau"}
    assert may("visit", BucketOwner("p:x", "p", new_id(), None)) == {"bureau"}


def test_steps_are_only_added() -> None:
    """A step may be sent again by its author with the same act (a corrected clock); nobody changes or deletes one, nor
    deletes a project."""
    own = line("issue_step", act="accepted")
    for other in (own._replace(author=new_id()), own._replace(body={"act": "progress"})):
        assert denial_reason([GRANTS["bureau"]], own, ISSUE, other) == "steps are only ever added"
    assert denial_reason([GRANTS["bureau"]], own, ISSUE, own) is None
    for kind in ("issue_step", "project"):
        assert denial_reason([GRANTS["bureau"]], line(kind, act="told")._replace(deleted=True), ISSUE, None)


def test_nobody_approves_their_own_line() -> None:
    """An approval is for another person's settlement and issue, both known to the central (R48)."""
    recorded = line("issue")._replace(author=new_id())
    settled = line("issue_step", act="settled")._replace(author=new_id())
    named = [{"id": one.id, "stamp": one.stamp, "device": one.device} for one in (recorded, settled)]
    approval = line("issue_step", act="approved", versions=named)
    assert approval_denial_reason(approval, [recorded, settled]) is None
    for mine in ([recorded._replace(author=ME), settled], [recorded, settled._replace(author=ME)]):
        assert approval_denial_reason(approval, mine) == "nobody approves their own line"
    assert approval_denial_reason(approval, [recorded]) == "the approval names a version that has not arrived here"
    beside = [line("follow_up"), line("close_out"), line("issue_step", act="returned")]
    assert approval_denial_reason(approval, [recorded, settled, *beside]) is None


def test_nobody_approves_through_a_stand_in() -> None:
    """Not their own settlement in another's place, nor one in whose place it was entered, nor that of somebody for whom
    they stand in; what a third settled they may approve in another's place."""
    them, other = new_id(), new_id()
    recorded = line("issue")._replace(author=other)
    settled = line("issue_step", act="settled")._replace(author=them)
    for_them = line("issue_step", act="settled", acting_for_id=them)._replace(author=other)
    named = [{"id": one.id, "stamp": one.stamp, "device": one.device} for one in (recorded, settled, for_them)]
    plain = line("issue_step", act="approved", versions=named[:2])
    in_their_place = line("issue_step", act="approved", acting_for_id=them, versions=[named[0], named[2]])
    own = settled._replace(author=ME)
    denied = "nobody approves their own line"
    assert approval_denial_reason(plain, [recorded, settled], (), {them}) == denied
    assert approval_denial_reason(in_their_place, [recorded, for_them]) == denied
    assert approval_denial_reason(in_their_place, [recorded, own], (), {them}) == denied
    assert approval_denial_reason(plain, [recorded, settled], (), {new_id()}) is None


def test_whose_place_somebody_writes_in() -> None:
    """Of whom they stand in for; the bureau for everybody; and an edit leaves what the line says."""
    them, butler, bureau = new_id(), [GRANTS["butler"]], [GRANTS["bureau"]]
    wanted = line("visit", acting_for_id=them)
    assert acting_denial_reason(butler, wanted, None, {them}) is None
    assert acting_denial_reason(bureau, wanted, None, ()) is None
    assert acting_denial_reason(butler, wanted, wanted, ()) is None
    assert acting_denial_reason(butler, line("visit"), None, ()) is None
    for no_id in ([them], {them: 1}, 7):
        assert acting_denial_reason(bureau, line("unit", acting_for_id=no_id), None, {them}) is not None
    for existing in (None, line("visit"), line("visit", acting_for_id=new_id())):
        assert acting_denial_reason(butler, wanted, existing, {new_id()}) is not None


def test_everybody_says_who_stands_in_for_them() -> None:
    """Until a day, for themselves, and not what others have said; a stand-in that is not theirs is the bureau's."""
    other, leader = new_id(), [GRANTS["lead_leader"]]
    own = line("assignment", role="stand_in", for_id=ME, person_id=other, to_date="2026-12-01")._replace(project=None)
    assert denial_reason(leader, own, DISTRICT, None) is None
    assert denial_reason(leader, own._replace(deleted=True), DISTRICT, own) is None
    foreign = own._replace(body={**own.body, "for_id": other, "person_id": ME})
    endless = own._replace(body={**own.body, "to_date": None})
    of_a_project = own._replace(project=P)
    for wanted in (foreign, endless, of_a_project, own._replace(body={**own.body, "role": "bureau"})):
        assert denial_reason(leader, wanted, DISTRICT, None) is not None
        assert denial_reason(leader, own, DISTRICT, wanted) is not None


@pytest.mark.proves("R12", "R33", "R48")
def test_the_whole_way_of_an_issue(central: Central) -> None:
    """Butler, department and bureau each do their part over HTTP; what is another's part is forbidden."""
    bureau, second = central.enrol("局长"), central.enrol("副局长")
    own, office = project(bureau), unit(bureau)
    assert outcome_codes(bureau.push([own, office])) == ["applied"] * 2
    butler = central.enrol("甲", "butler", projects=[own.id])
    department = central.enrol("丙", "department", department="发改局")
    leader = central.enrol("丁", "principal_leader")
    raised = issue(butler, own.id)
    assigned = step(butler, raised, "assigned", department_id=office.id)
    assert outcome_codes(butler.push([raised, assigned, assignment(butler, own.id)])) == [
        "applied",
        "applied",
        "forbidden",
    ]
    assert outcome_codes(leader.push([step(leader, raised, "accepted"), visit(leader, own.id)])) == ["forbidden"] * 2
    settled = step(department, raised, "settled", measure="接电", evidence="照片")
    assert outcome_codes(department.push([step(department, raised, "accepted"), settled])) == ["applied"] * 2
    named = [{"id": one.id, "stamp": one.stamp, "device": one.device} for one in (raised, settled)]
    for officer, outcome in ((butler, "forbidden"), (department, "forbidden"), (bureau, "applied")):
        assert outcome_codes(officer.push([step(officer, raised, "approved", versions=named)])) == [outcome]
    mine = step(second, raised, "settled", measure="再接", evidence="图")
    both = [*named, {"id": mine.id, "stamp": mine.stamp, "device": mine.device}]
    assert outcome_codes(second.push([mine, step(second, raised, "approved", versions=both)])) == [
        "applied",
        "forbidden",
    ]


def test_a_step_is_nobody_elses_to_change(central: Central) -> None:
    """A butler cannot turn the bureau's approval into something else by writing a later version of it."""
    bureau = central.enrol("局长")
    own = project(bureau)
    raised = issue(bureau, own.id)
    reported = step(bureau, raised, "told")
    assert set(outcome_codes(bureau.push([own, raised, reported]))) == {"applied"}
    butler = central.enrol("甲", "butler", projects=[own.id])
    forged = reported._replace(stamp=reported.stamp + 9, author=butler.person, device=butler.device)
    assert outcome_codes(butler.push([forged])) == ["forbidden"]


def test_an_approval_needs_a_role_of_now(central: Central) -> None:
    """What a bureau's officer wrote before the role was withdrawn is still taken, but an approval is not."""
    boss, gone = central.enrol("局长"), central.enrol("副局长")
    own = project(boss)
    raised = issue(boss, own.id)
    settled = step(boss, raised, "settled", measure="接电", evidence="照片")
    assert set(outcome_codes(boss.push([own, raised, settled]))) == {"applied"}
    named = [{"id": one.id, "stamp": one.stamp, "device": one.device} for one in (raised, settled)]
    before = [step(gone, raised, "supervised"), step(gone, raised, "approved", versions=named)]
    admin.withdraw(central.data_dir, "副局长", "bureau")
    assert outcome_codes(gone.push([*before, step(gone, raised, "supervised")])) == [
        "applied",
        "forbidden",
        "forbidden",
    ]
