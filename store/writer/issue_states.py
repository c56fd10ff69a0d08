"""The computed states of issues as they are stored for lists: which change with which lines, and their rows.

``store/domain/issue_lifecycle.py`` and ``store/domain/clocks.py`` say what a state is.
``store/writer/transaction.py`` stores them with the lines that they follow from, ``store/writer/issue_repair.py``
compares them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import orjson

from store.db.connection import Connection
from store.domain.clocks import under_rules
from store.domain.holidays import read_holiday_years
from store.domain.issue_lifecycle import IssueState, compute_state, responsible_ids
from store.domain.limits import read_limits
from store.domain.time_rules import read_time_rules
from store.ledger.kinds import kinds
from store.ledger.line import Line
from store.ledger.row_mapping import readable_line_from, select_columns
from store.values.workdays import announced_checksum, counting_by
from store.writer.project_figures import refresh_project_figures

_STATE_KINDS = ("issue", "issue_step", "close_out")
"""The kinds of line that an issue's state follows from."""
_ISSUES_AT_ONCE = 2_000
_DISTRICT_RULES = frozenset({"district_limit", "time_rule", "holiday_year"})
"""The kinds on which every issue's state may depend: whether the enterprise confirms, and when what is due."""
COUNTED_BY = "counted_by"
"""The device fact with the checksum of the program's holidays by which the stored due dates were counted."""
ISSUE_STATE_COLUMNS = (
    "id, project_id, state, level, department_id, owner_id, due, waiting_until, progress_at, closed_at, close_number, "
    "because, due_rule, extension, limit_at, progress_until, out_of_turn"
)
_INSERT_ISSUE_STATE = (
    f"INSERT OR REPLACE INTO issue_state ({ISSUE_STATE_COLUMNS}, updated) VALUES ({', '.join('?' * 18)})"
)
_PROJECTS_OF_STATES = "SELECT DISTINCT project_id FROM issue_state WHERE id IN (SELECT value FROM json_each(?))"
CO_HANDLER_COLUMNS = "issue_id, department_id, place, step_id, disputed, owed"
_INSERT_CO_HANDLER = f"INSERT INTO co_handler ({CO_HANDLER_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)"


def affected_issues(lines: Iterable[Line]) -> list[str]:
    """The issues whose state may differ after these lines."""
    found = {kinds()[line.kind].root_of(line.id, line.body) for line in lines if line.kind in _STATE_KINDS}
    return sorted(found)


def issues_under_changed_rules(connection: Connection, lines: Iterable[Line]) -> list[str]:
    """All issues where one of these lines is a rule of the district, which counts from now on, or where an update of
    the program brought holidays by which its time rules have not counted yet; else none."""
    has_new_holidays = _has_new_holidays(connection)
    changed = has_new_holidays or any(line.kind in _DISTRICT_RULES for line in lines)
    return [row[0] for row in connection.execute("SELECT id FROM issue")] if changed else []


def _has_new_holidays(connection: Connection) -> bool:
    """Whether the holidays of the program are others than those that the time rules last counted by; these are noted.
    Loads them only where there are time rules."""
    if connection.execute("SELECT 1 FROM time_rule LIMIT 1").fetchone() is None:
        return False
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (COUNTED_BY,)).fetchone()
    if row == (announced_checksum(),):
        return False
    connection.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (COUNTED_BY, announced_checksum()))
    return True


