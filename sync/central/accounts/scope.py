"""Scope: which buckets an account may read. The union of what its roles cover, as one SQL condition beside the pure
rule (``store/domain/scope.py``).

What changes an account's scope is in ``roles.py``.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, Connection, false, or_, select, true

from store.domain.grants import Grant
from store.domain.scope import (
    DEPARTMENT_ROLES,
    PROJECT_ROLES,
    ROLES,
    SUPERVISING_ROLES,
    WHOLE_DISTRICT_ROLES,
    BucketOwner,
    covers,
)
from store.ledger.buckets import CONTACT, DISTRICT, Area
from sync.central.db.tables import BUCKET, CO_HANDLER, ROLE

__all__ = [
    "AUDITING_ROLES", "DEPARTMENT_ROLES", "PROJECT_ROLES", "ROLES", "WHOLE_DISTRICT_ROLES", "BucketOwner", "Grant",
    "covers", "excluded_buckets", "may_cover", "read_owners", "scope_condition",
]  # fmt: skip

AUDITING_ROLES = WHOLE_DISTRICT_ROLES | {"auditor"}
"""Who reads the audit and the figures from a device."""


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


def may_cover(owners: Collection[BucketOwner]) -> ColumnElement[bool]:
    """A condition on the role table for roles that `covers` may find to bring one of these buckets into scope: all
    others surely do not, so that of thousands of roles few are read."""
    if any(owner.bucket in (DISTRICT, CONTACT) for owner in owners):
        return true()
    projects = sorted({owner.project for owner in owners if owner.project})
    departments = sorted({department for owner in owners for department in owner.departments})
    parts = [ROLE.c.role.not_in(PROJECT_ROLES | DEPARTMENT_ROLES), ROLE.c.project.in_(projects)]
    if any(owner.area == Area.HEAD for owner in owners):
        return or_(*parts, ROLE.c.role.in_(DEPARTMENT_ROLES))
    return or_(*parts, ROLE.c.department.in_(departments))


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
