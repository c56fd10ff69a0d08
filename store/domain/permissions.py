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

from store.domain.issue_lifecycle import LIFE
from store.ledger.buckets import UNDIVIDED, Area

Verb = Literal["create", "change", "delete"]
Verbs = frozenset[Verb]

NOBODY, CHANGE, WRITE = Verbs(), Verbs({"change"}), Verbs({"create", "change"})
ANY = Verbs({"create", "change", "delete"})
STEP = "issue_step"

KINDS: Mapping[str, Area] = {
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
    STEP: Area.ISSUE,
    "follow_up": Area.ISSUE,
    "close_out": Area.ISSUE,
    "procedure": Area.PROCEDURE,
    "evaluation": Area.BUREAU,
    "criterion": Area.BUREAU,
}
"""Every kind of line with its area, as the models have it (a test holds both against each other)."""
NEVER_DELETED = frozenset({"project", STEP})
"""Kinds whose lines nobody deletes: a project leaves the list by an adjustment, steps are only ever added."""


@dataclass(frozen=True, slots=True)
class Authority:
    """What a role may write: by kind, what it may do to its lines. ``every_act``: every act on an issue, not only those
    that the life table gives the role. ``levels``: at which it may resolve an issue; None is at any."""

    kinds: Mapping[str, Verbs]
    every_act: bool = False
    levels: tuple[int, ...] | None = None

    def on(self, kind: str, area: Area) -> Verbs:
        """What the role may do to lines of ``kind``, which lie in ``area``."""
        if kind in KINDS:
            return self.kinds.get(kind, NOBODY)
        writes_there = any(verbs and KINDS[name] == area for name, verbs in self.kinds.items())
        return ANY if writes_there else NOBODY


_OF_A_PROJECT = {kind: ANY for kind, area in KINDS.items() if area not in UNDIVIDED}

AUTHORITY: Mapping[str, Authority] = {
    "butler": Authority(
        {
            **_OF_A_PROJECT,
            "project": CHANGE,
            "assignment": NOBODY,
            "close_out": NOBODY,
            "person": WRITE,
            "unit": WRITE,
            "contact": WRITE,
        }
    ),
    "lead_leader": Authority({"visit": ANY, "meeting": ANY, STEP: WRITE}, levels=(1, 2)),
    "department": Authority({"procedure": CHANGE, STEP: WRITE}),
    "bureau": Authority({**dict.fromkeys(KINDS, ANY), "close_out": NOBODY}, every_act=True),
    "supervision_office": Authority({"evaluation": ANY, STEP: WRITE}),
    "principal_leader": Authority({"meeting": ANY, STEP: WRITE}, levels=(3,)),
}
"""The table, by role."""


def may_act(role: str, act: object, level: object) -> bool:
    """Whether a role may do an act on an issue; ``level`` is the one that the step names."""
    authority, rule = AUTHORITY[role], LIFE.get(str(act))
    if authority.every_act:
        return True
    if rule is None or role not in rule.roles:
        return False
    return act != "resolved" or authority.levels is None or level in authority.levels


def may(roles: Iterable[str], kind: str, act: str | None = None, *, verb: Verb = "create", level: int = 0) -> bool:
    """Whether one of these roles may write a kind of line, where its scope reaches; for an issue step, whether it may
    do this act at this level of the issue. A hint: the central decides."""
    if verb == "delete" and kind in NEVER_DELETED:
        return False
    area = KINDS.get(kind, Area.BODY)
    return any(
        verb in AUTHORITY[role].on(kind, area) and (act is None or may_act(role, act, level))
        for role in roles
        if role in AUTHORITY
    )
