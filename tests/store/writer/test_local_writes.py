"""The ledger as an officer uses it: every write is one whole version, and nothing is ever lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from store.exceptions import BadLine, BucketChanged, LineNotFound, LineTooLong
from store.ledger.kinds import kinds
from store.ledger.line import Line, new_id
from store.writer.checksums import all_lines, has_checksum_mismatch
from store.writer.local_writes import Draft
from store.writer.sync_writes import SyncLedger
from tests.store.devices import START_MS, SetClock, device, dump

PROJECT = {"name": "示范项目", "number": "续1", "category": "continuing"}
VISIT = {"at": "2026-11-22T10:00+08:00", "how": "visit", "text": "看了现场"}


@pytest.fixture
def clock() -> SetClock:
    """A clock that the test moves."""
    return SetClock()


@pytest.fixture
def ledger(tmp_path: Path, clock: SetClock) -> SyncLedger:
    """A fresh store."""
    return device(tmp_path, "a", clock=clock)


def history(ledger: SyncLedger, line_id: str) -> list[tuple[int, str]]:
    """Stamps and reasons of the versions that are not current, oldest first."""
    rows = ledger.database.connection().execute(
        "SELECT stamp, reason FROM history WHERE id = ? ORDER BY stamp", (line_id,)
    )
    return list(rows)


def test_a_project_is_its_own_project(ledger: SyncLedger) -> None:
    """A project's line is in its own head bucket."""
    line = ledger.put("project", PROJECT)
    assert line.project == line.id


def test_an_edit_keeps_the_old_version_and_unknown_fields(ledger: SyncLedger) -> None:
    """An edit writes a later version; the old one is in history and fields of a newer program stay."""
    first = ledger.put("project", {**PROJECT, "weather": "晴"})
    second = ledger.edit("project", first.id, name="改名")
    assert second.body == {**first.body, "name": "改名"} and second.stamp > first.stamp
    assert history(ledger, first.id) == [(first.stamp, "edited")]


def test_an_edit_that_changes_nothing_writes_nothing(ledger: SyncLedger) -> None:
    """Saving a form untouched makes no new version."""
    first = ledger.put("project", PROJECT)
    assert ledger.edit("project", first.id, name=PROJECT["name"]) == first
    assert history(ledger, first.id) == []


def test_stamps_rise_although_the_clock_falls(ledger: SyncLedger, clock: SetClock) -> None:
    """A clock set back never makes a later act look earlier."""
    first = ledger.put("project", PROJECT)
    clock.now = 0
    second = ledger.edit("project", first.id, name="乙")
    assert second.stamp == first.stamp + 1


def test_restore_writes_a_new_version(ledger: SyncLedger) -> None:
    """Restoring brings the old text back as the latest version and keeps what it replaced."""
    first = ledger.put("project", PROJECT)
    second = ledger.edit("project", first.id, name="乙")
    third = ledger.restore(first.id, first.stamp, first.device)
    assert third.body == first.body and third.stamp > second.stamp
    assert [stamp for stamp, _ in history(ledger, first.id)] == [first.stamp, second.stamp]


def test_a_deleted_line_can_be_restored(ledger: SyncLedger) -> None:
    """Deleting keeps the text; restoring the version before brings it back."""
    project = ledger.put("project", PROJECT)
    visit = ledger.put("visit", VISIT, project=project.id)
    assert ledger.delete("visit", visit.id).deleted
    assert not ledger.restore(visit.id, visit.stamp, visit.device).deleted


def test_a_bad_draft_writes_none_of_its_batch(ledger: SyncLedger) -> None:
    """One bad draft in a batch: nothing of the batch is written."""
    with pytest.raises(BadLine, match="category"):
        ledger.put_many([Draft("project", PROJECT), Draft("project", {**PROJECT, "category": "x"})])
    assert dump(ledger) == []


@pytest.mark.parametrize("kind", ["no_such_kind", "history", "meta; DROP TABLE meta"])
def test_an_unknown_kind_is_refused(ledger: SyncLedger, kind: str) -> None:
    """A kind that this version does not know cannot be written by hand."""
    with pytest.raises(BadLine):
        ledger.put(kind, {})


def test_a_line_stays_in_its_bucket(ledger: SyncLedger) -> None:
    """A visit cannot move to another project."""
    one, two = ledger.put("project", PROJECT), ledger.put("project", {**PROJECT, "number": "续2"})
    visit = ledger.put("visit", VISIT, project=one.id)
    with pytest.raises(BucketChanged):
        ledger.put("visit", VISIT, project=two.id, id=visit.id)
    for kind, body in {"visit": VISIT, "assignment": {"role": "butler"}}.items():
        with pytest.raises(BadLine, match="project"):
            ledger.put(kind, body)


def test_control_characters_never_enter(ledger: SyncLedger) -> None:
    """Escape sequences and bidi controls are stripped when a line is written."""
    line = ledger.put("project", {**PROJECT, "note": "a\x1b]52;c;x\x07b\u202ec"})
    assert line.body["note"] == "a]52;c;xbc"


def test_missing_lines_are_named(ledger: SyncLedger) -> None:
    """Editing, deleting or restoring what is not there says so."""
    with pytest.raises(LineNotFound):
        ledger.edit("project", new_id(), name="x")
    with pytest.raises(LineNotFound):
        ledger.delete("project", new_id())
    with pytest.raises(LineNotFound):
        ledger.restore(new_id(), 1, new_id())


