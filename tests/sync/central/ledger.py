"""Lines that the tests of the central push, and outcomes in short."""

from __future__ import annotations

from typing import Any

from store.ledger.buckets import SetChecksum
from store.ledger.line import Line, canonical_json, digest_of, parse_line
from tests.sync.central_fixture import Laptop


def project(laptop: Laptop, name: str = "风电场", **more: Any) -> Line:
    """A project's line, in its own bucket."""
    made = laptop.line("project", {"name": name, "number": name, "category": "new"}, **more)
    return made._replace(project=made.id)


def visit(laptop: Laptop, at_project: str, text: str = "看了基础", **more: Any) -> Line:
    """A visit's line."""
    return laptop.line("visit", {"at": "2019-04-15T09:30:00+08:00", "how": "visit", "text": text}, at_project, **more)


def issue(laptop: Laptop, at_project: str, **body: Any) -> Line:
    """An issue's line."""
    return laptop.line("issue", {"number": "1", "title": "缺电", "kind": "problem", **body}, at_project)


def step(laptop: Laptop, of: Line, act: str, **body: Any) -> Line:
    """One act on an issue."""
    return laptop.line("issue_step", {"issue_id": of.id, "act": act, **body}, of.project)


def unit(laptop: Laptop, name: str = "发改局") -> Line:
    """A department's line."""
    return laptop.line("unit", {"name": name, "kind": "department"})


def assignment(laptop: Laptop, at_project: str) -> Line:
    """Somebody serves the project."""
    return laptop.line("assignment", {"role": "butler", "person_id": laptop.person}, at_project)


def outcome_codes(outcomes: list[dict[str, Any]]) -> list[str]:
    """The outcomes in short: what became of each line, with the code where it was refused."""
    return [outcome.get("code") or outcome["outcome"] for outcome in outcomes]


def ids(page: dict[str, Any]) -> list[str]:
    """The ids of a page's lines, in their order."""
    return [line["id"] for line in page["lines"]]


def every_id(pages: list[dict[str, Any]]) -> list[str]:
    """The ids of all pages' lines, in their order."""
    return [line_id for page in pages for line_id in ids(page)]


def sum_of(lines: list[Line]) -> SetChecksum:
    """The checksum of these lines."""
    total = SetChecksum()
    for line in lines:
        total = total.with_digest(digest_of(canonical_json(line)))
    return total


def sum_of_wire(lines: list[dict[str, Any]]) -> SetChecksum:
    """The checksum of lines as they came."""
    return sum_of([parse_line(line) for line in lines])
