"""What the screen of waiting lines lists, from ``guanjia admin waiting --json``: all, then home by home each line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from store import queries
from store.db.connection import Connection


@dataclass(frozen=True, slots=True)
class WaitingVersion:
    """A version that waits for the bureau's decision, as the command prints it: ``number`` names it, ``source`` is why
    it waits, ``person`` who sent it, ``author`` who wrote it; ``written`` and ``brought`` are moments. ``present`` is
    what the line says now, None where it says nothing; ``present_deleted``: it has been deleted. ``late``: what it
    says now is later."""

    number: int
    source: str
    kind: str
    person: str
    account: str
    author: str
    written: str
    brought: str
    deleted: bool
    body: Mapping[str, object]
    present: Mapping[str, object] | None
    present_deleted: bool
    late: bool
    line: str
    project_id: str | None


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """A row: one line, those of one account (``person``), or all there are. ``says`` is a line's summary."""

    id: str
    versions: tuple[WaitingVersion, ...]
    person: str = ""
    says: str = ""

    @property
    def is_line(self) -> bool:
        """Whether it is a single line's row."""
        return self.id.isdecimal()

    @property
    def project_id(self) -> str | None:
        """The project of a line."""
        return self.versions[0].project_id if self.is_line else None


def waiting_versions(value: object) -> list[WaitingVersion]:
    """The versions that the command printed."""
    return [_version(each) for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _version(facts: Mapping[str, object]) -> WaitingVersion:
    body, present, number, project = (facts.get(name) for name in ("body", "present", "seq", "project"))
    source, kind, person, account, author, written, brought, line = (
        str(facts.get(name) or "")
        for name in ("source", "kind", "person", "account", "author", "written", "brought", "id")
    )
    return WaitingVersion(
        number if isinstance(number, int) else 0, source, kind, person, account, author, written, brought,
        facts.get("deleted") is True, body if isinstance(body, dict) else {},
        present if isinstance(present, dict) else None, facts.get("present_deleted") is True,
        facts.get("late") is True, line,
        project if isinstance(project, str) else None,
    )  # fmt: skip


def waiting_names(connection: Connection, versions: Sequence[WaitingVersion]) -> dict[str, str]:
    """The names of the lines that these versions mention: those that wait themselves, and those that are here."""
    bodies = [body for each in versions for body in (each.body, each.present or {}, {"project_id": each.project_id})]
    waiting = {each.line: str(name) for each in versions if (name := each.body.get("name") or each.body.get("title"))}
    return waiting | queries.referenced_names.referenced_names(connection, bodies)


def waiting_rows(versions: Sequence[WaitingVersion], says: Mapping[int, str]) -> list[WaitingRow]:
    """The rows: all, where there are several homes; each home, in the order in which they came; its lines."""
    homes: dict[str, list[WaitingVersion]] = {}
    for each in versions:
        homes.setdefault(each.account, []).append(each)
    rows = [WaitingRow("all", tuple(versions))] if len(homes) > 1 else []
    for account, theirs in homes.items():
        person = theirs[0].person
        rows.append(WaitingRow(f"home:{account}", tuple(theirs), person))
        rows += [WaitingRow(str(each.number), (each,), person, says[each.number]) for each in theirs]
    return rows
