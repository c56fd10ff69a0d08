"""The three rates of a period, by unit and by butler: answered in time, solved of what was due, satisfied of the asked.

Each is a count out of a count, so that it can be checked by hand. *Answered*: of the issues given to the unit in the
period (for a butler: recorded on the butler's projects), those that it first took up within the limit ``response`` in
working days; one whose time is not over is not counted yet. An issue that was transferred is given to the unit that
leads it on the day on which it came there: nobody answers for the time that another had it. *Solved*: of the issues
that were due in the period or closed in it, those closed by its end. *Satisfied*: of the issues about which the
enterprise was asked in the period, those with which it was satisfied, basically or wholly, when asked last.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Literal, NamedTuple

import orjson

from store.db.connection import Connection
from store.domain.status_lights import LightThresholds
from store.queries.name_sql import kept_id_sql, shown_name_sql
from store.queries.project_filters import SERVING_ORDER_SQL, serves_on_sql
from store.queries.report_rows import STEP_DAY_SQL, day_sql
from store.values.times import stored_day
from store.values.workdays import add_workdays
from store.writer.project_figures import DUE_SQL, IN_TURN_SQL

RatedKind = Literal["unit", "butler"]


class RateShare(NamedTuple):
    """So many of so many."""

    done: int = 0
    of: int = 0

    @property
    def percent(self) -> float | None:
        """In per cent, to one place; None of nothing."""
        return round(100 * self.done / self.of, 1) if self.of else None


class Rates(NamedTuple):
    """The rates of a unit or butler, and the ``place``: None where nothing could be counted. Equal ones share one."""

    name: str
    response: RateShare
    solved: RateShare
    satisfied: RateShare
    place: int | None = None


def rates(
    connection: Connection, thresholds: LightThresholds, kind: RatedKind, since: str, until: str, response: int
) -> list[Rates]:
    """How quickly did each unit, or butler, take up what it was given, how much of what was due is solved, and are the
    enterprises satisfied? The best first: by what is solved, then answered, then satisfied; nothing counts least."""
    values = {"since": since, "until": min(until, thresholds.today)}
    holder = _HOLDERS[kind]
    begun = connection.execute(_BEGUN[kind].format(holder=holder), values)
    answered = _answered(begun, thresholds.today, response)
    solved = _shares(connection.execute(_SOLVED.format(holder=holder), values))
    satisfied = _shares(connection.execute(_SATISFIED.format(holder=holder), values))
    none, held = RateShare(), dict.fromkeys((*answered, *solved, *satisfied))
    names = dict(connection.execute(_NAMES[kind], (orjson.dumps([*held]).decode(),)).fetchall())
    return _placed(
        [
            Rates(names[id], answered.get(id, none), solved.get(id, none), satisfied.get(id, none))
            for id in held
            if id in names
        ]
    )


def _answered(rows: Iterable[tuple[str, str, str | None]], today: str, limit: int) -> dict[str, RateShare]:
    """Of each holder: how many were taken up in time, of those taken up or whose time is over."""
    counted: dict[str, list[bool]] = defaultdict(list)
    for id, given, taken_up in rows:
        day = stored_day(given)
        if day is None:
            continue
        last = add_workdays(day, limit).isoformat()
        if taken_up is not None or last < today:
            counted[id].append(taken_up is not None and taken_up <= last)
    return {id: RateShare(sum(in_time), len(in_time)) for id, in_time in counted.items()}


def _shares(rows: Iterable[tuple[str, int, int]]) -> dict[str, RateShare]:
    return {id: RateShare(count, of) for id, count, of in rows if of}


def _placed(rated: list[Rates]) -> list[Rates]:
    def rank(rated_one: Rates) -> tuple[float, ...]:
        return tuple(
            -1.0 if share.percent is None else share.percent
            for share in (rated_one.solved, rated_one.response, rated_one.satisfied)
        )

    ordered = sorted(rated, key=lambda one: (*(-part for part in rank(one)), one.name))
    placed: list[Rates] = []
    for number, one in enumerate(ordered, 1):
        same = placed and rank(placed[-1]) == rank(one)
        empty = not (one.response.of or one.solved.of or one.satisfied.of)
        placed.append(one._replace(place=None if empty else placed[-1].place if same else number))
    return placed


_BUTLER = (
    f"(SELECT b.id FROM assignment a JOIN person b ON b.id = {kept_id_sql('a.person_id')} "
    f"WHERE a.project_id = s.project_id AND a.role = 'butler' AND {serves_on_sql(':until')} "
    f"ORDER BY a.from_date DESC, {SERVING_ORDER_SQL} LIMIT 1)"
)
_HOLDERS: dict[RatedKind, str] = {
    "unit": kept_id_sql("s.department_id"),
    "butler": _BUTLER,
}
"""The id of who is rated for the issue ``s``: the unit that leads it, or the butler of its project at the end."""
_NAMES: dict[RatedKind, str] = {
    "unit": "SELECT id, name FROM unit WHERE id IN (SELECT value FROM json_each(?))",
    "butler": f"SELECT n.id, {shown_name_sql('n')} FROM person n WHERE n.id IN (SELECT value FROM json_each(?))",
}


def _first_of(*acts: str) -> str:
    """The day of the first of these acts on the issue ``s``."""
    chosen = ", ".join(map(repr, acts))
    return (
        f"(SELECT min({STEP_DAY_SQL}) FROM issue_step t WHERE t.issue_id = s.id AND t.act IN ({chosen}) "
        f"AND t.deleted = 0 AND {IN_TURN_SQL})"
    )


_GIVEN = (
    "(SELECT min(t.stamp) FROM issue_step t WHERE t.issue_id = s.id AND t.act = 'assigned' AND t.deleted = 0 "
    f"AND {IN_TURN_SQL} AND t.stamp > coalesce((SELECT max(o.stamp) FROM issue_step o WHERE o.issue_id = s.id "
    "AND o.act = 'assigned' AND o.deleted = 0 "
    f"AND {IN_TURN_SQL.replace('t.id', 'o.id')} AND {kept_id_sql('o.department_id')} <> holder), 0))"
)
"""The stamp of the act by which the issue ``s`` came to the unit that leads it now, its ``holder``."""
_TAKEN_UP = (
    f"(SELECT min({STEP_DAY_SQL}) FROM issue_step t WHERE t.issue_id = s.id AND t.stamp > s.begun "
    "AND t.act IN ('accepted', 'disputed', 'progress', 'waiting', 'settled') "
    f"AND t.deleted = 0 AND {IN_TURN_SQL})"
)
_BEGUN: dict[RatedKind, str] = {
    "unit": f"SELECT holder, given, {_TAKEN_UP} FROM (SELECT s.*, (SELECT {STEP_DAY_SQL} FROM issue_step t "
    f"WHERE t.issue_id = s.id AND t.stamp = s.begun) AS given FROM (SELECT s.*, {_GIVEN} AS begun FROM "
    "(SELECT s.*, {holder} AS holder FROM issue_state s) s) s) s "
    "WHERE holder IS NOT NULL AND given BETWEEN :since AND :until",
    "butler": f"SELECT holder, given, {_first_of('assigned', 'escalated', 'resolved', 'cancelled')} "
    "FROM (SELECT s.*, {holder} AS holder, substr(i.raised_at, 1, 10) AS given FROM issue_state s "
    "JOIN issue i ON i.id = s.id AND i.deleted = 0) s "
    "WHERE holder IS NOT NULL AND given BETWEEN :since AND :until",
}
_CLOSED_DAY = day_sql("s.closed_at")
_SOLVED = (
    "SELECT holder, sum(coalesce(closed <= :until, 0)), count(*) FROM ("
    f"SELECT {{holder}} AS holder, s.state, {DUE_SQL} AS due, "
    f"CASE WHEN s.closed_at IS NULL THEN NULL ELSE {_CLOSED_DAY} END AS closed FROM issue_state s) "
    "WHERE holder IS NOT NULL AND state <> 'cancelled' "
    "AND (due BETWEEN :since AND :until OR closed BETWEEN :since AND :until) GROUP BY holder"
)
_SATISFIED = (
    "SELECT holder, sum(satisfaction IN ('satisfied', 'basically')), count(*) FROM ("
    "SELECT {holder} AS holder, f.satisfaction, row_number() OVER (PARTITION BY f.issue_id ORDER BY f.at DESC, "
    "f.stamp DESC) AS n FROM follow_up f JOIN issue_state s ON s.id = f.issue_id "
    "WHERE f.deleted = 0 AND substr(f.at, 1, 10) BETWEEN :since AND :until) "
    "WHERE n = 1 AND holder IS NOT NULL GROUP BY holder"
)
