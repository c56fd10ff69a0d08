"""Lights in SQL: what ``store/domain/status_lights.py`` says of one issue, said of every row of ``issue_state`` at
once."""

from __future__ import annotations

from store.domain.status_lights import LIT_STATES, Marks

_LIT = ", ".join(f"'{state}'" for state in LIT_STATES)
LIGHT = (
    f"CASE WHEN s.state NOT IN ({_LIT}) THEN NULL WHEN s.due < :today THEN 'red' "
    "WHEN s.state = 'waiting' AND s.waiting_until < :today THEN 'yellow' "
    "WHEN s.progress_at < :stale_ms THEN 'yellow' WHEN s.due <= :soon THEN 'blue' END"
)
"""The light of the issue whose state is ``s``; takes the values of `lit`."""
SEVERITY = f"CASE {LIGHT} WHEN 'red' THEN 0 WHEN 'yellow' THEN 1 WHEN 'blue' THEN 2 END"
"""The light's place in ``store.domain.status_lights.LIGHTS``: the smallest is the worst."""


def lit(on: Marks) -> dict[str, object]:
    """The values that `LIGHT` takes, for one day."""
    return {"today": on.today, "soon": on.soon, "stale_ms": on.stale_ms}