def test_the_issue_state_follows_in_the_same_transaction(ledger: SyncLedger) -> None:
    """After each step the stored state is what the pure function gives."""
    project = ledger.put("project", PROJECT)
    issue = _issue(ledger, project)
    unit = ledger.put("unit", {"name": "住建局"})
    assigned = {"issue_id": issue.id, "act": "assigned", "department_id": unit.id, "due": "2026-12-01"}
    ledger.put("issue_step", assigned, project=project.id)
    row = ledger.database.connection().execute("SELECT state, department_id, due FROM issue_state").fetchone()
    assert row == ("assigned", unit.id, "2026-12-01")


def _issue(ledger: SyncLedger, project: Line) -> Line:
    body = {"number": "261122-0001", "title": "供水", "kind": "problem"}
    return ledger.put("issue", body, project=project.id)


def test_a_step_before_its_issue_waits(ledger: SyncLedger) -> None:
    """Lines may arrive in any order: a step whose issue is not here yet is kept, and counts once the issue comes."""
    project, issue_id = ledger.put("project", PROJECT), new_id()
    ledger.put("issue_step", {"issue_id": issue_id, "act": "cancelled", "reason": "误报"}, project=project.id)
    states = "SELECT state FROM issue_state"
    assert ledger.database.connection().execute(states).fetchall() == []
    ledger.put("issue", {"number": "1", "title": "供水", "kind": "problem"}, project=project.id, id=issue_id)
    assert ledger.database.connection().execute(states).fetchall() == [("cancelled",)]


def test_a_form_draft_survives_until_it_is_dropped(ledger: SyncLedger) -> None:
    """What a form saved can be read by another opening of the store, until it is dropped."""
    ledger.save_draft("visit:new", {"text": "刚打的字"})
    assert ledger.load_draft("visit:new") == {"text": "刚打的字"}
    ledger.drop_draft("visit:new")
    assert ledger.load_draft("visit:new") is None


def test_every_line_waits_in_the_outbox_in_order(ledger: SyncLedger) -> None:
    """What is written is unsent, in the order it was written, each line once."""
    one = ledger.put("project", PROJECT)
    two = ledger.put("visit", VISIT, project=one.id)
    ledger.edit("project", one.id, name="新名")
    assert [unsent.id for unsent in ledger.pending_lines(10, 1 << 20)] == [two.id, one.id]
    assert len(ledger.pending_lines(10, 1)) == 1


def test_the_clock_of_stamps_is_the_corrected_one(ledger: SyncLedger, clock: SetClock) -> None:
    """Once an offset is known, new stamps carry the central's time."""
    ledger.correct_clock(60_000)
    assert ledger.put("project", PROJECT).stamp >> 16 == START_MS + 60_000


def test_very_many_lines_are_written_in_parts_of_one_transaction(ledger: SyncLedger) -> None:
    """A long table is written a part at a time, with the same lines, checksums, outbox and index as at once; a line
    that is refused in a later part leaves nothing of the earlier ones."""
    ids = [new_id() for _line in range(5)]
    drafts = [
        Draft("project", {**PROJECT, "name": f"{n}号项目", "number": f"续{n}"}, id=id) for n, id in enumerate(ids)
    ]
    drafts += [
        Draft("person", {"name": "甲建国"}, id=new_id()),
        Draft("project", {**PROJECT, "name": "改名"}, id=ids[0]),
    ]
    with pytest.raises(BadLine):
        ledger.put_all([*drafts, Draft("project", {**PROJECT, "category": "x"})], part=2)
    assert dump(ledger) == []
    assert ledger.put_all(iter(drafts), part=2) == len(drafts)
    assert [reason for _stamp, reason in history(ledger, ids[0])] == ["edited"]
    connection = ledger.database.connection()
    written = {line.id: line.body for line in all_lines(connection)}
    assert written == {str(draft.id): draft.body for draft in drafts}
    assert not has_checksum_mismatch(connection)
    for table in ("outbox", "search_line"):
        assert connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] == len(written), table


def test_a_field_of_one_line_is_bounded_where_an_officer_writes_it(ledger: SyncLedger) -> None:
    """Names, titles, places and who was there fit in a line of a list; every such field has its bound. What
    an older version wrote arrives as it is, and its line is edited as any other."""
    long = "地" * 201
    project = ledger.put("project", PROJECT)
    for field, value in {"place": long, "participants": ["甲建国", long], "participants_note": long}.items():
        with pytest.raises(LineTooLong) as refused:
            ledger.put("visit", {**VISIT, field: value}, project=project.id)
        assert (refused.value.values["field"], refused.value.values["length"]) == (field, 201)
    ledger.put("visit", {**VISIT, "place": long[:200], "text": "看" * 5_000}, project=project.id)
    body = {**VISIT, "place": long, "participants": [long]}
    arrived = Line(new_id(), "visit", project.id, (START_MS + 1) << 16, new_id(), new_id(), False, body)
    ledger.merge([arrived], cursor="1")
    changed = {**body, "text": "又看了现场", "participants": [long, "甲建国"]}
    assert ledger.put("visit", changed, project=project.id, id=arrived.id).body == changed
    bounded = {kind.name: set(kind.written_lengths) for kind in kinds().values()}
    assert all(bounded[kind] >= {"name", "title", "number", "place"} & kinds()[kind].field_names for kind in bounded)
