"""Status lights in SQL: the rule of ``store/domain/status_lights.py`` for all rows of ``issue_state`` at once."""

from __future__ import annotations

from store.domain.status_lights import LIGHT_STATES, LIGHTS, LightThresholds
from store.values.times import stored_day
from store.writer.project_figures import DUE_SQL, LIGHT_STATES_SQL

NO_DUE = 9_999_999
"""Stands for the Julian day of an issue without a due date: it comes after all others of its light, and before what is
settled or finished."""
_JULIAN_DAY_0 = 1_721_425
"""The Julian day of the day before 0001-01-01."""
LACKS_PROGRESS_SQL = "coalesce(s.progress_until < :now, s.progress_at < :stale_ms)"
"""Whether nothing was done on the issue ``issue_state s`` for too long."""
LIGHT_SQL = (
    f"CASE WHEN s.state NOT IN ({LIGHT_STATES_SQL}) THEN NULL WHEN {DUE_SQL} < :today OR s.limit_at < :now "
    "THEN 'red' WHEN s.state = 'waiting' AND s.waiting_until < :today THEN 'yellow' "
    f"WHEN {LACKS_PROGRESS_SQL} THEN 'yellow' WHEN {DUE_SQL} <= :soon OR s.limit_at <= :soon_until THEN 'blue' END"
)
"""The light of the issue ``issue_state s``; takes the values of `light_parameters`."""
SEVERITY_SQL = f"CASE {LIGHT_SQL} WHEN 'red' THEN 0 WHEN 'yellow' THEN 1 WHEN 'blue' THEN 2 END"
"""The rank of the light in `store.domain.status_lights.LIGHTS`: the smallest is the worst."""
WORST_SQL = (
    "CASE WHEN f.due < :today OR f.limit_at < :now THEN 0 "
    "WHEN f.waiting_until < :today OR f.progress_at < :stale_ms OR f.progress_until < :now THEN 1 "
    "WHEN f.due <= :soon OR f.limit_at <= :soon_until THEN 2 END"
)
"""The smallest `SEVERITY_SQL` of the issues of a project, by its figures ``project_figures f``: one issue has a light
at least as bad as this, and none a worse one."""

URGENCY_SQL = (
    f"coalesce(3 - {SEVERITY_SQL}, 0)",
    f"CASE WHEN s.state IN ({LIGHT_STATES_SQL}) "
    f"THEN -coalesce(CAST(julianday(substr({DUE_SQL}, 1, 10)) + 0.5 AS INTEGER), {NO_DUE}) ELSE -{NO_DUE + 1} END",
)
"""What orders issues by how urgent they are, the largest first: the light, then the earliest due date."""


def urgency(light: str | None, state: str, due: str | None) -> tuple[int, int]:
    """The values of `URGENCY_SQL` for one issue; ``due`` is its `effective_due`."""
    rank = 3 - LIGHTS.index(light) if light in LIGHTS else 0
    if state not in LIGHT_STATES:
        return rank, -(NO_DUE + 1)
    day = stored_day(due)
    return rank, -(day.toordinal() + _JULIAN_DAY_0 if day else NO_DUE)


def light_parameters(thresholds: LightThresholds) -> dict[str, object]:
    """The values that `LIGHT_SQL` takes, for one moment."""
    return {
        "today": thresholds.today,
        "now": thresholds.now,
        "soon": thresholds.due_soon,
        "soon_until": thresholds.soon_until,
        "stale_ms": thresholds.stale_before_ms,
    }
