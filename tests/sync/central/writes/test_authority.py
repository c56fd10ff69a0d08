"""Authority with time: what a withdrawn role still covers, whose text lost unseen, and four eyes after edits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from store.ledger.line import Line
from sync.central.admin import admin
from tests.sync.central.cells import changed_by, named
from tests.sync.central.ledger import assignment, issue, outcome_codes, project, step, unit, visit
from tests.sync.central_fixture import Central, Laptop, running_central


class Ground:
    """A bureau's two officers, a butler's laptop, and their project with an issue that is settled."""

    def __init__(self, central: Central) -> None:
        self.central = central
        self.boss, self.second = central.enrol("局长"), central.enrol("副局长")
        self.project, self.office = project(self.boss), unit(self.boss)
        taken(self.boss, self.project, self.office)
        self.butler = central.enrol("刘丁", "butler", projects=[self.project.id])
        self.issue = issue(self.butler, self.project.id)
        taken(self.butler, self.issue)


def taken(laptop: Laptop, *lines: Line) -> None:
    """Push lines that must be applied."""
    assert set(outcome_codes(laptop.push(lines))) == {"applied"}


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Ground]:
    """The ground over SQLite."""
    with running_central(tmp_path) as central:
        yield Ground(central)


def test_late_work_of_a_withdrawn_role_arrives_and_late_decisions_do_not(ground: Ground) -> None:
    """What a butler wrote before the hand-over arrives: visits, issues, own steps. A role that is lost assigns nobody,
    sets no limit, resolves, cancels and strikes out nothing with a stamp of before, and changes no other register."""
    butler, of = ground.butler, ground.project
    seen = visit(butler, of.id)
    taken(butler, seen)
    raised = issue(butler, of.id, number="W-2")
    work = [visit(butler, of.id, "新"), changed_by(butler, seen), raised]
    work += [step(butler, ground.issue, act) for act in ("progress", "told", "settled")]
    decisions = [step(butler, ground.issue, "assigned", department_id=ground.office.id)]
    decisions += [step(butler, ground.issue, act) for act in ("extended", "resolved", "cancelled", "reopened")]
    others = [
        changed_by(butler, seen, deleted=True),
        changed_by(butler, of),
        butler.line("progress_report", {"month": "2026-03"}, of.id),
        butler.line("procedure", {"code": "01", "name": "立项", "status": "preparing"}, of.id),
    ]
    admin.withdraw(ground.central.data_dir, "刘丁", "butler", projects=[of.id])
    outcomes = butler.push([*work, *decisions, *others])
    assert outcome_codes(outcomes[: len(work)]) == ["applied"] * len(work)
    refused = {(outcome["code"], outcome["reason"]) for outcome in outcomes[len(work) :]}
    assert refused == {("forbidden", "not in your scope, or not there")}


def test_a_former_bureau_officer_decides_nothing_with_an_old_stamp(ground: Ground) -> None:
    """Assignments, limits and evaluations of the bureau need its role of now, whatever their stamp says."""
    gone, of = ground.second, ground.project
    acts = [
        assignment(gone, of.id),
        gone.line("district_limit", {"name": "silence_days", "value": 99}),
        gone.line("evaluation", {"period": "2026", "outcome": "none"}),
        step(gone, ground.issue, "returned"),
        step(gone, ground.issue, "assigned", department_id=ground.office.id),
        changed_by(gone, ground.issue, deleted=True),
    ]
    admin.withdraw(ground.central.data_dir, "副局长", "bureau")
    assert outcome_codes(gone.push(acts)) == ["forbidden"] * len(acts)


@pytest.mark.parametrize("forged", [{"base": (1 << 63) - 1}, {"base": None}])
def test_a_forged_base_hides_no_loss(ground: Ground, forged: dict[str, int | None]) -> None:
    """A line that claims to follow some later version, whose author never saw the text that it replaces, is told as a
    conflict: the loser is kept as superseded, and given back."""
    text = changed_by(ground.boss, ground.project, body={**ground.project.body, "name": "局长写的"})
    taken(ground.boss, text)
    over = changed_by(ground.butler, text)
    over = over._replace(base=forged["base"] or text.stamp + 1, stamp=text.stamp + 2)
    (outcome,) = ground.butler.push([over])
    assert (outcome["outcome"], outcome["loser"]["stamp"]) == ("applied", text.stamp)
    versions = ground.boss.client.get(f"/v1/history/{text.id}").json()["versions"]
    assert [version["reason"] for version in versions][:2] == [None, "superseded"]


def test_who_names_the_very_version_has_seen_it(ground: Ground) -> None:
    """An edit of a version that the central sent is an edit, and nobody is told of a conflict."""
    (outcome,) = ground.butler.push([changed_by(ground.butler, ground.project)])
    assert outcome == {"id": ground.project.id, "outcome": "applied"}
    versions = ground.boss.client.get(f"/v1/history/{ground.project.id}").json()["versions"]
    assert [version["reason"] for version in versions] == [None, "edited"]


def test_nobody_writes_as_a_colleagues_device(ground: Ground) -> None:
    """A line that names another person's device, to pass for their own edit, is refused; one's own other device, as
    of a copied home, is not."""
    own = ground.central.enrol("刘丁", "butler")
    lines = [
        changed_by(ground.butler, ground.project)._replace(device=ground.boss.device),
        visit(ground.butler, ground.project.id)._replace(device=own.device),
    ]
    assert outcome_codes(ground.butler.push(lines)) == ["not_author", "applied"]
    alike = [visit(ground.butler, ground.project.id) for _ in range(3)]
    alike[1] = alike[1]._replace(device=ground.boss.device)
    assert outcome_codes(ground.butler.push(alike)) == ["applied", "not_author", "applied"]


def test_the_recorder_approves_nothing_after_anybodys_edit(ground: Ground) -> None:
    """Whoever recorded an issue does not approve it, though a colleague edited it since; an uninvolved one may."""
    recorded = issue(ground.boss, ground.project.id, number="W-9")
    edited = changed_by(ground.butler, recorded)
    settled = step(ground.butler, recorded, "settled", measure="接电", evidence="照片")
    taken(ground.boss, recorded)
    taken(ground.butler, edited, settled)
    versions = [named(edited), named(settled)]
    for officer, outcome in ((ground.boss, "forbidden"), (ground.second, "applied")):
        assert outcome_codes(officer.push([step(officer, recorded, "approved", versions=versions)])) == [outcome]


def test_an_approval_names_versions_that_exist(ground: Ground) -> None:
    """A version that was never there, by its stamp or its device, cannot be approved beforehand; a former one may be
    named."""
    settled = step(ground.butler, ground.issue, "settled", measure="接电", evidence="照片")
    edited = changed_by(ground.butler, ground.issue)
    taken(ground.butler, settled, edited)
    real = named(settled)
    for invented in ({**real, "stamp": settled.stamp + 1}, {**real, "device": ground.boss.device}, {"id": settled.id}):
        approval = step(ground.second, ground.issue, "approved", versions=[named(edited), invented])
        assert outcome_codes(ground.second.push([approval]))[0] != "applied"
    former = step(ground.second, ground.issue, "approved", versions=[named(ground.issue), real])
    assert outcome_codes(ground.second.push([former])) == ["applied"]
