"""What the bureau's screen lists, from ``guanjia admin overview --json``: codes that wait, and accounts with their
devices."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from store.values.times import district_time
from tui.data.subprocess import CommandResult, run_command
from tui.i18n.translate import ErrorText

TIMEOUT_S = 120
"""A call of the bureau's screen ends after so long, whatever the line does."""
FRESH_MS = 300_000
"""For so long what the central told is not asked again by screens that only mention it."""


@dataclass(frozen=True, slots=True)
class SeatRow:
    """One row: a ``code`` that waits, a ``device``, or an ``account`` without a device. ``name`` is the person's,
    ``roles`` in words; ``facts`` are the other values of the command, by name."""

    id: str
    kind: str
    name: str
    roles: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)

    @property
    def project_id(self) -> str | None:
        """No row is a project's."""
        return None

    def text(self, name: str) -> str:
        """A value as text; empty where there is none."""
        value = self.facts.get(name)
        return "" if value is None else str(value)

    def number(self, name: str) -> int:
        """A count; 0 where it is not known."""
        value = self.facts.get(name)
        return value if isinstance(value, int) else 0


@dataclass(frozen=True, slots=True)
class SeatSnapshot:
    """What the central last told of accounts and devices, and when (ms since 1970); None, it never did. ``error`` is
    why it did not answer the latest question."""

    rows: Sequence[SeatRow] = ()
    read_ms: int | None = None
    error: ErrorText | None = None

    def updated(self, result: CommandResult, now_ms: int) -> SeatSnapshot:
        """This, after another question: what was known stays where the central did not answer."""
        if result.error is not None:
            return replace(self, error=result.error)
        return SeatSnapshot(seat_rows(result.value), now_ms)

    def of_person(self, ids: Collection[str]) -> list[SeatRow]:
        """The codes, devices or accounts of a person, known by these ids."""
        return [row for row in self.rows if row.text("person") in ids]


def run_admin(command: Sequence[str], home: Path, *arguments: str, typed: str = "") -> CommandResult:
    """Run ``guanjia admin …`` on a home; ``typed`` is its standard input. Never raises."""
    return run_command(command, home, ("admin", *arguments), timeout_s=TIMEOUT_S, typed=typed)


def seat_rows(value: object) -> list[SeatRow]:
    """The rows of what the command printed: codes first, then people by name, each with their devices, those that were
    stopped last."""
    parts = value if isinstance(value, dict) else {}
    codes = [_row("code", each) for each in _objects(parts.get("codes"))]
    devices = [_row("device", each) for each in _objects(parts.get("devices"))]
    people = [_row("account", each) for each in _objects(parts.get("people"))]
    rows = codes
    for person in sorted(people, key=lambda row: row.name):
        own = [row for row in devices if row.text("account_id") == person.id]
        own.sort(key=lambda row: (bool(row.text("revoked_at")), row.text("name")))
        whose = {"person": person.facts.get("person")}
        listed = [SeatRow(row.id, "device", person.name, person.roles, {**row.facts, **whose}) for row in own]
        rows += listed or [person]
    return rows


def filtered_rows(rows: Sequence[SeatRow], words: str, unseen_days: int, now_ms: int) -> list[SeatRow]:
    """Those whose person's name has these words in it; with ``unseen_days`` only devices that are let in and were not
    seen for so many whole days."""
    called = [row for row in rows if words.casefold() in row.name.casefold()]
    if not unseen_days:
        return called
    return [
        row for row in called
        if row.kind == "device" and not row.text("revoked_at") and days_unseen(row, now_ms) >= unseen_days
    ]  # fmt: skip


def typed_days(text: str) -> int:
    """How many days somebody typed, as 14, １４ or 14天; 0 where it is no number."""
    number = re.match(r"\s*(\d{1,5})\s*(?:天|日|days?)?\s*$", text)
    return int(number[1]) if number else 0


def days_unseen(row: SeatRow, now_ms: int) -> int:
    """For how many whole days a device was not seen; 0 where that is not known."""
    try:
        seen = datetime.fromisoformat(row.text("seen_at"))
    except ValueError:
        return 0
    return max((district_time(now_ms) - seen).days, 0)


def _objects(value: object) -> list[dict[str, object]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _row(kind: str, facts: dict[str, object]) -> SeatRow:
    return SeatRow(str(facts.get("id")), kind, str(facts.get("name") or ""), str(facts.get("roles_text") or ""), facts)
