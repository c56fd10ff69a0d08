"""Who may answer for a due date at the central: as the time rule of the district says, and never one's own request."""

from __future__ import annotations

from typing import Any

from store.ledger.line import Line
from tests.sync.central.accounts.test_co_handling import Departments
from tests.sync.central.ledger import outcome_codes, step
from tests.sync.central_fixture import Central, Laptop


def rule(laptop: Laptop, **more: Any) -> Line:
    """A rule for settling, with these fields."""
    says = {"days": 10, "counting": "workdays", "start": "recorded", "pauses": "none", "valid_from": "2020-01-01"}
    return laptop.line("time_rule", {**says, **more})


def test_a_rule_leaves_extensions_to_one_role(central: Central) -> None:
    """Before there is a rule the leading department extends by itself; after it, only the role that the rule names and
    the bureau do, whatever a changed program sends. Everybody may ask, and nobody answers their own request."""
    departments = Departments(central)
    lead, bureau, of = departments.laptops[0], departments.bureau, departments.issue
    later: dict[str, Any] = {"due": "2026-12-30", "reason": "雨季"}
    assert outcome_codes(lead.push([step(lead, of, "extended", **later)])) == ["applied"]
    assert outcome_codes(bureau.push([rule(bureau, extended_by="lead_leader")])) == ["applied"]
    asked = step(lead, of, "extension_asked", **later)
    by_itself = step(lead, of, "extended", **later, request_id=asked.id)
    assert outcome_codes(lead.push([asked])) == ["applied"]
    assert outcome_codes(lead.push([by_itself, step(lead, of, "extended", **later)])) == ["forbidden"] * 2
    leader = central.enrol("牵头领导", "lead_leader", projects=[departments.project.id])
    granted = step(leader, of, "extended", **later, request_id=asked.id)
    assert outcome_codes(leader.push([granted])) == ["applied"]
    again = step(bureau, of, "extension_asked", **later)
    own = step(bureau, of, "extension_refused", reason="不必", request_id=again.id)
    assert outcome_codes(bureau.push([again])) == ["applied"]
    assert outcome_codes(bureau.push([own])) == ["forbidden"]
