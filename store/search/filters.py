"""The lookup's filters: only lines of a kind, only issues in a state or at a department, with their steps.

Kinds are words of the index. States change without the line, so they are looked up: where few issues are wanted, their
lines are named beforehand, since nearly all that the words find would have to be thrown away one by one; where there
are many, the words' newest lines are soon enough.
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


class IndexFilter(NamedTuple):
    """What is left of the index, each a JSON list, or None where anything will do. ``few`` is of the only lines that
    may be found, None where they are too many to name."""

    kinds: str | None = None
    departments: str | None = None
    states: str | None = None
    few: str | None = None

    @property
    def joins(self) -> str:
        """The table that the conditions need, joined to ``search_line l``."""
        return " JOIN issue_state s ON s.id = l.root" if self._filters_states and self.few is None else ""

    def line_condition(self, number: str) -> str:
        """The conditions on a line, whose number is the expression ``number``, and on `joins`."""
        if self.few is not None:
            return f" AND +({number}) IN (SELECT value FROM json_each(:few))"
        return self.issue_condition

    @property
    def kind_condition(self) -> str:
        """The condition on a line's kind, where no expression says it."""
        return " AND l.kind IN (SELECT value FROM json_each(:kinds))" if self.kinds else ""

    @property
    def issue_condition(self) -> str:
        """The conditions on ``issue_state s``."""
        departments = " AND s.department_id IN (SELECT value FROM json_each(:departments))" if self.departments else ""
        return departments + (" AND s.state IN (SELECT value FROM json_each(:states))" if self.states else "")

    @property
    def _filters_states(self) -> bool:
        return bool(self.departments or self.states)

    def match_expression(self, expression: str) -> str:
        """An FTS5 expression, kept to the kinds; where issues are wanted that are too many to name, to issues and what
        belongs to them, since every other line would be looked at only to be thrown away."""
        if self.kinds:
            kinds = json.loads(self.kinds)
        elif self._filters_states and self.few is None:
            kinds = searchable_issue_kinds()
        else:
            return expression
        wanted = " OR ".join(f'"{kind_token(kind)}"' for kind in kinds)
        return f"{expression} AND ({wanted})" if expression else wanted


def resolve_filter(connection: Connection, filters: SearchFilter) -> IndexFilter:
    """The filters as they were chosen. What is no text at all (bytes that the terminal could not decode) matches
    nothing."""
    asked = IndexFilter(*map(_json_list, filters))
    if not asked.issue_condition:
        return asked
    issues = f"SELECT id FROM issue_state s WHERE 1{asked.issue_condition} LIMIT {MAX_NAMED_LINES + 1}"
    found = connection.execute(issues, asked._asdict()).fetchall()
    if len(found) > MAX_NAMED_LINES:
        return asked
    lines = "SELECT json_group_array(n) FROM search_line WHERE root IN (SELECT value FROM json_each(?))"
    few = connection.execute(lines, (json.dumps([row[0] for row in found]),)).fetchone()[0]
    return asked._replace(few=few)


def _json_list(values: Sequence[str] | None) -> str | None:
    if values is None:
        return None
    return json.dumps([value.encode("utf-8", "replace").decode() for value in values], ensure_ascii=False)
