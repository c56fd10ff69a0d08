"""Who must act on an issue now, and when it should go one level up (domain.md, Life of an issue; R25, R36, R39, R49).

Pure: computed from an issue's state, never stored. A proposed escalation has no effect until a person confirms it.
"""

from __future__ import annotations

from typing import Literal

from store.domain.issue_lifecycle import TOP_LEVEL, IssueState
from store.domain.status_lights import LightThresholds, effective_due

ResponsibleParty = Literal["butler", "department", "owner", "lead_unit", "lead_leader", "principal_leader", "bureau"]
_PARTY_BY_LEVEL: dict[int, ResponsibleParty] = {1: "lead_unit", 2: "lead_leader", 3: "principal_leader"}
_PARTY_BY_STATE: dict[str, ResponsibleParty] = {
    "open": "butler", "assigned": "department", "in_progress": "owner", "waiting": "owner",
    "pending_approval": "bureau",
}  # fmt: skip
ESCALATABLE_STATES = ("assigned", "in_progress", "waiting")


def responsible_party(state: str, level: int, *, confirmation_required: bool = False) -> ResponsibleParty | None:
    """Who must act next; None where the issue is finished. A settled issue waits for the bureau, or with
    ``confirmation_required`` first for the butler, who asks the enterprise."""
    if state == "escalated":
        return _PARTY_BY_LEVEL[level]
    if state == "settled":
        return "butler" if confirmation_required else "bureau"
    return _PARTY_BY_STATE.get(state)


def proposed_escalation_level(thresholds: LightThresholds, state: IssueState) -> int | None:
    """The level that the overdue rule proposes to escalate to; None where it proposes nothing."""
    due = effective_due(state.state, state.due, state.waiting_until)
    late = due is not None and due <= thresholds.escalate_due
    return state.level + 1 if late and state.state in ESCALATABLE_STATES and state.level < TOP_LEVEL else None
