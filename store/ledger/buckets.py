"""Buckets: the unit of scope and of checksums. Every line is in one bucket, found by one pure function (decision 4).

    d           the district: people, units, policies, limits
    t           the phones of its people and units
    h:<project> a project's head: what everyone concerned may know
    p:<project> a project's body: visits, progress
    i:<issue>   one issue with its steps
    c:<id>      one procedure
    b           the bureau's own: evaluations, for those who supervise the district

A bucket keeps a running set digest: digests of its current line versions add up, and sums of buckets add up again,
so one number covers a whole scope (decision 6). A line never leaves its bucket: moving is deleting and writing anew.
"""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import NamedTuple

DISTRICT, BUREAU, CONTACT = "d", "b", "t"


class Area(StrEnum):
    """Which sort of bucket a kind's lines are in; the letter before the colon."""

    DISTRICT = "d"
    HEAD = "h"
    BODY = "p"
    ISSUE = "i"
    PROCEDURE = "c"
    BUREAU = "b"
    CONTACT = "t"


DISTRICT_WIDE_AREAS = frozenset({Area.DISTRICT, Area.BUREAU, Area.CONTACT})
"""Areas of one bucket for the whole district; their lines need no project."""
PROJECT_AREAS = frozenset({Area.BODY, Area.ISSUE, Area.PROCEDURE})
"""Areas whose lines are always of a project. A project's head has assignments, some of which are the district's."""


class SetChecksum(NamedTuple):
    """A set digest: how many lines, and the sums of the digests' upper and lower 32 bits. Sums stay below 2**63 for
    two thousand million lines, so SQL can add them up as plain integers."""

    lines: int = 0
    hi: int = 0
    lo: int = 0

    def with_digest(self, digest: int, sign: int = 1) -> SetChecksum:
        """This sum with one more (``sign=1``) or one fewer (``sign=-1``) line version."""
        return SetChecksum(self.lines + sign, self.hi + sign * (digest >> 32), self.lo + sign * (digest & 0xFFFFFFFF))

    def add(self, other: SetChecksum) -> SetChecksum:
        """The sum of both."""
        return SetChecksum(self.lines + other.lines, self.hi + other.hi, self.lo + other.lo)

    def minus(self, part: SetChecksum) -> SetChecksum:
        """This sum without one that is part of it."""
        return SetChecksum(self.lines - part.lines, self.hi - part.hi, self.lo - part.lo)


def split_digest(digest: int) -> tuple[int, int]:
    """A digest's upper and lower 32 bits, as checksums store them."""
    return digest >> 32, digest & 0xFFFFFFFF


def bucket_name(area: Area, project: str | None, root: str) -> str:
    """The bucket of a line in ``area`` of ``project``; ``root`` is the issue or procedure that it belongs to.
    What has no project is the district's."""
    if area in (Area.ISSUE, Area.PROCEDURE):
        return f"{area}:{root}"
    if area in (Area.BUREAU, Area.CONTACT):
        return str(area)
    if area is Area.DISTRICT or project is None:
        return DISTRICT
    return f"{area}:{project}"


def bucket_group(bucket: str) -> str:
    """One of 256 groups, as two hex digits: the first narrowing where two sides differ."""
    return hashlib.blake2b(bucket.encode(), digest_size=1).hexdigest()
