"""The stored states of issues follow from what their transaction reads, whatever the process knew before."""

from __future__ import annotations

import pytest
import sqlcipher3.dbapi2 as sqlite

from store.ledger.line import derived_id
from store.values.workdays import is_announced, use_entered_years
from store.writer.issue_states import COUNTED_BY
from tests.store.queries.sample import Sample

RULE = {"days": 2, "counting": "workdays", "start": "recorded", "pauses": "none", "valid_from": "2026-01-01"}
YEAR = {"year": 2030, "off": ["2030-01-08", "2030-01-09"]}


def due_of_new_issue(district: Sample) -> str:
    """The stored due date of an issue that was raised on a Monday, for which nobody has set one."""
    body = {"number": "台账9", "title": "缺水", "kind": "problem", "raised_at": "2030-01-07T09:00:00+08:00"}
    made = district.ledger.put("issue", body, project=district.water).id
    row = district.connection.execute("SELECT due FROM issue_state WHERE id = ?", (made,)).fetchone()
    return str(row[0])


def test_holidays_that_another_process_entered_count(district: Sample) -> None:
    """A process that was open when another entered a year stores due dates by it."""
    district.ledger.put("time_rule", RULE)
    district.ledger.put("holiday_year", YEAR, id=derived_id("210903", "holiday_year", "2030"))
    use_entered_years({})
    assert due_of_new_issue(district) == "2030-01-11"
    assert not is_announced(2030), "what is shown changes with what the process reads next"


def test_holidays_that_were_never_saved_count_nowhere(district: Sample) -> None:
    """After a write of holidays fails as a whole this process counts as it did."""
    district.ledger.put("time_rule", RULE)
    stop = "CREATE TEMP TRIGGER stop BEFORE INSERT ON outbox BEGIN SELECT RAISE(ABORT, 'stopped'); END"
    district.connection.execute(stop)
    with pytest.raises(sqlite.IntegrityError):
        district.ledger.put("holiday_year", YEAR, id=derived_id("210903", "holiday_year", "2030"))
    district.connection.execute("DROP TRIGGER stop")
    assert not is_announced(2030)
    assert due_of_new_issue(district) == "2030-01-09"


def test_dates_are_counted_anew_after_an_update_that_brings_holidays(district: Sample) -> None:
    """What an earlier version of the program stored follows its calendar no longer once anything is written."""
    district.ledger.put("time_rule", RULE)
    due = due_of_new_issue(district)
    with district.ledger.database.write() as connection:
        connection.execute("UPDATE meta SET value = 'an earlier one' WHERE key = ?", (COUNTED_BY,))
        connection.execute("UPDATE issue_state SET due = '2030-02-01' WHERE due_rule IS NOT NULL")
    district.ledger.put("visit", {"at": "2030-01-07T10:00:00+08:00", "how": "phone"}, project=district.water)
    stored = district.connection.execute("SELECT due FROM issue_state WHERE due_rule IS NOT NULL").fetchall()
    assert stored == [(due,)]
