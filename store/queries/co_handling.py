"""The departments that co-handle an issue, with the latest word of each: SQL shared by the lists of issues (R25, R49).

Table ``co_handler`` follows from the steps (``store/domain/issue_lifecycle.py``); its rows are on ``issue_state s``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import orjson

from store.queries.name_sql import kept_id_sql


@dataclass(frozen=True, slots=True)
class CoHandling:
    """A department that co-handles an issue. ``opinion`` is the text of its latest opinion, ``disputed`` the reason
    why the matter is not its own, ``at`` when it said so; ``owed``: it has not spoken, and the issue is not
    finished."""

    department_id: str
    department: str | None
    opinion: str | None
    disputed: str | None
    at: str | None
    owed: bool


CO_HANDLERS_SQL = (
    "(SELECT json_group_array(json_array(c.department_id, cu.name, iif(c.disputed, NULL, ct.text), "
    "iif(c.disputed, coalesce(ct.reason, ''), NULL), ct.at, c.owed) ORDER BY c.place) FROM co_handler c "
    "LEFT JOIN unit cu ON cu.id = c.department_id LEFT JOIN issue_step ct ON ct.id = c.step_id WHERE c.issue_id = s.id)"
)
"""The co-handling departments of the issue ``s`` as a JSON list, for `co_handlings`."""
OF_DEPARTMENTS_SQL = (
    "s.id IN (SELECT d.id FROM issue_state d WHERE d.department_id IN ({units}) "
    "UNION ALL SELECT d.issue_id FROM co_handler d WHERE d.department_id IN ({units}))"
)
"""Whether one of the departments ``{units}`` leads or co-handles the issue ``s``."""
OWED_BY_SQL = "s.id IN (SELECT d.issue_id FROM co_handler d WHERE d.owed AND d.department_id IN ({units}))"
"""Whether one of the departments ``{units}`` is owed on the issue ``s``."""
IS_OWED_SQL = "s.id IN (SELECT d.issue_id FROM co_handler d WHERE d.owed)"
"""Whether any department is owed on the issue ``s``."""
OWED_COUNTS_SQL = "SELECT c.department_id, count(*) AS owed FROM co_handler c WHERE c.owed GROUP BY c.department_id"
"""On how many issues each department is owed."""
ASKED_AT_SQL = (
    "(SELECT max(a.stamp) >> 16 FROM issue_step a, json_each(coalesce(a.with_ids, '[]')) w "
    "WHERE a.issue_id = c.issue_id AND a.act = 'assigned' AND a.deleted = 0 "
    f"AND {kept_id_sql('w.value')} = c.department_id)"
)
"""When the department of the row ``co_handler c`` was last named beside the leading one, in ms since 1970."""
CO_HANDLER_NAMES_SQL = (
    "(SELECT group_concat(coalesce(cu.name, c.department_id), '、' ORDER BY c.place) FROM co_handler c "
    "LEFT JOIN unit cu ON cu.id = c.department_id WHERE c.issue_id = s.id)"
)
"""The names of the departments that co-handle the issue ``s``; NULL where none does."""
OWED_NAMES_SQL = CO_HANDLER_NAMES_SQL.removesuffix(")") + " AND c.owed)"
"""The names of the departments that are owed on the issue ``s``; NULL where none is."""
OWED_COUNT_SQL = "(SELECT count(*) FROM co_handler c WHERE c.issue_id = s.id AND c.owed)"
"""How many departments are owed on the issue ``s``."""


def co_handlings(rows: str | None) -> tuple[CoHandling, ...]:
    """The departments in a list of `CO_HANDLERS_SQL`, in the order of the assignment."""
    if rows is None or rows == "[]":
        return ()
    return tuple(
        CoHandling(unit, name, opinion, disputed, at, bool(owed))
        for unit, name, opinion, disputed, at, owed in orjson.loads(rows)
    )


def owed_names(departments: Iterable[CoHandling]) -> tuple[str, ...]:
    """The names of those that are still owed."""
    return tuple(each.department or each.department_id for each in departments if each.owed)
