"""What an older central lets in never stops a device: it is kept whole, counted, unread, healed by a valid version."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from store.domain.status_lights import light_thresholds
from store.ledger.line import Line, canonical_json, derived_id, digest_of
from store.queries.issues import issue, issues, timeline_of
from store.queries.projects import projects
from store.queries.status import count_quarantined, notifications
from tests.store.devices import device
from tests.store.ledger.poisons import poisoned_bodies

TODAY = light_thresholds(date(2026, 5, 20))
OTHER = derived_id("other")


def test_poisoned_lines_of_every_kind_are_taken_in_and_stop_nothing(tmp_path: Path) -> None:
    """A page of every wrong field of every kind: the checksum counts each line, lists are read, the owner is told once,
    and a valid version releases a line."""
    ledger = device(tmp_path, "a")
    project, seen = derived_id("project"), set[tuple[str, str]]()
    lines: list[Line] = []
    for n, (kind, field, body) in enumerate(poisoned_bodies()):
        carried = body[field] not in (2**70, "\ud800") and body[field] != [2**70]
        if carried and (kind, field) not in seen and n % 3 == len(seen) % 3:
            seen.add((kind, field))
            lines.append(Line(derived_id(kind, str(n)), kind, project, n + 1, OTHER, OTHER, False, body))
    assert len(lines) > 100
    ledger.merge(lines)
    assert ledger.total_checksum().lines == len(lines)
    assert ledger.recompute_checksums() == []
    connection = ledger.database.connection()
    assert 0 < count_quarantined(connection) <= len(lines)
    assert [notice.code for notice in notifications(connection)] == ["lines_quarantined"]
    assert projects(connection, TODAY) is not None
    for row in issues(connection, TODAY):
        detail = issue(connection, row.id, TODAY)
        assert detail is not None and timeline_of(detail)


def test_a_wrong_day_hides_no_issue(tmp_path: Path) -> None:
    """An issue with a day that there is not stays in the list, without that day; the next edit that sets one heals it,
    and what came is kept to the byte until then."""
    ledger = device(tmp_path, "a")
    body = {"number": "1", "title": "供水", "kind": "problem", "due": "9999-12-31"}
    wrong = Line(derived_id("issue"), "issue", OTHER, 5, OTHER, OTHER, False, body)
    ledger.merge([wrong])
    connection = ledger.database.connection()
    assert [(row.title, row.due) for row in issues(connection, TODAY)] == [("供水", None)]
    assert ledger.total_checksum().lo == digest_of(canonical_json(wrong)) & 0xFFFFFFFF
    ledger.edit("issue", wrong.id, due="2026-06-01")
    assert [row.due for row in issues(connection, TODAY)] == ["2026-06-01"]
    assert count_quarantined(connection) == 0
