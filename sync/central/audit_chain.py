"""The chain of the audit: each event carries a hash of itself and of the event before, the district the newest one.

An entry that was changed, removed or added by anything but this program breaks the chain there; `check_chain` finds it.
The hash has no key: whoever may write to the database could read one too. Who rewrites the whole chain is found out by
the newest link of an earlier backup, or one noted elsewhere. Lines and versions are in no chain.
"""

from __future__ import annotations

from hashlib import sha256
from typing import NamedTuple

import orjson
from sqlalchemy import Connection, select

from sync.central.db.tables import AUDIT, DISTRICT, AuditRow

_BATCH = 500
MAX_BREAKS = 100
"""So many breaks are told; a check of a chain that is broken everywhere stays readable."""


class ChainBreak(NamedTuple):
    """Where the chain does not hold: at the entry ``seq``, or at the end (None). The entry itself, or those between it
    and ``after``, the last one that is certain (0: the beginning), were changed, removed or added."""

    after: int
    seq: int | None


class ChainReport(NamedTuple):
    """What a check of the chain found: how many ``entries`` it read, the ``newest`` link as the district has it, and
    the first `MAX_BREAKS` breaks."""

    entries: int
    newest: str
    breaks: list[ChainBreak]

    def to_json(self) -> dict[str, object]:
        """As ``guanjia central check --json`` prints it."""
        breaks = [place._asdict() for place in self.breaks]
        return {"entries": self.entries, "newest": self.newest, "breaks": breaks}


def next_link(before: str, row: AuditRow) -> str:
    """The link of an event whose predecessor has the link ``before`` (empty for the first one); the row's own link does
    not matter."""
    return sha256(orjson.dumps([before, *row[:-1]])).hexdigest()


def check_chain(connection: Connection, district: str) -> ChainReport:
    """Follow the chain of a district in one snapshot, by reading only. Entries that older versions wrote have no link;
    the one of the first event after them, or of the district, covers them all."""
    newest = connection.execute(select(DISTRICT.c.audit_link).where(DISTRICT.c.code == district)).scalar() or ""
    chosen = select(AUDIT).where(AUDIT.c.district == district).order_by(AUDIT.c.seq)
    entries, link, is_begun, certain = 0, "", False, 0
    breaks: list[ChainBreak] = []
    for values in connection.execute(chosen, execution_options={"yield_per": _BATCH}):
        row = AuditRow(*values)
        entries += 1
        if row.link is None and is_begun:
            breaks.append(ChainBreak(certain, row.seq))
            continue
        link = next_link(link, row)
        if row.link is not None:
            if row.link != link:
                breaks.append(ChainBreak(certain, row.seq))
            link, is_begun, certain = row.link, True, row.seq
    if link != newest:
        breaks.append(ChainBreak(certain, None))
    return ChainReport(entries, newest, breaks[:MAX_BREAKS])
