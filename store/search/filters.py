"""SQL conditions for the filters of a search: kind, and state or department of the issue that a line belongs to.

Kinds are tokens of the index. States change without the line, so they are joined from ``issue_state``: where at most
`MAX_NAMED_LINES` lines qualify, their numbers are selected beforehand, since otherwise nearly every match of the words
would be discarded one by one; where more qualify, filtering the newest matches finds enough of them soon.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

from store.db.connection import Connection
from store.ledger.kind_facts import searchable_issue_kinds
from store.search.qualifiers import SearchFilter
from store.search.tokenizer import kind_token

MAX_NAMED_LINES = 2000
"""At most so many issues are resolved to line numbers beforehand."""


_OF_DEPARTMENTS_SQL = (
    "(s.department_id IN (SELECT value FROM json_each(:departments)) OR EXISTS (SELECT 1 FROM co_handler c "
    "WHERE c.issue_id = s.id AND c.department_id IN (SELECT value FROM json_each(:departments))))"
)
"""Whether one of the departments leads or co-handles the issue ``s``, for single issues."""
_ISSUES_OF_DEPARTMENTS_SQL = (
    "(SELECT * FROM issue_state WHERE department_id IN (SELECT value FROM json_each(:departments)) UNION ALL "
    "SELECT i.* FROM co_handler c JOIN issue_state i ON i.id = c.issue_id "
    "WHERE c.department_id IN (SELECT value FROM json_each(:departments)))"
)
"""The issues that one of the departments leads or co-handles, by index; one of two of these is there twice."""


class IndexFilter(NamedTuple):
    """The filters as JSON lists; None: no restriction. ``few`` are the numbers of the only lines that qualify, None
    where they are too many to list."""

    kinds: str | None = None
    departments: str | None = None
    states: str | None = None
    few: str | None = None

    @property
    def joins(self) -> str:
        """The join to ``search_line l`` that the conditions need."""
        return " JOIN issue_state s ON s.id = l.root" if self._filters_states and self.few is None else ""

    def line_condition(self, number: str) -> str:
        """The condition on a line whose number is the SQL expression ``number``; needs `joins`."""
        if self.few is not None:
            return f" AND +({number}) IN (SELECT value FROM json_each(:few))"
        return self.issue_condition

    @property
    def kind_condition(self) -> str:
        """The condition on a line's kind, for statements without a match expression."""
        return " AND l.kind IN (SELECT value FROM json_each(:kinds))" if self.kinds else ""

    @property
    def issue_condition(self) -> str:
        """The condition on ``issue_state s``."""
        return (f" AND {_OF_DEPARTMENTS_SQL}" if self.departments else "") + self._state_condition

    @property
    def issues(self) -> str:
        """The issues that pass, for a statement of its own: ``… FROM`` this."""
        table = _ISSUES_OF_DEPARTMENTS_SQL if self.departments else "issue_state"
        return f"{table} s WHERE 1{self._state_condition}"

    @property
    def _state_condition(self) -> str:
        return " AND s.state IN (SELECT value FROM json_each(:states))" if self.states else ""

    @property
    def _filters_states(self) -> bool:
        return bool(self.departments or self.states)

    def match_expression(self, expression: str) -> str:
        """The FTS5 expression, restricted to the kinds; where the issues are too many to list, to the kinds of an
        issue's lines, since every other match would be discarded."""
        if self.kinds:
            kinds = json.loads(self.kinds)
        elif self._filters_states and self.few is None:
            kinds = searchable_issue_kinds()
        else:
            return expression
        wanted = " OR ".join(f'"{kind_token(kind)}"' for kind in kinds)
        return f"{expression} AND ({wanted})" if expression else wanted


def resolve_filter(connection: Connection, filters: SearchFilter) -> IndexFilter:
    """The filters as values of SQL conditions. A value that is no text (bytes that the terminal could not decode)
    matches nothing."""
    chosen = IndexFilter(*map(_json_list, filters))
    if not chosen.issue_condition:
        return chosen
    issues = f"SELECT s.id FROM {chosen.issues} LIMIT {MAX_NAMED_LINES + 1}"
    found = connection.execute(issues, chosen._asdict()).fetchall()
    if len(found) > MAX_NAMED_LINES:
        return chosen
    lines = "SELECT json_group_array(n) FROM search_line WHERE root IN (SELECT value FROM json_each(?))"
    few = connection.execute(lines, (json.dumps([row[0] for row in found]),)).fetchone()[0]
    return chosen._replace(few=few)


def _json_list(values: Sequence[str] | None) -> str | None:
    if values is None:
        return None
    return json.dumps([value.encode("utf-8", "replace").decode() for value in values], ensure_ascii=False)
