"""Who may write what: rights by role, by area and by kind (domain.md, "Who may do what"). Pure; loads no model.

The rights of a role are its rights in whole areas (`ROLE_PERMISSIONS`, here) and what a kind's model says otherwise
(``writers`` and ``deletable`` in ``store/ledger/models``, read from ``store/ledger/kind_facts.py``). The central
decides by them (``sync/central/accounts/permissions.py``), where the role's scope reaches; the screens hint by them
(`may_write`). Acts on an issue are those that the transition table (``store/domain/issue_lifecycle.py``) gives the
role, so that screens and central agree. ``tests/sync/central/accounts/test_role_matrix.py`` has the whole table, cell
by cell. Where domain.md leaves something open, it is decided so:

- The bureau is the district's steward: it writes every kind and does every act, so that what an office without a laptop
  decides can be entered for it. But close-out numbers are the central's alone, and nobody approves their own line.
- A butler writes everything of the own projects but who serves them, approvals and evaluations; adds no project to the
  list; adds and corrects people and units, which all projects share, but does not delete them.
- A department answers for the issues and procedures assigned to it, but adds and deletes none.
- Leaders resolve at the meetings of their own level: a lead leader at 1 and 2, a principal leader at 3.
- An auditor reads what the district has, but for phones, and writes nothing but who they are themselves.
- Everybody keeps phrases, saved views and the device that reminds them of their own; those phrases that are the whole
  district's are the bureau's.
- Whoever writes a line attaches files to it, describes and removes them; what a file is never changes.
- A kind that this version does not know is written by who writes anything in the same area.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from store.domain.grants import STAND_IN
from store.domain.issue_lifecycle import TRANSITIONS
from store.ledger.buckets import DISTRICT_WIDE_AREAS, Area
from store.ledger.kind_facts import (
    ALL_VERBS,
    CREATE_AND_CHANGE,
    NO_VERBS,
    KindFacts,
    Verb,
    Verbs,
    is_deletable,
    kind_facts,
)
from store.ledger.line import Line

__all__ = [
    "CONTACT_OWNER_FIELDS", "ISSUE_STEP", "OWN_KINDS", "ROLE_PERMISSIONS", "RolePermissions", "Verb", "is_own",
    "may_act", "may_always", "may_write", "roles_that_may", "verb_of",
]  # fmt: skip

ISSUE_STEP, PERSON, CONTACT, ASSIGNMENT, ATTACHMENT = "issue_step", "person", "contact", "assignment", "attachment"
ATTACHMENT_FACTS = (
    "of_kind",
    "of_id",
    "issue_id",
    "media_type",
    "size",
    "sha256",
    "copy_type",
    "copy_size",
    "copy_sha256",
)
"""What no later version of an `attachment` line may say otherwise: which file it is, and of which line."""
OWN_KINDS = ("phrase", "saved_view", "reminder_device")
"""The kinds of lines that everybody writes for themselves: those whose ``person_id`` is their author's."""
CONTACT_OWNER_FIELDS = ("person_id", "unit_id", "further_of")
"""The fields of a `contact` line that say whose phone it is."""
_PROJECT_AREAS = frozenset(Area) - DISTRICT_WIDE_AREAS


@dataclass(frozen=True, slots=True)
class RolePermissions:
    """What a role may write. ``areas``: in these it has all rights over every kind whose model says nothing else.
    ``all_acts``: it may do every act on an issue, not only those that the transition table gives the role. ``levels``:
    at which it may resolve an issue; None is at any."""

    role: str
    areas: frozenset[Area] = frozenset()
    all_acts: bool = False
    levels: tuple[int, ...] | None = None

    def verbs_for(self, kind: str, area: Area, of_kind: object = None) -> Verbs:
        """What the role may do to lines of ``kind``, which lie in ``area``; to attachments of a line of ``of_kind``,
        or without one of any kind."""
        if kind == ATTACHMENT:
            attachable = [of_kind] if of_kind else [name for name in kind_facts() if name != ATTACHMENT]
            writes = any(self.verbs_for(str(name), area) & CREATE_AND_CHANGE for name in attachable)
            return ALL_VERBS if writes and of_kind != ATTACHMENT else NO_VERBS
        if facts := kind_facts().get(kind):
            return self._known_verbs(facts)
        writes_there = any(self._known_verbs(facts) for facts in kind_facts().values() if facts.area == area)
        return ALL_VERBS if writes_there else NO_VERBS

    def _known_verbs(self, facts: KindFacts) -> Verbs:
        return facts.writers.get(self.role, ALL_VERBS if facts.area in self.areas else NO_VERBS)


