"""The lookup's filters: only lines of a kind, only issues in a state or at a department, with their steps.

Kinds are words of the index. States change without the line, so they are looked up: where few issues are wanted, their
lines are named beforehand, since nearly all that the words find would have to be thrown away one by one; where there
are many, the words' newest lines are soon enough.
"""

from __future__ import annotations

import json
from typing import NamedTuple

from store.connection import Connection
from store.tokens import kind_token

FEW = 2000


class Narrow(NamedTuple):
    """What is left of the index: ``few`` is a JSON list of the only lines that may be found, None where they are too
    many to name."""

    kind: str | None = None
    department: str | None = None
    state: str | None = None
    few: str | None = None

    @property
    def joins(self) -> str:
        """The table that the conditions need, joined to ``search_line l``."""
        return " JOIN issue_state s ON s.id = l.root" if self._asks_states and self.few is None else ""

    def where(self, number: str) -> str:
        """The conditions on a line, whose number is the column ``number``, and on `joins`."""
        if self.few is not None:
            return f" AND +{number} IN (SELECT value FROM json_each(:few))"
        return self.states

    @property
    def states(self) -> str:
        """The conditions on ``issue_state s``."""
        department = " AND s.department_id = :department" if self.department else ""
        return department + (" AND s.state = :state" if self.state else "")

    @property
    def _asks_states(self) -> bool:
        return bool(self.department or self.state)

    def words(self, expression: str) -> str:
        """An FTS5 expression, kept to the kind."""
        return f'{expression} AND "{kind_token(self.kind)}"' if self.kind else expression


def narrow(connection: Connection, kind: str | None, department: str | None, state: str | None) -> Narrow:
    """The filters as they were typed. What is no text at all (bytes that the terminal could not decode) matches
    nothing."""
    asked = Narrow(*(value and value.encode("utf-8", "replace").decode() for value in (kind, department, state)))
    if not asked.states:
        return asked
    issues = f"SELECT id FROM issue_state s WHERE 1{asked.states} LIMIT {FEW + 1}"
    found = connection.execute(issues, asked._asdict()).fetchall()
    if len(found) > FEW:
        return asked
    lines = "SELECT json_group_array(n) FROM search_line WHERE root IN (SELECT value FROM json_each(?))"
    few = connection.execute(lines, (json.dumps([row[0] for row in found]),)).fetchone()[0]
    return asked._replace(few=few)
