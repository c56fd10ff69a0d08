"""The order in which the people of a project are listed: that of the responsibility table."""

from __future__ import annotations

ROLE_ORDER = (
    "lead_leader",
    "lead_unit",
    "service_team",
    "butler",
    "project_secretary",
    "department_contact",
    "enterprise_contact",
)


def role_rank(role: str) -> int:
    """A role's position in the responsibility table; unknown roles come last."""
    return ROLE_ORDER.index(role) if role in ROLE_ORDER else len(ROLE_ORDER)
