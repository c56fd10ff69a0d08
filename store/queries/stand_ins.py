"""Who stands in for whom: what is in force, what begins, and what has ended."""

from __future__ import annotations

import json
from dataclasses import dataclass

from store.db.connection import Connection
from store.db.device_facts import read_device_facts
from store.queries.name_sql import kept_id_sql, person_name_sql

PRINCIPAL_FIELD = "acting_for"
"""The field of forms, and the kind of its suggestions, that names in whose place a line is written."""


@dataclass(frozen=True, slots=True)
class StandInRow:
    """``person`` acts in the place of ``principal`` from the first day to the last. ``state`` is ``now``, ``later`` or
    ``ended``; ``mine`` is ``for_me`` or ``by_me`` where the officer of this device is one of both."""

    id: str
    person_id: str
    person: str | None
    principal_id: str
    principal: str | None
    from_date: str | None
    to_date: str
    state: str
    mine: str | None


def stand_ins(connection: Connection, today: str, *, ended: bool = False) -> list[StandInRow]:
    """Who stands in for whom today or later, and with ``ended`` who did; those that end first come first."""
    me = read_device_facts(connection).get("person", "")
    person, principal = kept_id_sql("a.person_id"), kept_id_sql("a.for_id")
    rows = connection.execute(
        f"SELECT a.id, {person}, {person_name_sql('a.person_id')}, {principal}, {person_name_sql('a.for_id')}, "
        "a.from_date, a.to_date, CASE WHEN a.to_date < :today THEN 'ended' WHEN a.from_date > :today THEN 'later' "
        f"ELSE 'now' END, CASE {kept_id_sql(':me')} WHEN {principal} THEN 'for_me' WHEN {person} THEN 'by_me' END "
        "FROM assignment a WHERE a.role = 'stand_in' AND a.deleted = 0 AND a.project_id IS NULL "
        "AND a.for_id IS NOT NULL AND a.person_id IS NOT NULL AND a.to_date IS NOT NULL "
        "AND (a.to_date >= :today OR :ended) ORDER BY a.to_date, a.id",
        {"me": me, "today": today, "ended": ended},
    )
    return [StandInRow(*row) for row in rows]


def principals_today(connection: Connection, today: str) -> list[tuple[str, str | None]]:
    """For whom does the officer of this device stand in today? Ids and names."""
    mine = [row for row in stand_ins(connection, today) if row.mine == "by_me" and row.state == "now"]
    return list({row.principal_id: (row.principal_id, row.principal) for row in mine}.values())


def own_side(connection: Connection, today: str, in_place_of: str | None = None) -> list[str]:
    """Whose work does the officer of this device not approve (R48)? All ids of their own, of those for whom they stand
    in today and of whom they approve in the place of."""
    me = read_device_facts(connection).get("person")
    people = [each for each in (me, in_place_of, *dict(principals_today(connection, today))) if each]
    rows = connection.execute(
        f"WITH side AS (SELECT {kept_id_sql('j.value')} AS id FROM json_each(?) j) "
        "SELECT id FROM side UNION SELECT m.id FROM merged_id m WHERE m.kept_id IN (SELECT id FROM side)",
        (json.dumps(people),),
    )
    return [row[0] for row in rows]
