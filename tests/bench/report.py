"""What a bench run found, and how it is shown: an aligned table for people, one JSON value for scripts."""

from __future__ import annotations

import json
import statistics
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True, slots=True)
class Measure:
    """One row: ``ours`` and ``floor`` are medians in ``unit``; ``reach`` is what the ratio (or, where there is no
    floor, ours) should not exceed; ``facts`` are exact counts such as bytes and requests."""

    name: str
    lines: int
    ours: float
    floor: float | None = None
    unit: str = "s"
    reach: float | None = None
    facts: dict[str, float | int | str] = field(default_factory=dict)

    @property
    def ratio(self) -> float | None:
        """Ours ÷ floor."""
        return self.ours / self.floor if self.floor else None

    @property
    def reached(self) -> bool | None:
        """Whether the reach holds; None where there is none."""
        if self.reach is None:
            return None
        return (self.ours if self.ratio is None else self.ratio) <= self.reach


def interleave(repeat: int, ours: Callable[[], float], floor: Callable[[], float]) -> tuple[float, float]:
    """Medians of ``repeat`` runs of each, one after the other (A B A B), so that both meet the same weather."""
    pairs = [(ours(), floor()) for _ in range(repeat)]
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)


def as_json(measures: Sequence[Measure]) -> str:
    """All measures as one JSON list."""
    rows = [asdict(measure) | {"ratio": measure.ratio, "reached": measure.reached} for measure in measures]
    return json.dumps(rows, ensure_ascii=False, indent=2)


def as_table(measures: Sequence[Measure]) -> str:
    """All measures as aligned text."""
    head = ("what", "lines", "ours", "floor", "ratio", "reach", "", "counted")
    return _aligned([head, *(_cells(measure) for measure in measures)])


def _cells(measure: Measure) -> tuple[str, ...]:
    facts = ", ".join(f"{name} {_figure(value)}" for name, value in measure.facts.items())
    verdict = {True: "✓", False: "✗ over", None: ""}[measure.reached]
    floor = "" if measure.floor is None else f"{_figure(measure.floor)} {measure.unit}"
    ratio = "" if measure.ratio is None else f"{measure.ratio:.2f}"
    reach = "" if measure.reach is None else f"≤ {measure.reach:g}"
    ours = f"{_figure(measure.ours)} {measure.unit}"
    return (measure.name, f"{measure.lines:,}" if measure.lines else "", ours, floor, ratio, reach, verdict, facts)


def _figure(value: float | int | str) -> str:
    if isinstance(value, float):
        return f"{value:,.0f}" if value >= 1_000 else f"{value:.3g}"
    return f"{value:,}" if isinstance(value, int) else value


def _aligned(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(_width(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = (
        "  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)) for row in rows
    )
    return "\n".join(line.rstrip() for line in lines)


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
