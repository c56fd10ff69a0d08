"""The texts of the address book that commands and screens share: phones, roles, and what tells namesakes apart."""

from __future__ import annotations

from collections import defaultdict

from store.queries.people import ContactEntry, PhoneEntry, ServedRole
from tui.i18n.translate import _, value_label

UNIT_KINDS = ("department", "lead_unit", "enterprise", "other")
ROLES = (
    "lead_leader", "lead_unit", "service_team", "butler", "project_secretary", "department_contact",
    "enterprise_contact", "department", "bureau", "supervision_office", "principal_leader", "auditor", "stand_in",
)  # fmt: skip
"""The kinds of units, and the roles of assignments, in the order in which they are offered."""
_SHOWN_ROLES = 4


def phone_text(phone: PhoneEntry) -> str:
    """A phone with what it is for."""
    return f"{phone.phone}（{phone.label}）" if phone.label else phone.phone


def labelled_phone(phone: PhoneEntry) -> str:
    """A phone as a form takes it: what it is for, then the number."""
    return f"{phone.label} {phone.phone}" if phone.label else phone.phone


def apart_text(entry: ContactEntry) -> str:
    """A name with what tells it from its namesakes: unit and last digits of the phone."""
    return f"{entry.name}（{entry.apart}）" if entry.apart else entry.name


def role_text(role: ServedRole) -> str:
    """The name of a role."""
    return value_label("assignment.role", role.role)


def roles_text(entry: ContactEntry) -> str | None:
    """What somebody serves today, by role: the numbers of the first projects."""
    places: dict[str, list[str]] = defaultdict(list)
    for role in entry.roles:
        if role.current:
            places[role_text(role)].append(role.place)
    return "；".join(f"{role} {_first(numbers)}".rstrip() for role, numbers in places.items()) or None


def _first(numbers: list[str]) -> str:
    shown = "、".join(filter(None, numbers[:_SHOWN_ROLES]))
    more = len(numbers) - _SHOWN_ROLES
    return shown + _(" and {n} more").format(n=more) if more > 0 else shown
