"""Extensions: asked for before the limit, granted or refused by who may, and the day moves only when granted."""

from __future__ import annotations

import json
from typing import Any

import pytest

from store.commands import issues, register_lines
from store.commands.exceptions import (
    ExtensionNotAsked,
    ExtensionNotLater,
    ExtensionNotYours,
    ExtensionTooLate,
    OwnExtension,
    StartNotCalled,
)
from store.domain.registers import TIME_RULE_REGISTER
from store.queries.issues import IssueDetail, issue
from store.queries.light_proof import light_proof
from tests.store.queries.sample import TODAY, Sample

DAY_MS = 86_400_000


def shown(district: Sample) -> IssueDetail:
    """The sample's issue as it stands."""
    found = issue(district.connection, district.issue, district.on)
    assert found is not None
    return found


def act(district: Sample, verb: str, **fields: Any) -> IssueDetail:
    """An act on it, a second later, and how it stands then."""
    district.clock.now += 1000
    issues.act(district.ledger, district.issue, verb, **fields)
    return shown(district)


def give_role(district: Sample, role: str, person: str | None = None) -> None:
    """Let the person at this device have this role at a central, and perhaps be somebody else."""
    district.ledger.within_roles = True
    facts = [("central", "https://central.example"), ("roles", json.dumps([{"role": role}]))]
    facts += [("person", person)] if person else []
    with district.ledger.database.write() as connection:
        connection.executemany("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", facts)


@pytest.mark.proves("R11", "R39")
def test_only_what_is_granted_moves_the_day(district: Sample) -> None:
    """The request leaves it; refusing too; granting takes the day and the reason that were asked for, and is named in
    the proof with who asked and who answered."""
    act(district, "assign")
    due = shown(district).row.due
    asked = act(district, "ask-extension", due="+20", reason="待评审")
    assert (asked.row.due, asked.row.extension) == (due, asked.steps[-1].id)
    refused = act(district, "refuse-extension", reason="工期紧")
    assert (refused.row.due, refused.row.extension) == (due, None)
    with pytest.raises(ExtensionNotAsked):
        act(district, "refuse-extension", reason="再次")
    again = act(district, "ask-extension", due="+10", reason="已送审")
    granted = act(district, "extend")
    assert (granted.row.due, granted.row.extension) == (again.steps[-1].due, None)
    assert granted.steps[-1].reason == "已送审"
    proof = light_proof(district.connection, district.issue, TODAY)
    assert proof is not None
    assert [(each.reason, each.answer) for each in proof.extensions] == [("待评审", "refused"), ("已送审", "granted")]
    assert (
        district.connection.execute("SELECT count(*) FROM issue_state WHERE out_of_turn IS NOT NULL").fetchone()[0] == 0
    )


def test_a_request_comes_before_the_limit_and_is_for_a_later_day(district: Sample) -> None:
    """Afterwards it is refused with the limit, unless the issue waits by agreement; an earlier day extends nothing."""
    act(district, "assign")
    with pytest.raises(ExtensionNotLater):
        act(district, "ask-extension", due="+1", reason="早些")
    district.clock.now += 7 * DAY_MS
    with pytest.raises(ExtensionTooLate) as late:
        act(district, "ask-extension", due="+20", reason="晚了")
    assert str(shown(district).row.due) in str(late.value)


def test_a_rule_leaves_the_extension_to_one_role(district: Sample) -> None:
    """With a rule that names the lead leader the department asks and does not extend, nobody answers a request of their
    own, and the leader grants."""
    rule = {"days": "10", "counting": "workdays", "start": "assigned", "pauses": "none", "valid_from": "2020-01-01"}
    register_lines.add(district.ledger, TIME_RULE_REGISTER, **rule, extended_by="lead_leader")
    act(district, "assign")
    give_role(district, "department")
    with pytest.raises(ExtensionNotYours):
        act(district, "extend", due="+30", reason="自行延期")
    act(district, "ask-extension", due="+30", reason="待评审")
    give_role(district, "lead_leader")
    with pytest.raises(OwnExtension):
        act(district, "extend")
    give_role(district, "lead_leader", "0190d000-0000-7000-8000-0000000000ff")
    assert act(district, "extend").row.extension is None


def test_a_rule_for_another_act_than_settling_runs_from_what_calls_for_it(district: Sample) -> None:
    """Versions that know of settling alone would take it for a rule of that; with that start they do not read it."""
    rule = {"days": "4", "counting": "hours", "pauses": "none", "valid_from": "2020-01-01", "act": "accept"}
    with pytest.raises(StartNotCalled):
        register_lines.add(district.ledger, TIME_RULE_REGISTER, **rule, start="assigned")
    register_lines.add(district.ledger, TIME_RULE_REGISTER, **rule, start="called")
    assert act(district, "assign").row.light == "blue"
