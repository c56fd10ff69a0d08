"""Likely doubles: records of people or units that may be one, for the bureau to merge or to keep apart.

Compared are phones, cores of names (``store/values/name_cores.py``) and, within a unit, how names are pronounced. Pairs
that the bureau has kept apart (`distinction` lines) are not proposed again. Reads everybody once; nothing is stored.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal, NamedTuple

from store.db.connection import Connection
from store.db.device_facts import read_device_facts
from store.queries.name_sql import kept_id_sql
from store.queries.people import ContactEntry, ContactFilter, ContactKind, contacts, listing
from store.search.pinyin import pinyin_of
from store.values.name_cores import name_core
from store.values.text import normalize_name, phone_key

DoubleReason = Literal["phone", "name", "spelling", "reading"]
"""Why two records may be one: an equal phone; an equal name; names that differ in spelling, title, dots or the district
before them; names of one unit that are pronounced alike."""
_MAX_SHARED = 6
"""A phone or name that more records share is an office's line, or too common to compare each with each."""
_MIN_PHONE = 7


class _Record(NamedTuple):
    id: str
    name: str
    unit: str | None


@dataclass(frozen=True, slots=True)
class LikelyDouble:
    """Two records that may be one. ``first`` has more to its name, and is proposed to stay."""

    first: ContactEntry
    second: ContactEntry
    reasons: tuple[DoubleReason, ...]

    def to_json(self) -> dict[str, object]:
        """The pair as ``guanjia person doubles --json`` prints it."""
        return {"keep": self.first.to_json(), "other": self.second.to_json(), "reasons": list(self.reasons)}


def doubles(connection: Connection, kind: ContactKind, today: str) -> list[LikelyDouble]:
    """Which records may be one? The surest first."""
    apart = {
        (first, second)
        for first, second in connection.execute(
            f"SELECT {kept_id_sql('first_id')}, {kept_id_sql('second_id')} FROM distinction WHERE what = ? "
            "AND deleted = 0",
            (kind,),
        )
    }
    pairs = {
        pair: reasons
        for pair, reasons in _pairs(connection, kind).items()
        if pair not in apart and pair[::-1] not in apart
    }
    ids = tuple({each for pair in pairs for each in pair})
    chosen = listing(kind, today, ContactFilter(ids=ids, retired=True))
    entries = {entry.id: entry for entry in contacts(connection, kind, chosen)}
    found = [
        _double(entries[a], entries[b], reasons)
        for (a, b), reasons in pairs.items()
        if a in entries and b in entries  # another process may have merged or deleted one since
    ]
    return sorted(found, key=lambda double: (-_surety(double), double.first.name, double.first.id, double.second.id))


def _pairs(connection: Connection, kind: ContactKind) -> Mapping[tuple[str, str], tuple[DoubleReason, ...]]:
    reasons: dict[tuple[str, str], dict[DoubleReason, None]] = defaultdict(dict)
    for reason, group in _groups(connection, kind):
        if len(group) <= _MAX_SHARED:
            for a, b in combinations(sorted(group, key=lambda record: record.id), 2):
                same = normalize_name(a.name) == normalize_name(b.name)
                reasons[a.id, b.id][("name" if same else "spelling") if reason == "name" else reason] = None
    return {pair: tuple(each) for pair, each in reasons.items()}


def _groups(connection: Connection, kind: ContactKind) -> Iterator[tuple[DoubleReason, Sequence[_Record]]]:
    district = normalize_name(read_device_facts(connection).district_name)
    records = _records(connection, kind)
    by_phone: dict[str, dict[str, _Record]] = defaultdict(dict)
    for owner, phone in connection.execute(_PHONES.format(kind=kind)):
        if owner in records and len(key := phone_key(phone)) >= _MIN_PHONE:
            by_phone[key][owner] = records[owner]
    yield from (("phone", list(group.values())) for group in by_phone.values() if len(group) > 1)
    by_name: dict[str, list[_Record]] = defaultdict(list)
    by_reading: dict[tuple[str | None, ...], list[_Record]] = defaultdict(list)
    for record in records.values():
        by_name[name_core(kind, record.name, district)].append(record)
        if kind == "person" and record.unit:
            core = name_core(kind, record.name)
            by_reading[record.unit, *(next(iter(pinyin_of(each)), each) for each in core)].append(record)
    yield from (("name", group) for group in by_name.values() if len(group) > 1)
    yield from (("reading", group) for group in by_reading.values() if len({each.name for each in group}) > 1)


def _records(connection: Connection, kind: ContactKind) -> dict[str, _Record]:
    unit = kept_id_sql("k.unit_id") if kind == "person" else "NULL"
    query = (
        f"SELECT k.id, k.name, {unit} FROM {kind} k WHERE k.deleted = 0 AND k.id NOT IN (SELECT id FROM merged_id) "
        "AND k.id NOT IN (SELECT person_id FROM erasure) "
        "ORDER BY k.id"
    )
    return {row[0]: _Record(*row) for row in connection.execute(query)}


_PHONES = (
    f"SELECT {kept_id_sql('coalesce(c.further_of, c.{kind}_id)')}, c.phone FROM contact c WHERE c.deleted = 0 "
    f"AND coalesce(c.further_of, c.{{kind}}_id) IS NOT NULL UNION SELECT k.id, k.phone FROM {{kind}} k "
    "WHERE k.phone IS NOT NULL"
)


def _double(a: ContactEntry, b: ContactEntry, reasons: tuple[DoubleReason, ...]) -> LikelyDouble:
    first, second = sorted((a, b), key=lambda entry: (-_weight(entry), len(entry.name), entry.id))
    return LikelyDouble(first, second, reasons)


def _weight(entry: ContactEntry) -> int:
    """How much is to a record's name."""
    return sum(role.current for role in entry.roles) * 2 + len(entry.roles) + entry.open_issues + bool(entry.phones)


def _surety(double: LikelyDouble) -> int:
    """How sure a double is: a phone says more than a name, and both together most; other units and other phones, both
    known, tell of namesakes."""
    weights: Mapping[DoubleReason, int] = {"phone": 4, "spelling": 3, "name": 2, "reading": 1}
    a, b = double.first, double.second
    differ = bool(a.unit and b.unit and a.unit != b.unit) and bool(
        a.phone and b.phone and "phone" not in double.reasons
    )
    return sum(weights[reason] for reason in double.reasons) - 2 * differ
