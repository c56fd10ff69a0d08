"""Status lights in SQL: the rule of ``store/domain/status_lights.py`` for all rows of ``issue_state`` at once."""

from __future__ import annotations

from store.domain.status_lights import LIGHT_STATES, LightThresholds

_LIGHT_STATES_SQL = ", ".join(f"'{state}'" for state in LIGHT_STATES)
DUE_SQL = "CASE WHEN s.state = 'waiting' AND s.waiting_until > s.due THEN s.waiting_until ELSE s.due END"
"""`store.domain.status_lights.effective_due` of the issue ``issue_state s``."""
LIGHT_SQL = (
    f"CASE WHEN s.state NOT IN ({_LIGHT_STATES_SQL}) THEN NULL WHEN {DUE_SQL} < :today THEN 'red' "
    "WHEN s.state = 'waiting' AND s.waiting_until < :today THEN 'yellow' "
    f"WHEN s.progress_at < :stale_ms THEN 'yellow' WHEN {DUE_SQL} <= :soon THEN 'blue' END"
)
"""The light of the issue ``issue_state s``; takes the values of `light_parameters`."""
SEVERITY_SQL = f"CASE {LIGHT_SQL} WHEN 'red' THEN 0 WHEN 'yellow' THEN 1 WHEN 'blue' THEN 2 END"
"""The rank of the light in `store.domain.status_lights.LIGHTS`: the smallest is the worst."""


def light_parameters(thresholds: LightThresholds) -> dict[str, object]:
    """The values that `LIGHT_SQL` takes, for one day."""
    return {"today": thresholds.today, "soon": thresholds.due_soon, "stale_ms": thresholds.stale_before_ms}