ROLE_PERMISSIONS: Mapping[str, RolePermissions] = {
    rights.role: rights
    for rights in (
        RolePermissions("butler", _PROJECT_AREAS),
        RolePermissions("lead_leader", levels=(1, 2)),
        RolePermissions("department"),
        RolePermissions("bureau", frozenset(Area), all_acts=True),
        RolePermissions("supervision_office"),
        RolePermissions("principal_leader", levels=(3,)),
        RolePermissions("auditor"),
    )
}
"""The rights of each role, by its name."""


def may_act(role: str, act: object, level: object) -> bool:
    """Whether a role may do an act on an issue; ``level`` is the one that the step names."""
    rights, transition = ROLE_PERMISSIONS[role], TRANSITIONS.get(str(act))
    if rights.all_acts:
        return True
    if transition is None or role not in transition.roles:
        return False
    return act != "resolved" or rights.levels is None or level in rights.levels


def may_write(
    roles: Iterable[str],
    kind: str,
    act: str | None = None,
    *,
    verb: Verb = "create",
    level: int = 0,
    of_kind: object = None,
) -> bool:
    """Whether one of these roles may write a kind of line, where its scope reaches; for an issue step, whether it may
    do this act at this level of the issue. A hint: the central decides."""
    if verb == "delete" and not is_deletable(kind):
        return False
    facts = kind_facts().get(kind)
    area = facts.area if facts else Area.BODY
    return any(
        verb in ROLE_PERMISSIONS[role].verbs_for(kind, area, of_kind) and (act is None or may_act(role, act, level))
        for role in roles
        if role in ROLE_PERMISSIONS
    )


def verb_of(line: Line, existing: Line | None) -> Verb:
    """What this version does to the line that it replaces."""
    return "delete" if line.deleted else "change" if existing else "create"


def is_own(line: Line, existing: Line | None) -> bool:
    """Whether a line is its author's own, in this version and the existing one: their person line, a phone, a phrase or
    a saved view of theirs, or who stands in for them."""
    versions = [line] if existing is None else [line, existing]
    if line.kind == CONTACT:  # a line that names somebody else too would be shown as their phone
        return all(_owners(version) == [line.author] for version in versions)
    if line.kind in OWN_KINDS:
        return all(version.body.get("person_id") == line.author for version in versions)
    if line.kind == ASSIGNMENT:
        return all(_is_stand_in_for(version, line.author) for version in versions)
    return line.kind == PERSON and line.id == line.author


def _owners(contact: Line) -> list[object]:
    return [contact.body[field] for field in CONTACT_OWNER_FIELDS if contact.body.get(field) is not None]


def may_always(line: Line, existing: Line | None) -> bool:
    """Whether its author may write this version whatever their roles: it `is_own`, and deletes nothing but a stand-in,
    phrase or view of theirs."""
    return is_own(line, existing) and (not line.deleted or line.kind in (ASSIGNMENT, *OWN_KINDS))


def _is_stand_in_for(line: Line, person: str) -> bool:
    """Whether it gives the person a stand-in until a day, and nobody a project."""
    body = line.body
    is_stand_in = (line.project, body.get("role"), body.get("for_id")) == (None, STAND_IN, person)
    return is_stand_in and body.get("person_id") != person and isinstance(body.get("to_date"), str)


def roles_that_may(line: Line, existing: Line | None) -> list[str]:
    """The roles that may write this version over the existing one, where their scope reaches."""
    act = str(line.body.get("act")) if line.kind == ISSUE_STEP else None
    level = line.body.get("level")
    verb = verb_of(line, existing)
    at, of_kind = level if isinstance(level, int) else 0, line.body.get("of_kind")
    return [
        role for role in ROLE_PERMISSIONS if may_write([role], line.kind, act, verb=verb, level=at, of_kind=of_kind)
    ]
