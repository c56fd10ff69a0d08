"""The chain of the audit: each event carries a hash of itself and of the event before, the district the newest one.

An entry that was changed, removed or added by anything but this program breaks the chain there; `check_chain` finds it.
The hash has no key: whoever may write to the database could read one too. Who rewrites the whole chain is found out by
the newest link of an earlier backup, or one noted elsewhere. Lines and versions are in no chain.

What an event said of a person who was erased is emptied. A later event of the chain (`ERASED_EVENT`) lists such
entries, each with a hash of what is left of it, so that nothing else of it can be changed, and no other one emptied.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import NamedTuple

import orjson
from sqlalchemy import Connection, select

from sync.central.db.tables import AUDIT, DISTRICT, AuditRow
from sync.central.db.triggers import ERASED_DETAIL

ERASED_EVENT = "erased"
"""The event by which the texts about a person were emptied; its ``entries`` are those of `emptied_entries`."""
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


def emptied_entries(connection: Connection, district: str, rows: Sequence[AuditRow]) -> list[tuple[int, str, str]]:
    """For the event that lists them: the number of each of these entries, the link of the chain after it, and the hash
    of what is left of it. Call it before they are emptied."""
    if not rows:
        return []
    chosen = {row.seq for row in rows}
    links = {row.seq: row.link or link for row, link in _followed(connection, district) if row.seq in chosen}
    return [(row.seq, links[row.seq], _rest_of(row)) for row in rows]


def check_chain(connection: Connection, district: str) -> ChainReport:
    """Follow the chain of a district in one snapshot, by reading only. Entries that older versions wrote have no link;
    the one of the first event after them, or of the district, covers them all."""
    newest = connection.execute(select(DISTRICT.c.audit_link).where(DISTRICT.c.code == district)).scalar() or ""
    entries, latest, is_begun, certain = 0, "", False, 0
    breaks: list[ChainBreak] = []
    for row, link in _followed(connection, district):
        entries += 1
        if row.link is None and is_begun:
            breaks.append(ChainBreak(certain, row.seq))
            continue
        latest = link
        if row.link is not None:
            if row.link != link:
                breaks.append(ChainBreak(certain, row.seq))
            latest, is_begun, certain = row.link, True, row.seq
    if latest != newest:
        breaks.append(ChainBreak(certain, None))
    return ChainReport(entries, newest, breaks[:MAX_BREAKS])


def _followed(connection: Connection, district: str) -> Iterator[tuple[AuditRow, str]]:
    """Each entry with the link that it should have, by those before it."""
    emptied = _emptied(connection, district)
    chosen = select(AUDIT).where(AUDIT.c.district == district).order_by(AUDIT.c.seq)
    link, is_begun = "", False
    for values in connection.execute(chosen, execution_options={"yield_per": _BATCH}):
        row = AuditRow(*values)
        after, rest = emptied.get(row.seq, ("", ""))
        expected = after if rest and rest == _rest_of(row) == _hash_of(row) else next_link(link, row)
        if row.link is not None or not is_begun:
            link = row.link or expected
        is_begun = is_begun or row.link is not None
        yield row, expected


def _emptied(connection: Connection, district: str) -> Mapping[int, tuple[str, str]]:
    """The entries that events of the chain say were emptied, by number: the link after each, and the hash of its
    rest."""
    chosen = select(AUDIT.c.detail).where(AUDIT.c.district == district, AUDIT.c.action == ERASED_EVENT)
    entries: dict[int, tuple[str, str]] = {}
    for detail in connection.execute(chosen).scalars().all():
        with contextlib.suppress(ValueError, TypeError, KeyError):  # changed past the central: it lists nothing
            entries |= {int(seq): (str(after), str(rest)) for seq, after, rest in orjson.loads(detail)["entries"]}
    return entries


def _rest_of(row: AuditRow) -> str:
    return _hash_of(row._replace(detail=ERASED_DETAIL))


def _hash_of(row: AuditRow) -> str:
    return next_link("", row)
