"""Refuse at once what the central would refuse for the person's roles: before anything is written.

Only where the home has joined a central and knows of roles there; a home that works alone writes everything. The rights
are those of ``store/domain/permissions.py``, by which the central decides; it also knows the scope of each role. Who
stands in for somebody from today on has their roles at once, without a round: the ledger says so.
"""

from __future__ import annotations

import json
from collections.abc import Collection

from store.db.device_facts import DeviceFacts
from store.domain.permissions import ATTACHMENT, ISSUE_STEP, ROLE_PERMISSIONS, may_always, roles_that_may, verb_of
from store.ledger.line import Line
from store.writer.exceptions import (
    ActBeyondRole,
    AttachingBeyondRole,
    BeyondRole,
    ChangeBeyondRole,
    DeletionBeyondRole,
    ForNobody,
)

_REFUSALS = {"create": BeyondRole, "change": ChangeBeyondRole, "delete": DeletionBeyondRole}


def roles_at_central(facts: DeviceFacts) -> list[str]:
    """The roles that bound what is written here; none where the home works alone or knows of none, nor where a newer
    central has given one whose rights this version does not know."""
    held = json.loads(facts.get("roles") or "[]") if facts.central else []
    roles = dict.fromkeys(str(grant["role"]) for grant in held)
    return list(roles) if roles.keys() <= ROLE_PERMISSIONS.keys() else []


def require_role(
    facts: DeviceFacts, line: Line, existing: Line | None = None, stood_in_for: Collection[str] = ()
) -> None:
    """Raise a `BeyondRole` where none of the person's roles, nor of those whom they stand in for, may write this
    version over the ``existing`` one."""
    held = roles_at_central(facts)
    if not held:
        return
    line = line._replace(author=facts.person)
    verb, able = verb_of(line, existing), roles_that_may(line, existing)
    if {*held, *stood_in_for} & {*able} or may_always(line, existing):
        return
    names = {"role": ", ".join(held), "who": ", ".join(able), "kind": line.kind}
    if not able:
        raise ForNobody(**names)
    if line.kind == ATTACHMENT and verb == "create":
        raise AttachingBeyondRole(**names, of_kind=line.body.get("of_kind"))
    if line.kind == ISSUE_STEP and verb != "delete":
        raise ActBeyondRole(**names, act=line.body.get("act"))
    raise _REFUSALS[verb](**names)
