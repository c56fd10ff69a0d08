"""Who may write what: the table (``store/domain/permissions.py``) applied to a pushed line, where the role's scope
reaches.

A refusal names what is refused, never what lies elsewhere: out of scope and not there are one answer (``batch.py``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from store.domain.permissions import ISSUE_STEP, ROLE_PERMISSIONS, may_act
from store.ledger.buckets import Area
from store.ledger.kind_facts import Verb, is_deletable
from store.ledger.line import Line
from sync.central.accounts.scope import BucketOwner, Grant, covers

PROJECT, PERSON, CONTACT, ISSUE, CLOSE_OUT = "project", "person", "contact", "issue", "close_out"


def denial_reason(
    grants: Sequence[Grant], line: Line, owner: BucketOwner, existing: Line | None, *, damaged: bool = False
) -> str | None:
    """Why none of the roles may write this line in this bucket over ``held``; None when one may. ``damaged``: there is
    a version, but it cannot be read. What is not approving is judged here in full; approving also needs
    `approval_denial_reason`. Everybody keeps their own person line, and their phone as far as they see phones."""
    if reason := _universal_denial_reason(line, existing):
        return reason
    verb: Verb = "delete" if line.deleted else "change" if existing or damaged else "create"
    if is_own(line, existing) and verb != "delete":
        return None
    if any(covers(grant, owner) and _may(grant, verb, line, owner) for grant in grants):
        return None
    if line.kind == ISSUE_STEP:
        at = f" at level {line.body['level']}" if "level" in line.body else ""
        return f"none of your roles may write that an issue here was {line.body.get('act')}{at}"
    return f"none of your roles may {verb} a {line.kind} here"


def is_own(line: Line, existing: Line | None) -> bool:
    """Whether a line is the author's own: of themselves, or of how they are reached, now and before."""
    if line.kind == CONTACT:
        return all(one.body.get("person_id") == line.author for one in (line, existing) if one is not None)
    return line.kind == PERSON and line.id == line.author


def _may(grant: Grant, verb: Verb, line: Line, owner: BucketOwner) -> bool:
    if verb not in ROLE_PERMISSIONS[grant.role].verbs_for(line.kind, Area(owner.area)):
        return False
    return line.kind != ISSUE_STEP or may_act(grant.role, line.body.get("act"), line.body.get("level"))


def _universal_denial_reason(line: Line, existing: Line | None) -> str | None:
    if line.kind == CLOSE_OUT:
        return "close-out numbers are given by the central"
    if line.deleted and not is_deletable(line.kind):
        return f"a {line.kind} is never deleted"
    if line.kind == PROJECT and line.project != line.id:
        return "a project lies in its own bucket"
    if line.kind == ISSUE_STEP and existing is not None and not _same_act(line, existing):
        return "steps are only ever added"
    return None


def _same_act(line: Line, existing: Line) -> bool:
    return line.author == existing.author and line.body.get("act") == existing.body.get("act")


def is_approval(line: Line) -> bool:
    """Whether this line approves a settlement (R48)."""
    return line.kind == ISSUE_STEP and line.body.get("act") == "approved"


def approval_denial_reason(approval: Line, lines: Iterable[Line]) -> str | None:
    """Why this person may not approve the issue whose lines these are: nobody approves an issue that they recorded or
    settled themselves, nor a line that the central has not seen. None when they may. Who asked the enterprise how
    satisfied it is, or approved before a reopening, may."""
    held = {line.id: line for line in lines}
    if approval.author in {line.author for line in held.values() if line.kind == ISSUE or _settles(line)}:
        return "nobody approves their own line"
    versions: list[Any] = approval.body.get("versions") or []
    if any(named.get("id") not in held for named in versions if isinstance(named, dict)):
        return "the approval names a line that has not arrived here"
    return None


def _settles(line: Line) -> bool:
    return line.kind == ISSUE_STEP and line.body.get("act") == "settled"
