"""Who may write what: one table, a role to a row (domain.md, "Who may do what"). Pure; loads no model.

The central decides by it (``sync/central/accounts/permissions.py``), where the role's scope reaches; the screens
hint by it
(`may`). Acts on an issue are those that the life table (``store/domain/issue_lifecycle.py``) gives the role, so that
screens and central agree. Where domain.md leaves something open, it is decided here:

- The bureau is the district's steward: it writes every kind and does every act, so that what an office without a laptop
  decides can be entered for it. But close-out numbers are the central's alone, and nobody approves their own line.
- A butler writes everything of the own projects but who serves them, approvals and evaluations; adds no project to the
  list; adds and corrects people and units, which all projects share, but does not strike them out.
- A department answers for the issues and procedures assigned to it, but adds and strikes out none.
- Leaders resolve at the meetings of their own level: a lead leader at 1 and 2, a principal leader at 3.
- A kind that this version does not know is written by who writes anything in the same area.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from store.domain.issue_lifecycle import TRANSITIONS
from store.ledger.buckets import DISTRICT_WIDE_AREAS, Area

Verb = Literal["create", "change", "delete"]
Verbs = frozenset[Verb]

NO_VERBS, CHANGE_ONLY, CREATE_AND_CHANGE = Verbs(), Verbs({"change"}), Verbs({"create", "change"})
ALL_VERBS = Verbs({"create", "change", "delete"})
ISSUE_STEP = "issue_step"

KIND_AREAS: Mapping[str, Area] = {
    "person": Area.DISTRICT,
    "unit": Area.DISTRICT,
    "policy": Area.DISTRICT,
    "training": Area.DISTRICT,
    "attendance": Area.DISTRICT,
    "adoption": Area.DISTRICT,
    "district_limit": Area.DISTRICT,
    "contact": Area.CONTACT,
    "project": Area.HEAD,
    "assignment": Area.HEAD,
    "visit": Area.BODY,
    "meeting": Area.BODY,
    "policy_delivery": Area.BODY,
    "progress_report": Area.BODY,
    "statistics_entry": Area.BODY,
    "data_return": Area.BODY,
    "issue": Area.ISSUE,
    ISSUE_STEP: Area.ISSUE,
    "follow_up": Area.ISSUE,
    "close_out": Area.ISSUE,
    "procedure": Area.PROCEDURE,
    "evaluation": Area.BUREAU,
    "criterion": Area.BUREAU,
}
"""Every kind of line with its area, as the models have it (a test holds both against each other)."""
UNDELETABLE_KINDS = frozenset({"project", ISSUE_STEP})
"""Kinds whose lines nobody deletes: a project leaves the list by an adjustment, steps are only ever added."""


@dataclass(frozen=True, slots=True)
class RolePermissions:
    """What a role may write: by kind, what it may do to its lines. ``every_act``: every act on an issue, not only those
    that the life table gives the role. ``levels``: at which it may resolve an issue; None is at any."""

    kinds: Mapping[str, Verbs]
    all_acts: bool = False
    levels: tuple[int, ...] | None = None

    def verbs_for(self, kind: str, area: Area) -> Verbs:
        """What the role may do to lines of ``kind``, which lie in ``area``."""
        if kind in KIND_AREAS:
            return self.kinds.get(kind, NO_VERBS)
        writes_there = any(verbs and KIND_AREAS[name] == area for name, verbs in self.kinds.items())
        return ALL_VERBS if writes_there else NO_VERBS


_PROJECT_KINDS = {kind: ALL_VERBS for kind, area in KIND_AREAS.items() if area not in DISTRICT_WIDE_AREAS}

ROLE_PERMISSIONS: Mapping[str, RolePermissions] = {
    "butler": RolePermissions(
        {
            **_PROJECT_KINDS,
            "project": CHANGE_ONLY,
            "assignment": NO_VERBS,
            "close_out": NO_VERBS,
            "person": CREATE_AND_CHANGE,
            "unit": CREATE_AND_CHANGE,
            "contact": CREATE_AND_CHANGE,
        }
    ),
    "lead_leader": RolePermissions(
        {"visit": ALL_VERBS, "meeting": ALL_VERBS, ISSUE_STEP: CREATE_AND_CHANGE}, levels=(1, 2)
    ),
    "department": RolePermissions({"procedure": CHANGE_ONLY, ISSUE_STEP: CREATE_AND_CHANGE}),
    "bureau": RolePermissions({**dict.fromkeys(KIND_AREAS, ALL_VERBS), "close_out": NO_VERBS}, all_acts=True),
    "supervision_office": RolePermissions({"evaluation": ALL_VERBS, ISSUE_STEP: CREATE_AND_CHANGE}),
    "principal_leader": RolePermissions({"meeting": ALL_VERBS, ISSUE_STEP: CREATE_AND_CHANGE}, levels=(3,)),
}
"""The table, by role."""


def may_act(role: str, act: object, level: object) -> bool:
    """Whether a role may do an act on an issue; ``level`` is the one that the step names."""
    authority, rule = ROLE_PERMISSIONS[role], TRANSITIONS.get(str(act))
    if authority.all_acts:
        return True
    if rule is None or role not in rule.roles:
        return False
    return act != "resolved" or authority.levels is None or level in authority.levels


def may_write(
    roles: Iterable[str], kind: str, act: str | None = None, *, verb: Verb = "create", level: int = 0
) -> bool:
    """Whether one of these roles may write a kind of line, where its scope reaches; for an issue step, whether it may
    do this act at this level of the issue. A hint: the central decides."""
    if verb == "delete" and kind in UNDELETABLE_KINDS:
        return False
    area = KIND_AREAS.get(kind, Area.BODY)
    return any(
        verb in ROLE_PERMISSIONS[role].verbs_for(kind, area) and (act is None or may_act(role, act, level))
        for role in roles
        if role in ROLE_PERMISSIONS
    )
