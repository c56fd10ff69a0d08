"""Scope: which buckets a role brings into sight. One pure rule, for the central and for devices that meet without it.

    bureau                                   the whole district
    supervision_office, principal_leader,
    auditor                                  the whole district but the phones of its people: the bureau calls for them
    butler, lead_leader with a project       the district's bucket, phones, and every bucket of the project
    department with a unit                   the district's bucket, phones, every head, the issues that it leads or
                                             co-handles, and its procedures

The central asks the same as a condition in SQL (``sync/central/accounts/scope.py``).
"""

from __future__ import annotations

from typing import NamedTuple

from store.domain.grants import Grant
from store.ledger.buckets import CONTACT, DISTRICT, Area

WHOLE_DISTRICT_ROLES = frozenset({"bureau"})
SUPERVISING_ROLES = frozenset({"supervision_office", "principal_leader", "auditor"})
PROJECT_ROLES = frozenset({"butler", "lead_leader"})
DEPARTMENT_ROLES = frozenset({"department"})
ROLES = (*sorted(WHOLE_DISTRICT_ROLES), *sorted(SUPERVISING_ROLES), *sorted(PROJECT_ROLES), *sorted(DEPARTMENT_ROLES))


class BucketOwner(NamedTuple):
    """A bucket, its area, and the project and department that it belongs to; ``co_handlers`` are the other departments
    of an issue, sorted."""

    bucket: str
    area: str
    project: str | None
    department: str | None
    co_handlers: tuple[str, ...] = ()

    @property
    def departments(self) -> tuple[str, ...]:
        """All departments of the bucket, the leading one first."""
        return (*((self.department,) if self.department else ()), *self.co_handlers)


def covers(grant: Grant, owner: BucketOwner) -> bool:
    """Whether the role, one of `ROLES`, brings the bucket into scope."""
    if grant.role in WHOLE_DISTRICT_ROLES or owner.bucket == DISTRICT:
        return True
    if grant.role in SUPERVISING_ROLES:
        return owner.bucket != CONTACT
    if owner.bucket == CONTACT:
        return True
    if grant.role in PROJECT_ROLES:
        return grant.project is not None and grant.project == owner.project
    if owner.area == Area.HEAD:
        return True
    return grant.department in owner.departments
