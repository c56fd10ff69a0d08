"""What the screen of the audit lists, from ``guanjia admin audit --json``: who did what when, with the lines meant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from store import queries
from store.db.connection import Connection
from store.ledger.line import Line

MAX_ENTRIES = 500
"""So many entries are asked for, the newest; a filter reaches the older ones."""


@dataclass(frozen=True, slots=True)
class AuditListRow:
    """An entry: its number, moment, who, and the action; ``line`` is the line that it is about, where this device has
    it; ``detail`` what else the central noted, by name."""

    id: str
    at: str
    who: str
    action: str
    line_id: str | None
    line: Line | None = None
    detail: Mapping[str, object] = field(default_factory=dict)

    @property
    def project_id(self) -> str | None:
        """The project of the line."""
        return self.line.project if self.line else None


def audit_arguments(values: Mapping[str, str | None]) -> list[str]:
    """The options of the command for what a person chose: ``person``, ``action``, ``since`` and ``until``."""
    chosen = [(name, value.strip()) for name in ("person", "action", "since", "until") if (value := values.get(name))]
    options = [part for name, value in chosen if value for part in (f"--{name}", value)]
    return ["audit", "--newest", "--limit", str(MAX_ENTRIES), *options]


def audit_rows(connection: Connection, value: object) -> list[AuditListRow]:
    """The entries that the command printed, with the lines that are here."""
    entries = [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
    ids = {str(each["line"]) for each in entries if each.get("line")}
    lines = queries.lines.current_lines(connection, ids) if ids else {}
    return [_row(each, lines) for each in entries]


def _row(entry: Mapping[str, object], lines: Mapping[str, Line]) -> AuditListRow:
    number, at, who, action = (str(entry.get(name) or "") for name in ("seq", "at", "name", "action"))
    line, detail = entry.get("line"), entry.get("detail")
    line_id = str(line) if line else None
    return AuditListRow(
        number, at, who, action, line_id, lines.get(line_id or ""), detail if isinstance(detail, dict) else {}
    )
