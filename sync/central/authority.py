"""Who may write what: one table, a role to a row (domain.md, "Who may do what"). The central decides by it.

A role writes only where its scope reaches (``scope.py``). There, `AUTHORITY` says which kinds; acts on an issue are
those that the life table (``store/issues.py``) gives the role, so that screens and central agree. Kinds that the table
does not name are written by who has their area; a kind that this version does not know, by who writes anything there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from store.buckets import UNDIVIDED, Area
from store.issues import LIFE
from store.kinds import kinds
from store.lines import Line
from sync.central.scope import Grant, Ground, covers

NOBODY, STEP, PROJECT, PERSON, CLOSE_OUT = frozenset[str](), "issue_step", "project", "person", "close_out"
CONTACT = "contact"
ISSUE = "issue"
ANY = frozenset({"create", "change"})
CHANGE = frozenset({"change"})
EVERYWHERE = frozenset(Area)
OF_A_PROJECT = EVERYWHERE - UNDIVIDED


@dataclass(frozen=True, slots=True)
class Authority:
    """What a role may write: every kind of ``areas``, but the ``kinds`` named as said there. ``all_acts``: every act on
    an issue, not only those that the life table gives the role."""

    areas: frozenset[Area] = frozenset()
    kinds: Mapping[str, frozenset[str]] | None = None
    all_acts: bool = False

    def on(self, kind: str, area: Area) -> frozenset[str]:
        """Which of create and change the role may do to lines of ``kind`` in ``area``."""
        named = self.kinds or {}
        if kind in named:
            return named[kind]
        if area in self.areas:
            return ANY
        writes_there = any(verbs and _area_of(name) == area for name, verbs in named.items())
        return ANY if kind not in kinds() and writes_there else NOBODY


AUTHORITY: Mapping[str, Authority] = {
    "bureau": Authority(EVERYWHERE, all_acts=True),
    "butler": Authority(
        OF_A_PROJECT,
        {"assignment": NOBODY, PROJECT: CHANGE, "person": ANY, "unit": ANY, CONTACT: ANY, STEP: ANY},
    ),
    "lead_leader": Authority(kinds={"visit": ANY, "meeting": ANY, STEP: ANY}),
    "department": Authority(kinds={"procedure": ANY, STEP: ANY}),
    "supervision_office": Authority(kinds={"evaluation": ANY, STEP: ANY}),
    "principal_leader": Authority(kinds={"meeting": ANY, STEP: ANY}),
}
NEVER_DELETED = frozenset({PROJECT, STEP})


def _area_of(kind: str) -> Area | None:
    known = kinds().get(kind)
    return known.area if known else None


def refuses(grants: Sequence[Grant], line: Line, ground: Ground, held: Line | None) -> str | None:
    """Why none of the roles may write this line in this bucket over ``held``; None when one may. What is not approving
    is judged here in full; approving also needs `own_settlement`. Everybody keeps their own person line,
    and their phone as far as they see phones."""
    if reason := _refused_to_all(line, held):
        return reason
    if is_own(line, held):
        return None
    verb = "create" if held is None else "change"
    for grant in grants:
        authority = AUTHORITY[grant.role]
        if (
            covers(grant, ground)
            and verb in authority.on(line.kind, Area(ground.area))
            and _may_act(grant, authority, line)
        ):
            return None
    return f"none of your roles may {verb} a {line.kind} here"


def is_own(line: Line, held: Line | None) -> bool:
    """Whether a line is the author's own: of themselves, or of how they are reached, now and before."""
    if line.kind == CONTACT:
        return all(one.body.get("person_id") == line.author for one in (line, held) if one is not None)
    return line.kind == PERSON and line.id == line.author


def _may_act(grant: Grant, authority: Authority, line: Line) -> bool:
    if line.kind != STEP or authority.all_acts:
        return True
    rule = LIFE.get(str(line.body.get("act")))
    return rule is not None and grant.role in rule.roles


def _refused_to_all(line: Line, held: Line | None) -> str | None:
    if line.kind == CLOSE_OUT:
        return "close-out numbers are given by the central"
    if line.deleted and line.kind in NEVER_DELETED:
        return f"a {line.kind} is never deleted"
    if line.kind == PROJECT and line.project != line.id:
        return "a project lies in its own bucket"
    if line.kind == STEP and held is not None and not _same_act(line, held):
        return "steps are only ever added"
    return None


def _same_act(line: Line, held: Line) -> bool:
    return line.author == held.author and line.body.get("act") == held.body.get("act")


def is_approval(line: Line) -> bool:
    """Whether this line approves a settlement (R48)."""
    return line.kind == STEP and line.body.get("act") == "approved"


def own_settlement(approval: Line, lines: Iterable[Line]) -> str | None:
    """Why this person may not approve the issue whose lines these are: nobody approves their own line, nor one that the
    central has not seen. None when they may."""
    authors = {line.id: line.author for line in lines if line.kind == ISSUE or line.body.get("act") == "settled"}
    if approval.author in authors.values():
        return "nobody approves their own line"
    versions: list[Any] = approval.body.get("versions") or []
    if any(named.get("id") not in authors for named in versions if isinstance(named, dict)):
        return "the approval names a line that has not arrived here"
    return None
