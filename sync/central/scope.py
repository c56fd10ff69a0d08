"""Scope: which buckets an account may know. The union of what its roles cover, as one SQL condition and one function.

    bureau, supervision_office, principal_leader   the whole district
    butler, lead_leader with a project             the district's bucket and every bucket of the project
    department with a unit                         the district's bucket, every head, its issues and procedures

What changes an account's scope is in ``roles.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, false, or_, true

from store.buckets import DISTRICT, Area
from sync.central.tables import BUCKET

WHOLE = frozenset({"bureau", "supervision_office", "principal_leader"})
BY_PROJECT = frozenset({"butler", "lead_leader"})
BY_DEPARTMENT = frozenset({"department"})
ROLES = (*sorted(WHOLE), *sorted(BY_PROJECT), *sorted(BY_DEPARTMENT))


class Grant(NamedTuple):
    """A role with the project or department that it is for."""

    role: str
    project: str | None = None
    department: str | None = None


class Ground(NamedTuple):
    """Where a line lies: its bucket, and whose that is."""

    bucket: str
    area: str
    project: str | None
    department: str | None


def covers(grant: Grant, ground: Ground) -> bool:
    """Whether the role brings the bucket into scope."""
    if grant.role in WHOLE or ground.bucket == DISTRICT:
        return True
    if grant.role in BY_PROJECT:
        return grant.project is not None and grant.project == ground.project
    if ground.area == Area.HEAD:
        return True
    return grant.department is not None and grant.department == ground.department


def covered(grants: Sequence[Grant]) -> ColumnElement[bool]:
    """The same as a condition on the bucket table."""
    if not grants:
        return false()
    if any(grant.role in WHOLE for grant in grants):
        return true()
    projects = [grant.project for grant in grants if grant.role in BY_PROJECT and grant.project]
    departments = [grant.department for grant in grants if grant.role in BY_DEPARTMENT and grant.department]
    parts: list[ColumnElement[bool]] = [BUCKET.c.bucket == DISTRICT]
    if projects:
        parts.append(BUCKET.c.project.in_(projects))
    if any(grant.role in BY_DEPARTMENT for grant in grants):
        parts.append(BUCKET.c.area == str(Area.HEAD))
    if departments:
        parts.append(BUCKET.c.department.in_(departments))
    return or_(*parts)


def sees_whole(grants: Sequence[Grant]) -> bool:
    """Whether the scope is the whole district."""
    return any(grant.role in WHOLE for grant in grants)
