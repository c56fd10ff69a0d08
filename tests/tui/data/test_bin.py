"""The bin: what was deleted or taken back comes back; an act that nobody has seen can be taken back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from textual.pilot import Pilot

from store import commands, queries
from store.commands.bin import restore_binned
from store.domain.limits import read_limits
from store.domain.registers import REGISTERS
from store.domain.status_lights import light_thresholds
from store.exceptions import ActContinued, ActSent, UndoForbidden
from store.queries.bin import BinEntry, bin_entries
from store.queries.lines import current_line, current_lines, deleted_lines
from store.search.session import find
from store.writer.local_writes import Ledger
from store.writer.upgrade import open_store
from tests.tui.driving import drive, make_app, press, screen_text, type_text, until
from tests.tui.sample import KEY, NOON, NOON_MS, Sample, issue_id, line_id
from tests.tui.writing import act, add_line, edit_visit, log_visit
from tui.data.writer import Writer
from tui.screens.bin import BinScreen

PROJECT, VISIT = line_id("project", 1), line_id("visit", 1)


@pytest.fixture
def sample(home: Path) -> Iterator[Sample]:
    """The sample district, open."""
    database = open_store(home / "ledger.db", KEY)
    yield Sample(home, database, Ledger(database, wall_clock=lambda: NOON_MS))
    database.close()


@pytest.fixture
def writer(sample: Sample) -> Writer:
    """A writer on the sample's home."""
    return Writer(sample.database, lambda: NOON_MS)


def binned(sample: Sample) -> Sequence[BinEntry]:
    """What is in the bin."""
    return bin_entries(sample.database.connection())


def test_a_visit_that_was_taken_back_comes_back_from_the_bin(sample: Sample, writer: Writer) -> None:
    """It is listed with what happened and by whom; restored it is in the ledger and the lookup as before."""
    made = log_visit(writer, {"project": PROJECT, "text": "重要走访"})
    writer.undo()
    [entry] = binned(sample)
    assert (entry.line, entry.what, entry.author, entry.is_here) == (made, "deleted", "乙卫东", False)
    assert [line.id for line in restore_binned(sample.ledger, [entry])] == [made]
    assert binned(sample) == []
    assert [hit.id for hit in find(sample.database.connection(), "重要走访")] == [made]


def test_only_the_fields_of_an_edit_come_back_from_the_bin(sample: Sample, writer: Writer) -> None:
    """What was edited since stays; what the line says again is in the bin no more, after redo as after restoring."""
    edit_visit(writer, VISIT, {"text": "改过"})
    writer.undo()
    sample.ledger.edit("visit", VISIT, place="新地点")
    [entry] = binned(sample)
    assert (entry.what, entry.is_here, entry.changes) == ("taken_back", True, {"text": "改过"})
    restore_binned(sample.ledger, [entry])
    now = current_line(sample.database.connection(), VISIT)
    assert now is not None and (now.body["text"], now.body["place"]) == ("改过", "新地点")
    assert binned(sample) == []


def test_what_is_written_again_is_in_the_bin_no_more(sample: Sample, writer: Writer) -> None:
    """U after u empties the bin, for an edit as for a new line."""
    edit_visit(writer, VISIT, {"text": "改过"})
    log_visit(writer, {"project": PROJECT, "text": "又一次"})
    writer.undo()
    writer.undo()
    assert {entry.what for entry in binned(sample)} == {"deleted", "taken_back"}
    writer.redo()
    writer.redo()
    assert binned(sample) == []


def test_a_training_comes_back_with_who_was_there(sample: Sample, writer: Writer) -> None:
    """What was deleted together with a line is restored with it, and not listed by itself."""
    values = {"kind": "integrity", "title": "廉政培训", "at": "2026-05-19", "hours": "2", "who": "甲建国;子岚"}
    made = add_line(writer, REGISTERS["training"], values)
    there = "SELECT count(*) FROM attendance WHERE training_id = ? AND deleted = 0"
    connection = sample.database.connection()
    assert connection.execute(there, (made,)).fetchone()[0] == 2
    writer.undo()
    [entry] = binned(sample)
    restore_binned(sample.ledger, [entry])
    assert connection.execute(there, (made,)).fetchone()[0] == 2


def step_of(sample: Sample) -> str:
    """The id of the latest step on the first issue."""
    newest = "SELECT id FROM issue_step WHERE issue_id = ? ORDER BY stamp DESC LIMIT 1"
    return str(sample.database.connection().execute(newest, (issue_id(1),)).fetchone()[0])