def store_issue_states(
    connection: Connection, issues: Sequence[str], now_ms: int, projects: Iterable[str | None] = ()
) -> None:
    """Recompute and store the states of these issues from their lines, and the figures of their projects and of
    ``projects``. An issue whose own line has not arrived yet has no state; its steps wait."""
    concerned = set(projects)
    for start in range(0, len(issues), _ISSUES_AT_ONCE):
        page = issues[start : start + _ISSUES_AT_ONCE]
        lines, states = compute_issue_states(connection, page)
        present = {line.id: line for line in lines if not line.deleted}
        which = orjson.dumps(page).decode()
        concerned.update(row[0] for row in connection.execute(_PROJECTS_OF_STATES, (which,)))
        concerned.update(line.project for line in present.values())
        connection.executemany(
            "DELETE FROM issue_state WHERE id = ?", ((gone,) for gone in page if gone not in present)
        )
        connection.executemany(
            _INSERT_ISSUE_STATE, (issue_state_row(line, states[line.id], now_ms) for line in present.values())
        )
        connection.execute("DELETE FROM co_handler WHERE issue_id IN (SELECT value FROM json_each(?))", (which,))
        co_handlers = [row for issue_id in present for row in co_handler_rows(issue_id, states[issue_id])]
        connection.executemany(_INSERT_CO_HANDLER, co_handlers)
    refresh_project_figures(connection, concerned)


def compute_issue_states(connection: Connection, issues: Sequence[str]) -> tuple[list[Line], dict[str, IssueState]]:
    """The stored lines of these issues, and the state of each, computed from its own line and its steps. Department and
    owner are those that stand for them after merges, so that lists find them by one id. Working days are counted by the
    holidays that this transaction reads: another process may have entered some, and what it writes may be undone."""
    chosen = orjson.dumps(issues).decode()
    others: dict[str, list[Line]] = defaultdict(list)
    for kind in (kinds()["issue_step"], kinds()["close_out"]):
        query = f"SELECT {select_columns(kind)} FROM {kind.name} WHERE issue_id IN (SELECT value FROM json_each(?))"
        for row in connection.execute(query, (chosen,)):
            line = readable_line_from(kind, row)
            others[line.body["issue_id"]].append(line)
    limits, rules = read_limits(connection), read_time_rules(connection)
    issue = kinds()["issue"]
    query = f"SELECT {select_columns(issue)} FROM issue WHERE id IN (SELECT value FROM json_each(?))"
    lines = [readable_line_from(issue, row) for row in connection.execute(query, (chosen,))]
    kept = _kept_ids(connection, (line for each in (lines, *others.values()) for line in each))
    states = {}
    with counting_by(read_holiday_years(connection)):
        for line in lines:
            state = compute_state(line, others[line.id], confirmation_required=bool(limits.confirmation), kept_ids=kept)
            states[line.id] = under_rules(state, line, others[line.id], rules, limits, kept_ids=kept)
    return lines, states


def _kept_ids(connection: Connection, lines: Iterable[Line]) -> dict[str, str]:
    """The ids that stand for departments and owners in these lines, where they were merged."""
    query = "SELECT id, kept_id FROM merged_id WHERE id IN (SELECT value FROM json_each(?))"
    ids = sorted({each for line in lines for each in responsible_ids(line.body)})
    return dict(connection.execute(query, (orjson.dumps(ids).decode(),)).fetchall())


def issue_state_row(issue: Line, state: IssueState, now_ms: int) -> tuple[object, ...]:
    """The row of an issue's state: `ISSUE_STATE_COLUMNS`, and when it was computed."""
    turn = orjson.dumps(state.out_of_turn).decode() if state.out_of_turn else None
    dates = (state.due, state.waiting_until, state.progress_at, state.closed_at, state.close_number)
    who = (state.department_id, state.owner_id)
    return (
        issue.id,
        issue.project,
        state.state,
        state.level,
        *who,
        *dates,
        state.because,
        state.due_rule,
        state.extension,
        state.limit_at,
        state.progress_until,
        turn,
        now_ms,
    )


def co_handler_rows(issue_id: str, state: IssueState) -> list[tuple[object, ...]]:
    """The rows of an issue's co-handling departments: `CO_HANDLER_COLUMNS`."""
    return [
        (issue_id, each.department_id, place, each.step, int(each.disputed), int(each.department_id in state.owed))
        for place, each in enumerate(state.co_handlers)
    ]
