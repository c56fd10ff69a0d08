"""What a meeting decides: the step and the meeting's own line, both or neither."""

from __future__ import annotations

import pytest

from store.commands.meetings import decide
from store.domain.registers import MEETING_REGISTER
from store.exceptions import GuanjiaError
from store.ledger.line import new_id
from store.queries.issues import issue
from store.queries.meetings import meeting_line_id
from store.queries.register_lines import current_body
from tests.store.queries.sample import Sample

HEAD = {"at": "2026-05-20T09:00+08:00", "title": "研究供电接入", "level": "1"}


def steps_of(district: Sample) -> int:
    """How many steps the issue has."""
    found = issue(district.connection, district.issue, district.on)
    assert found is not None
    return len(found.steps)


def test_a_decision_and_its_meeting_are_written_together(district: Sample) -> None:
    """The step names the meeting's line in the issue's project, and that line names the issue."""
    session, before = new_id(), steps_of(district)
    decide(district.ledger, session, (district.issue, district.water), "remind", {"text": "周五前答复"}, HEAD)
    body = current_body(district.connection, MEETING_REGISTER, meeting_line_id(session, district.water))
    assert body is not None and body["issues"] == [district.issue]
    assert steps_of(district) == before + 1


def test_a_meeting_that_cannot_be_written_leaves_the_issue_as_it_was(district: Sample) -> None:
    """Where the minute's head is wrong, the decision is not half written: trying again decides once."""
    session, before = new_id(), steps_of(district)
    with pytest.raises(GuanjiaError):
        wrong = {**HEAD, "level": "9"}
        decide(district.ledger, session, (district.issue, district.water), "remind", {"text": "周五前答复"}, wrong)
    assert steps_of(district) == before
    assert current_body(district.connection, MEETING_REGISTER, meeting_line_id(session, district.water)) is None
