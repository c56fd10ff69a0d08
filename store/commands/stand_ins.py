"""Standing in (代理, AB 角): one officer acts for another until a day, with all that the other may. It ends by itself;
what it grants is in ``store/domain/grants.py``."""

from __future__ import annotations

from datetime import date, timedelta

from store.commands.exceptions import NoStandIn, StandInForOneself, StandInOver, StandInUnknown
from store.commands.people import WriteResult, corrected_now
from store.commands.resolve import ambiguous_name, resolve
from store.db.device_facts import read_device_facts
from store.ledger.line import is_id
from store.queries.name_lookup import NamedLine
from store.queries.stand_ins import StandInRow, principals_today, stand_ins
from store.values.times import parse_day
from store.writer.local_writes import Draft, Ledger
from store.writer.role_guard import roles_at_central


def add(ledger: Ledger, *, by: str, until: str, principal: str | None = None, since: str | None = None) -> WriteResult:
    """Let a person act for ``principal`` (default: the officer of this device) from ``since`` (default: today) to the
    day ``until``, both included. Where they do so already, their last day becomes this one. Raises `StandInForOneself`,
    `StandInOver`, `BadTime` and what `resolve` raises."""
    connection, now = ledger.database.connection(), corrected_now(ledger)
    today = now.date().isoformat()
    own = read_device_facts(connection).get("person", "")
    for_id = resolve(connection, "person", principal).id if principal else own
    person = resolve(connection, "person", by)
    if person.id == for_id:
        raise StandInForOneself(name=person.name)
    last, first = parse_day(until, now, "future"), parse_day(since, now, "future") if since else today
    if last < max(first, today):
        raise StandInOver(day=last)
    for row in stand_ins(connection, today):
        if (row.person_id, row.principal_id, row.state) == (person.id, for_id, "now") and not since:
            ledger.edit("assignment", row.id, to_date=last)
            return WriteResult(row.id)
    body = {"role": "stand_in", "person_id": person.id, "for_id": for_id, "from_date": first, "to_date": last}
    return WriteResult(ledger.put_many([Draft("assignment", body)])[0].id)


def end(ledger: Ledger, reference: str) -> WriteResult:
    """End a stand-in, by its id or the name of either person: what has begun before today ended yesterday, the rest is
    deleted. Raises `StandInUnknown`, and `NameAmbiguous` where several are meant."""
    connection, today = ledger.database.connection(), corrected_now(ledger).date()
    row = _meant(stand_ins(connection, today.isoformat()), reference.strip())
    if (row.from_date or "") < today.isoformat():
        ledger.edit("assignment", row.id, to_date=_day_before(today))
    else:
        ledger.delete("assignment", row.id)
    return WriteResult(row.id)


def principal_named(ledger: Ledger, name: str) -> str:
    """The person of this name in whose place the officer of this device may write: whom they stand in for today or, by
    the bureau and in a home that works alone, anybody. Raises `NoStandIn` and what `resolve` raises."""
    connection, today = ledger.database.connection(), corrected_now(ledger).date().isoformat()
    person, facts = resolve(connection, "person", name), read_device_facts(connection)
    roles = roles_at_central(facts)
    if roles and "bureau" not in roles and person.id not in dict(principals_today(connection, today)):
        raise NoStandIn(name=person.name)
    return person.id


def _meant(rows: list[StandInRow], reference: str) -> StandInRow:
    named = [row for row in rows if reference in (row.id, row.person_id, row.principal_id, row.person, row.principal)]
    mine = [row for row in named if row.mine]
    if len(mine) == 1 and not is_id(reference):
        return mine[0]
    if len(named) > 1:
        listed = [NamedLine(row.id, f"{row.person} → {row.principal}", None, None) for row in named]
        raise ambiguous_name(reference, listed)
    if not named:
        raise StandInUnknown(text=reference)
    return named[0]


def _day_before(day: date) -> str:
    return (day - timedelta(days=1)).isoformat()
