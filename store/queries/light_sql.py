"""Lights in SQL: what ``store/domain/status_lights.py`` says of one issue, said of every row of ``issue_state`` at
once."""

from __future__ import annotations

from store.domain.status_lights import LIGHT_STATES, LightThresholds

_LIT_STATES_SQL = ", ".join(f"'{state}'" for state in LIGHT_STATES)
LIGHT_SQL = (
    f"CASE WHEN s.state NOT IN ({_LIT_STATES_SQL}) THEN NULL WHEN s.due < :today THEN 'red' "
    "WHEN s.state = 'waiting' AND s.waiting_until < :today THEN 'yellow' "
    "WHEN s.progress_at < :stale_ms THEN 'yellow' WHEN s.due <= :soon THEN 'blue' END"
)
"""The light of the issue whose state is ``s``; takes the values of `lit`."""
SEVERITY_SQL = f"CASE {LIGHT_SQL} WHEN 'red' THEN 0 WHEN 'yellow' THEN 1 WHEN 'blue' THEN 2 END"
"""The light's place in ``store.domain.status_lights.LIGHTS``: the smallest is the worst."""


def light_parameters(thresholds: LightThresholds) -> dict[str, object]:
    """The values that `LIGHT_SQL` takes, for one day."""
    return {"today": thresholds.today, "soon": thresholds.due_soon, "stale_ms": thresholds.stale_before_ms}
