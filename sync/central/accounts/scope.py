"""Scope: which buckets an account may read. The union of what its roles cover, as one SQL condition and one function.

    bureau                                   the whole district
    supervision_office, principal_leader,
    auditor                                  the whole district but the phones of its people: the bureau calls for them
    butler, lead_leader with a project       the district's bucket, phones, and every bucket of the project
    department with a unit                   the district's bucket, phones, every head, the issues that it leads or
                                             co-handles, and its procedures

What changes an account's scope is in ``roles.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, false, or_, select, true

from store.domain.grants import Grant
from store.ledger.buckets import CONTACT, DISTRICT, Area
from sync.central.db.tables import BUCKET, CO_HANDLER

__all__ = [
    "AUDITING_ROLES", "DEPARTMENT_ROLES", "PROJECT_ROLES", "ROLES", "WHOLE_DISTRICT_ROLES", "BucketOwner", "Grant",
    "covers", "excluded_buckets", "read_owners", "scope_condition",
]  # fmt: skip

WHOLE_DISTRICT_ROLES = frozenset({"bureau"})
SUPERVISING_ROLES = frozenset({"supervision_office", "principal_leader", "auditor"})
PROJECT_ROLES = frozenset({"butler", "lead_leader"})
DEPARTMENT_ROLES = frozenset({"department"})
AUDITING_ROLES = WHOLE_DISTRICT_ROLES | {"auditor"}
"""Who reads the audit and the figures from a device."""
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
    """Whether the role brings the bucket into scope."""
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


def scope_condition(grants: Sequence[Grant], district: str) -> ColumnElement[bool]:
    """The same rule as `covers`, as a condition on the bucket table for the buckets of ``district``."""
    if not grants:
        return false()
    excluded = excluded_buckets(grants)
    if excluded is not None:
        return BUCKET.c.bucket.not_in(excluded) if excluded else true()
    projects = [grant.project for grant in grants if grant.role in PROJECT_ROLES and grant.project]
    departments = [grant.department for grant in grants if grant.role in DEPARTMENT_ROLES and grant.department]
    parts: list[ColumnElement[bool]] = [BUCKET.c.bucket.in_((DISTRICT, CONTACT))]
    if projects:
        parts.append(BUCKET.c.project.in_(projects))
    if any(grant.role in DEPARTMENT_ROLES for grant in grants):
        parts.append(BUCKET.c.area == str(Area.HEAD))
    if departments:
        co_handled = select(CO_HANDLER.c.bucket).where(
            CO_HANDLER.c.district == district, CO_HANDLER.c.department.in_(departments)
        )
        parts += [BUCKET.c.department.in_(departments), BUCKET.c.bucket.in_(co_handled)]
    return or_(*parts)


def read_owners(connection: Connection, district: str, condition: ColumnElement[bool]) -> dict[str, BucketOwner]:
    """The owners of the buckets of a district of which a condition holds, by name."""
    others = (CO_HANDLER.c.district == BUCKET.c.district) & (CO_HANDLER.c.bucket == BUCKET.c.bucket)
    chosen = (
        select(BUCKET.c.bucket, BUCKET.c.area, BUCKET.c.project, BUCKET.c.department, CO_HANDLER.c.department)
        .outerjoin(CO_HANDLER, others)
        .where(BUCKET.c.district == district, condition)
        .order_by(BUCKET.c.bucket, CO_HANDLER.c.department)
    )
    owners: dict[str, BucketOwner] = {}
    for *row, co_handler in connection.execute(chosen):
        owner = owners.get(row[0]) or BucketOwner(*row)
        more = (co_handler,) if co_handler else ()
        owners[owner.bucket] = owner._replace(co_handlers=(*owner.co_handlers, *more))
    return owners


def excluded_buckets(grants: Sequence[Grant]) -> frozenset[str] | None:
    """The buckets outside the scope of an account that reads all the rest of the district: none for the bureau, nor for
    a supervising account that also has a role that calls people. None for an account that reads parts only."""
    roles = {grant.role for grant in grants}
    if roles & WHOLE_DISTRICT_ROLES:
        return frozenset()
    if roles & SUPERVISING_ROLES:
        return frozenset() if roles - SUPERVISING_ROLES else frozenset({CONTACT})
    return None
