"""Which projects a list shows, and in which order: conditions and keys in SQL, each defined once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from store.domain.status_lights import LIGHTS, SIX_ONES, Light, LightThresholds
from store.queries.light_sql import WORST_SQL, light_parameters
from store.queries.name_sql import kept_id_sql, same_ids_sql
from store.queries.paging import Listing, sorted_by

ProjectOrder = Literal["table", "light", "contact", "name", "leader", "butler", "enterprise", "open"]
PROJECT_ORDERS: tuple[ProjectOrder, ...] = (
    "table", "light", "contact", "name", "leader", "butler", "enterprise", "open",
)  # fmt: skip
"""As in the responsibility table; the worst light first; the longest without contact first; then by columns."""
ANY_OF_SIX_ONES = "any"
"""The value of ``lacks`` for projects that lack any of the six ones."""


@dataclass(frozen=True, slots=True)
class ProjectFilter:
    """Which projects to list; None or False: no condition. ``mine``: the owner of this device serves it in any role;
    ``silent``: no contact for too long; ``lacks``: one of the six ones is missing, or `ANY_OF_SIX_ONES`; with
    ``removed`` also those taken off the list; ``unit`` and ``person`` (ids) serve it today in any role;
    ``reverse``: in the opposite order."""

    category: str | None = None
    stage: str | None = None
    light: Light | None = None
    mine: bool = False
    silent: bool = False
    lacks: str | None = None
    removed: bool = False
    unit: str | None = None
    person: str | None = None
    order: ProjectOrder = "table"
    reverse: bool = False


EVERY_PROJECT = ProjectFilter()


def serves_on_sql(day: str) -> str:
    """Whether the assignment ``a`` holds on a day; the argument is an expression."""
    return f"a.deleted = 0 AND coalesce(a.from_date, {day}) <= {day} AND coalesce(a.to_date, {day}) >= {day}"


SERVES_TODAY_SQL = serves_on_sql(":today")
PROJECTS_SQL = "project p LEFT JOIN project_figures f ON f.project_id = p.id"
"""The projects ``p`` with their figures ``f``, which one without issues and contacts lacks."""
LAST_CONTACT_SQL = "f.last_contact"
SERVING_ORDER_SQL = "a.stamp, a.device_id, a.id"
"""The order of those who serve a project in one role: as they were entered, which in a table is their rank. Ids are no
order: they follow from hashes."""
FIRST_STAMP_SQL = "min(p.stamp, coalesce((SELECT min(h.stamp) FROM history h WHERE h.id = p.id), p.stamp))"
LISTED_ON_SQL = "json_extract(p.adjustments, '$[0].date')"
TAKEN_OFF_SQL = "coalesce(json_extract(p.adjustments, '$[#-1].act'), '') = 'removed'"
_NO_LIGHT = len(LIGHTS)
_WORST = f"coalesce({WORST_SQL}, {_NO_LIGHT})"
_SINCE = f"coalesce({LAST_CONTACT_SQL}, {LISTED_ON_SQL}, date(({FIRST_STAMP_SQL} >> 16) / 1000 + 28800, 'unixepoch'))"
IS_SILENT_SQL = f"substr({_SINCE}, 1, 10) < :silent"
"""Whether nobody has been in touch with project ``p`` since the day ``:silent``
(`store.domain.status_lights.is_silent`)."""


def serves_for_sql(person: str, names: str = "") -> str:
    """Whether the assignment ``a`` is of the person whose id is in ``person``, or of somebody for whom they stand in on
    the day ``:today``; ``names`` is a SELECT of further ids of theirs."""
    stood_in_for = (
        f"SELECT {kept_id_sql('a.for_id')} FROM assignment a WHERE a.role = 'stand_in' AND a.project_id IS NULL "
        f"AND a.person_id IN ({same_ids_sql(person)}) AND {SERVES_TODAY_SQL} AND a.to_date IS NOT NULL"
    )
    all_ids = f"{stood_in_for} UNION SELECT id FROM merged_id WHERE kept_id IN ({stood_in_for})"
    own = f"{same_ids_sql(person)} UNION {names}" if names else same_ids_sql(person)
    return f"a.person_id IN ({own} UNION {all_ids})"  # one list, so that the index by person is used


_IS_MINE = serves_for_sql(
    "(SELECT value FROM meta WHERE key = 'person')",
    "SELECT n.id FROM person n WHERE n.name = (SELECT value FROM meta WHERE key = 'person_name')",
)
SECTION_RANK_SQL = "CASE p.category WHEN 'continuing' THEN 0 WHEN 'new' THEN 1 ELSE 2 END"
_TABLE = (SECTION_RANK_SQL, "length(p.number)", "p.number", "p.id")
ORDER_KEYS: Mapping[ProjectOrder, tuple[str, ...]] = {
    "table": _TABLE,
    "light": (_WORST, *_TABLE),
    "contact": (f"coalesce({LAST_CONTACT_SQL}, '')", "p.id"),
}
"""The key of a row in each order of its own."""


def _holder_sql(role: str) -> str:
    """The name of who serves project ``p`` in a role today, the first of several."""
    return (
        f"(SELECT coalesce(n.name, u.name) FROM assignment a LEFT JOIN person n ON n.id = {kept_id_sql('a.person_id')} "
        f"LEFT JOIN unit u ON u.id = {kept_id_sql('a.unit_id')} "
        f"WHERE a.project_id = p.id AND a.role = '{role}' AND {SERVES_TODAY_SQL} ORDER BY {SERVING_ORDER_SQL} LIMIT 1)"
    )


PROJECT_SORTS: Mapping[str, str] = {
    "name": "p.name",
    "leader": _holder_sql("lead_leader"),
    "butler": _holder_sql("butler"),
    "enterprise": _holder_sql("enterprise_contact"),
    "open": "nullif(f.open_issues, 0)",
}
"""What an order by a column sorts by."""


def listing(project_filter: ProjectFilter = EVERY_PROJECT, thresholds: LightThresholds | None = None) -> Listing:
    """The projects that pass the filter, in its order. ``thresholds`` are needed for filters by light, silence or who
    serves, and for the order by lights."""
    conditions = ["p.deleted = 0", *([] if project_filter.removed else [f"NOT {TAKEN_OFF_SQL}"])]
    values: dict[str, object] = {"category": project_filter.category, "stage": project_filter.stage}
    conditions += [f"p.{name} = :{name}" for name, value in values.items() if value]
    values = {name: value for name, value in values.items() if value}
    if project_filter.light:
        conditions.append(f"{_WORST} = {LIGHTS.index(project_filter.light)}")
    if project_filter.mine:
        served = f"SELECT 1 FROM assignment a WHERE a.project_id = p.id AND {_IS_MINE} AND {SERVES_TODAY_SQL}"
        conditions.append(f"EXISTS ({served})")
    if project_filter.silent:
        conditions.append(IS_SILENT_SQL)
    if project_filter.lacks:
        lacking = [_lacks(roles) for name, roles in SIX_ONES if project_filter.lacks in (name, ANY_OF_SIX_ONES)]
        conditions.append(f"({' OR '.join(lacking)})")
    for name, held in (("unit", "a.unit_id"), ("person", "a.person_id")):
        if wanted := getattr(project_filter, name):
            serving = f"a.project_id = p.id AND {held} IN ({same_ids_sql(':' + name)}) AND {SERVES_TODAY_SQL}"
            conditions.append(f"EXISTS (SELECT 1 FROM assignment a WHERE {serving})")
            values[name] = wanted
    if thresholds is not None:
        values |= {**light_parameters(thresholds), "silent": thresholds.silent_before}
    source, order = f"{PROJECTS_SQL} WHERE " + " AND ".join(conditions), project_filter.order
    if order in PROJECT_SORTS:
        listed = Listing(source, ("p.id",), values=values)
        return sorted_by(listed, PROJECT_SORTS[order], descending=project_filter.reverse)
    return Listing(source, ORDER_KEYS[order], descending=project_filter.reverse, values=values)


def _lacks(roles: tuple[str, ...]) -> str:
    filled = ", ".join(f"'{role}'" for role in roles)
    holders = f"SELECT 1 FROM assignment a WHERE a.project_id = p.id AND a.role IN ({filled}) AND {SERVES_TODAY_SQL}"
    return f"NOT EXISTS ({holders})"


def light_rank(light: Light | None) -> int:
    """The rank of a light in the order by lights."""
    return _NO_LIGHT if light is None else LIGHTS.index(light)
