"""A line that the central refuses stays on the laptop, with a code and a sentence, until a person decides."""

from __future__ import annotations

from pathlib import Path

from store.queries.lines import RejectedLine, rejected_lines
from sync.central.admin import admin
from tests.sync.central_fixture import Central
from tests.sync.laptops import Laptop, bureau, project, visit


def refused(laptop: Laptop) -> list[RejectedLine]:
    """What ``guanjia rejected list`` shows."""
    with laptop.open() as device:
        return rejected_lines(device.ledger.database.connection())


def test_a_refused_act_is_shown_corrected_and_sent(tmp_path: Path, at: Central) -> None:
    """A lead leader resolves an issue at the principal leader's level: the step comes back with a sentence and holds up
    nothing; put right, it is taken, and the office has it as it was corrected."""
    office = bureau(tmp_path / "office", at)
    own = project(office)
    body = {"number": "W-1", "title": "缺电", "kind": "problem"}
    with office.open() as device:
        raised = device.ledger.put("issue", body, project=own.id)
    office.sync()
    leader = Laptop(tmp_path / "leader").join(at, at.invite("赵领", "lead_leader", projects=[own.id]))
    leader.sync()
    step = leader.put("issue_step", issue_id=raised.id, act="resolved", level=3, text="接电", project=own.id)
    seen = visit(leader, own)
    result = leader.sync()
    assert (result.pushed, result.rejected, result.pending, result.verified) == (1, 1, 0, True)
    assert not result.in_agreement
    [shown] = refused(leader)
    assert (shown.id, shown.kind, shown.code, shown.body["text"]) == (step.id, "issue_step", "forbidden", "接电")
    assert shown.reason == "none of your roles may write that an issue here was resolved at level 3"
    assert leader.lines().keys() >= {step.id, seen.id}
    with leader.open() as device:
        device.ledger.edit("issue_step", step.id, level=2)
    assert leader.sync().needs_no_attention
    assert refused(leader) == []
    office.sync()
    assert office.lines()[step.id].body["level"] == 2


def test_a_refused_line_waits_for_the_role_that_it_lacks(tmp_path: Path, at: Central) -> None:
    """A department may not add a procedure: the line stays through rounds and restarts, as it was written, until the
    person has the role and sends it again."""
    office = bureau(tmp_path / "office", at)
    own, unit = project(office), office.put("unit", name="发改局")
    office.sync()
    clerk = Laptop(tmp_path / "clerk").join(at, at.invite("钱办", "department", department=unit.id))
    clerk.sync()
    line = clerk.put("procedure", code="01", name="立项", status="preparing", department_id=unit.id, project=own.id)
    for _ in range(2):
        assert clerk.sync().rejected == 1
        [shown] = refused(clerk)
        assert (shown.id, shown.code, shown.body) == (line.id, "forbidden", line.body)
        assert clerk.lines()[line.id] == line
    admin.grant(at.data_dir, "钱办", "butler", projects=[own.id])
    with clerk.open() as device:
        assert device.ledger.retry_rejected([line.id]) == 1
    assert clerk.sync().needs_no_attention
    office.sync()
    assert office.lines()[line.id] == line
