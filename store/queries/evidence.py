"""What the story of an issue, or of a project, consists of: the lines, with all versions that this device has.

With them go the lines that they are read by: the people and units whom they name or who wrote them, the project, and
the district's limits, holidays and rules of time and files, by which lights were computed and acts judged.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import orjson

from store.db.connection import Connection
from store.domain.erasures import ERASED_BODY
from store.ledger.line import Line
from store.queries.attachments import AttachmentRow, attachments_of_issue, attachments_of_project
from store.queries.lines import kind_tables, lines_with_versions
from store.queries.referenced_names import referenced_names

NAMING_KINDS = ("person", "unit")
"""Lines that are there to read others by: their present version alone, since who a person was before is no part of the
story."""
_RULES = " UNION ".join(
    f"SELECT id FROM {kind}" for kind in ("district_limit", "holiday_year", "time_rule", "file_rule")
)
_OF_ISSUE = (
    "SELECT :of UNION SELECT id FROM issue_step WHERE issue_id = :of "
    "UNION SELECT id FROM close_out WHERE issue_id = :of UNION SELECT id FROM attachment WHERE issue_id = :of "
    f"UNION SELECT project_id FROM issue WHERE id = :of UNION {_RULES}"
)


class EvidenceStory(NamedTuple):
    """A story: its title, the versions with the reason for which each is not current (None for the current ones), the
    attachments, and the names of the lines that bodies mention, by id."""

    title: str
    versions: list[tuple[Line, str | None]]
    attachments: list[AttachmentRow]
    names: dict[str, str]

    @property
    def line_ids(self) -> list[str]:
        """The ids of its lines."""
        return sorted({line.id for line, _ in self.versions})


def issue_story(connection: Connection, issue_id: str) -> EvidenceStory:
    """What is the whole story of this issue?"""
    versions = lines_with_versions(connection, _OF_ISSUE, {"of": issue_id})
    return _story(connection, issue_id, "title", versions, attachments_of_issue(connection, issue_id))


def project_story(connection: Connection, project_id: str) -> EvidenceStory:
    """What is the whole story of this project, its issues and visits and all else of it?"""
    tables = [table.kind for table in kind_tables(connection)] + ["unknown_line"]
    of_project = " UNION ".join(f'SELECT id FROM "{kind}" WHERE project_id = :of' for kind in tables)
    ids = f"SELECT :of UNION {of_project} UNION {_RULES}"
    versions = lines_with_versions(connection, ids, {"of": project_id})
    return _story(connection, project_id, "name", versions, attachments_of_project(connection, project_id))


def _story(
    connection: Connection,
    of: str,
    title_field: str,
    versions: Iterable[tuple[Line, str | None]],
    attachments: list[AttachmentRow],
) -> EvidenceStory:
    told = [(line, reason) for line, reason in versions if line.body != ERASED_BODY or reason is None]
    named = _named(line for line, _ in told)
    readers = [(line, reason) for line, reason in _naming_lines(connection, named) if reason is None]
    known = {line.id for line, _ in told}
    whole = sorted(told + [each for each in readers if each[0].id not in known], key=_order)
    title = next((str(line.body.get(title_field) or "") for line, reason in told if line.id == of and not reason), "")
    names = referenced_names(connection, [line.body for line, _ in whole])
    names |= referenced_names(connection, ({"person_id": line.author} for line, _ in whole))
    return EvidenceStory(title, whole, attachments, names)


def _naming_lines(connection: Connection, named: set[str]) -> list[tuple[Line, str | None]]:
    chosen = "SELECT value FROM json_each(:named) WHERE value IN (SELECT id FROM person UNION SELECT id FROM unit)"
    return lines_with_versions(connection, chosen, {"named": orjson.dumps(sorted(named)).decode()})


def _named(lines: Iterable[Line]) -> set[str]:
    """The ids of authors, and whatever in the bodies may be an id."""
    named = set[str]()
    for line in lines:
        named.add(line.author)
        named.update(_texts(line.body.values()))
    return named


def _texts(values: Iterable[object]) -> Iterator[str]:
    for value in values:
        if isinstance(value, list):
            yield from _texts(value)
        elif isinstance(value, str) and len(value) == 36:
            yield value


def _order(version: tuple[Line, str | None]) -> tuple[int, str, str]:
    line = version[0]
    return line.stamp, line.device, line.id
