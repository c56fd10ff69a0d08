"""The clocks of issues, read from a store: the limits of each with since when, until when and whether they are kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import orjson

from store.db.connection import Connection
from store.domain.clocks import Clock, extending_role, issue_clocks
from store.domain.issue_lifecycle import responsible_ids
from store.domain.limits import read_limits
from store.domain.time_rules import read_time_rules
from store.ledger.line import Line
from store.queries.lines import readable_lines

_OF_ISSUES = "SELECT id FROM issue_step WHERE issue_id IN (SELECT value FROM json_each(?))"
_MERGED = "SELECT id, kept_id FROM merged_id WHERE id IN (SELECT value FROM json_each(?))"


def clocks_of_issues(connection: Connection, issues: Sequence[str]) -> dict[str, tuple[Clock, ...]]:
    """Which clocks has each of these issues (`store.domain.clocks`), those that were stopped too? By the issue's id;
    issues that are not here are left out."""
    own, lines = _lines_of(connection, issues)
    named = sorted({each for of_issue in lines.values() for line in of_issue for each in responsible_ids(line.body)})
    kept = dict(connection.execute(_MERGED, (orjson.dumps(named).decode(),)).fetchall())
    rules, limits = read_time_rules(connection), read_limits(connection)
    return {id: issue_clocks(own[id], lines[id], rules, limits, kept_ids=kept) for id in issues if id in own}


def clocks_of_rules(connection: Connection, issue_id: str) -> tuple[Clock, ...]:
    """Which clocks has this issue by time rules and beside them? None where the district has no rules: then its due
    date says all."""
    if connection.execute("SELECT 1 FROM time_rule WHERE deleted = 0 LIMIT 1").fetchone() is None:
        return ()
    return clocks_of_issues(connection, [issue_id]).get(issue_id, ())


def extending_role_of(connection: Connection, issue_id: str) -> str | None:
    """Which role alone may extend the due date of this issue? None where the table of the acts alone decides."""
    own, lines = _lines_of(connection, [issue_id])
    return extending_role(own[issue_id], lines[issue_id], read_time_rules(connection)) if own else None


def _lines_of(connection: Connection, issues: Sequence[str]) -> tuple[dict[str, Line], dict[str, list[Line]]]:
    """The own lines of issues that are here, and all their lines, by the issue's id."""
    steps = [row[0] for row in connection.execute(_OF_ISSUES, (orjson.dumps([*issues]).decode(),))]
    own: dict[str, Line] = {}
    lines: dict[str, list[Line]] = defaultdict(list)
    for line in readable_lines(connection, [*issues, *steps], ("issue", "issue_step")).values():
        if not line.deleted:
            lines[str(line.body.get("issue_id", line.id))].append(line)
            own |= {line.id: line} if line.kind == "issue" else {}
    return own, lines