def test_an_act_that_nobody_has_seen_is_taken_back(sample: Sample, writer: Writer) -> None:
    """The step goes, the issue is as before, nothing of it is sent, and it comes back by U or from the bin."""
    connection = sample.database.connection()
    state = "SELECT * FROM issue_state WHERE id = ?"
    before = connection.execute(state, (issue_id(1),)).fetchone()
    act(writer, issue_id(1), "tell", {"text": "已告知"})
    after, step = connection.execute(state, (issue_id(1),)).fetchone(), step_of(sample)
    assert writer.peek_undo()[1:] == ("issue_step", "告知企业 已告知")
    writer.undo()
    assert current_lines(connection, [step]) == {} and deleted_lines(connection) == []
    assert connection.execute("SELECT 1 FROM outbox WHERE id = ?", (step,)).fetchone() is None
    assert connection.execute(state, (issue_id(1),)).fetchone()[:12] == before[:12]
    assert [(entry.line, entry.what) for entry in binned(sample)] == [(step, "taken_back")]
    writer.redo()
    assert connection.execute(state, (issue_id(1),)).fetchone()[0] == after[0]
    writer.undo()
    restore_binned(sample.ledger, binned(sample))
    assert list(current_lines(connection, [step])) == [step] and binned(sample) == []


def test_an_act_that_was_sent_or_built_on_stays(sample: Sample, writer: Writer) -> None:
    """Also where a push was begun whose answer is not known: it may have arrived."""
    act(writer, issue_id(1), "tell", {"text": "一"})
    first = step_of(sample)
    act(writer, issue_id(1), "tell", {"text": "二"})
    with pytest.raises(ActContinued):
        sample.ledger.withdraw("issue_step", first)
    second = step_of(sample)
    with sample.database.write() as connection:
        connection.execute("INSERT OR REPLACE INTO meta (key, value) VALUES ('chain_next', 'ab')")
    with pytest.raises(ActSent):
        sample.ledger.withdraw("issue_step", second)
    with sample.database.write() as connection:
        connection.execute("UPDATE meta SET value = '' WHERE key = 'chain_next'")
        connection.execute("DELETE FROM outbox WHERE id = ?", (second,))
    with pytest.raises(ActSent):
        writer.undo()
    assert len(current_lines(sample.database.connection(), [first, second])) == 2


def test_one_stray_letter_removes_nothing(home: Path) -> None:
    """u only asks; another key lets it be; u u takes back, and b r on the day's screen brings it back."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "v")
        await type_text(pilot, "重要走访")
        await press(pilot, "ctrl+s", "u")
        assert "要撤销：走访 重要走访？" in screen_text(pilot)
        await press(pilot, "down")
        assert "要撤销" not in screen_text(pilot)
        await press(pilot, "u", "j", "u")
        assert "已撤销" not in screen_text(pilot)
        await press(pilot, "u")
        assert "已撤销：走访 重要走访" in screen_text(pilot)
        await press(pilot, "1", "b")
        screen = pilot.app.screen
        assert isinstance(screen, BinScreen)
        assert "重要走访" in screen_text(pilot)
        await press(pilot, "r")
        await until(pilot, lambda: screen.rows.total == 0)

    drive(make_app(home), script)
    database = open_store(home / "ledger.db", KEY)
    assert [hit.kind for hit in find(database.connection(), "重要走访")] == ["visit"]
    database.close()


def test_a_new_issue_is_taken_back_whole_and_comes_back_whole(sample: Sample, writer: Writer) -> None:
    """Its first step goes out of sight with it, and back; once somebody acted on it, it stays."""
    connection = sample.database.connection()
    made = writer.run(lambda ledger: commands.issues.record(ledger, project=PROJECT, title="误记")).id
    writer.undo()
    assert [(entry.line, entry.kind) for entry in binned(sample)] == [(made, "issue")]
    restore_binned(sample.ledger, binned(sample))
    restored = queries.issues.issue(connection, made, light_thresholds(NOON.date(), read_limits(connection)))
    assert restored is not None and [step.act for step in restored.steps] == ["recorded"]
    again = writer.run(lambda ledger: commands.issues.record(ledger, project=PROJECT, title="又一个")).id
    commands.issues.act(sample.ledger, again, "tell", text="已告知")
    with pytest.raises(ActContinued):
        writer.undo()


def test_the_latest_act_is_taken_back_by_a_command(sample: Sample) -> None:
    """`issue take-back` takes the latest act back, and never the record of the issue itself."""
    made = commands.issues.record(sample.ledger, project=PROJECT, title="误办").id
    commands.issues.act(sample.ledger, made, "tell", text="已告知")
    commands.issues.take_back(sample.ledger, made)
    assert [entry.kind for entry in binned(sample)] == ["issue_step"]
    with pytest.raises(UndoForbidden):
        commands.issues.take_back(sample.ledger, made)
