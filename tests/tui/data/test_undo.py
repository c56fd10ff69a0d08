"""Undo: whatever was written on the screens is reverted by one key, as a new version; nothing is lost."""

from __future__ import annotations

import ast
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from textual.pilot import Pilot

import tui
from store import commands
from store.exceptions import NothingToUndo, StoreBusy, UndoConflict, UndoForbidden
from store.queries.lines import current_line, version_history
from store.writer.local_writes import Ledger, LineChange
from store.writer.upgrade import open_store
from store.writer.withdrawal import TAKEN_BACK
from tests.tui.driving import drive, make_app, press, screen_text, type_text
from tests.tui.sample import KEY, NOON_MS, Sample, line_id
from tests.tui.writing import edit_visit, log_visit
from tui.app.app import ERROR_TIMEOUT_S, GuanjiaApp
from tui.data.undo import NOT_UNDOABLE, UndoHistory
from tui.data.writer import Writer


@pytest.fixture
def sample(home: Path) -> Iterator[Sample]:
    """The sample district, open."""
    database = open_store(home / "ledger.db", KEY)
    yield Sample(home, database, Ledger(database, wall_clock=lambda: NOON_MS))
    database.close()


def writer_of(sample: Sample) -> Writer:
    """A writer on the sample's home, its clock at the sample's noon."""
    return Writer(sample.database, lambda: NOON_MS)


def test_an_edit_is_taken_back_and_written_again(sample: Sample) -> None:
    """Undo brings the text before, redo the text after; each is a version more."""
    writer, visit = writer_of(sample), line_id("visit", 1)
    before = current_line(sample.database.connection(), visit)
    edit_visit(writer, visit, {"text": "改过"})
    assert writer.undo() == ("visit", "改过")
    undone = current_line(sample.database.connection(), visit)
    assert before is not None and undone is not None
    assert undone.body == before.body
    assert undone.stamp > before.stamp
    writer.redo()
    again = current_line(sample.database.connection(), visit)
    assert again is not None and again.body["text"] == "改过"
    assert len(version_history(sample.database.connection(), visit)) == 4


def test_the_question_waits_for_no_write(sample: Sample) -> None:
    """What would be taken back is told while another write goes on: the screens ask on their own thread."""
    writer, visit = writer_of(sample), line_id("visit", 1)
    edit_visit(writer, visit, {"text": "改过"})
    assert writer.undo_history.record(writer.peek_undo)[1:] == ("visit", "改过")


def test_a_new_line_is_taken_back_as_a_deletion(sample: Sample) -> None:
    """A visit logged by mistake is marked deleted, and restored by redo; the people entered with it stay."""
    writer = writer_of(sample)
    made = log_visit(writer, {"project": line_id("project", 1), "text": "误记", "participants": ["新人甲"]})
    writer.undo()
    gone = current_line(sample.database.connection(), made)
    assert gone is not None and gone.deleted
    writer.redo()
    back = current_line(sample.database.connection(), made)
    assert back is not None and not back.deleted


def test_an_unsent_edit_of_an_unsent_line_goes_back_one_step_only(sample: Sample) -> None:
    """Two edits of a new line are undone one by one, although the central knows neither."""
    writer = writer_of(sample)
    made = log_visit(writer, {"project": line_id("project", 1), "text": "一"})
    edit_visit(writer, made, {"text": "二"})
    edit_visit(writer, made, {"text": "三"})
    texts = []
    for _again in range(3):
        writer.undo()
        now = current_line(sample.database.connection(), made)
        assert now is not None
        texts.append((now.body["text"], now.deleted))
    assert texts == [("二", False), ("一", False), ("一", True)]
    with pytest.raises(NothingToUndo):
        writer.undo()


def test_what_others_changed_since_is_not_taken_back(sample: Sample) -> None:
    """A line that was changed again since stays as it is."""
    writer, visit = writer_of(sample), line_id("visit", 1)
    edit_visit(writer, visit, {"text": "我的"})
    sample.ledger.edit("visit", visit, text="别人的")
    with pytest.raises(UndoConflict):
        writer.undo()
    now = current_line(sample.database.connection(), visit)
    assert now is not None and now.body["text"] == "别人的"


def test_a_new_project_is_never_deleted(sample: Sample) -> None:
    """Others begin to write below it: undo refuses, and the project stays."""
    writer = writer_of(sample)
    made = writer.run(lambda ledger: commands.projects.add(ledger, name="新项目", category="new")).id
    with pytest.raises(UndoForbidden):
        writer.undo()
    line = current_line(sample.database.connection(), made)
    assert line is not None and not line.deleted


def test_what_others_write_meanwhile_is_not_taken_back(sample: Sample) -> None:
    """An import on another thread, between the beginning of a write and its end, stays when that write is undone."""
    writer, visit = writer_of(sample), line_id("visit", 1)

    def imports() -> None:
        writer.ledger.edit("visit", line_id("visit", 0), text="导入")

    def write() -> None:
        other = threading.Thread(target=imports)
        other.start()
        other.join()
        writer.ledger.edit("visit", visit, text="我的")

    writer.undo_history.record(write)
    assert writer.undo() == ("visit", "我的")
    found = current_line(sample.database.connection(), line_id("visit", 0))
    assert found is not None and found.body["text"] == "导入"


def test_what_could_not_be_taken_back_now_can_be_later(sample: Sample) -> None:
    """While another process holds the write lock the undo fails, and can be tried again."""

    class Busy(Ledger):
        busy = True

        def undo(self, changes: Sequence[LineChange], *, reason: str = TAKEN_BACK) -> None:
            if self.busy:
                raise StoreBusy(seconds=5)
            super().undo(changes, reason=reason)

    ledger = Busy(sample.database, wall_clock=lambda: NOON_MS)
    taking_back = UndoHistory(ledger)
    taking_back.record(lambda: ledger.edit("visit", line_id("visit", 1), text="我的"))
    with pytest.raises(StoreBusy):
        taking_back.undo()
    ledger.busy = False
    assert [one.line.id for one in taking_back.undo()] == [line_id("visit", 1)]


def test_one_key_takes_back_what_a_form_saved(home: Path) -> None:
    """u u after an edit restores the list and names what was undone; U redoes it."""

    async def script(pilot: Pilot[None]) -> None:
        app = pilot.app
        assert isinstance(app, GuanjiaApp)

        def name() -> str:
            found = app.reader.run(current_line, line_id("project", 8)) if app.reader else None
            return str(found.body["name"]) if found else ""

        await press(pilot, "end", "e")
        await type_text(pilot, "改名")
        await press(pilot, "ctrl+s")
        assert "改名" in name()
        await press(pilot, "u", "u")
        assert "改名" not in name()
        assert "Taken back" in screen_text(pilot) or "已撤销" in screen_text(pilot)
        await press(pilot, "U")
        assert "改名" in name()

    drive(make_app(home), script)


def test_an_error_stays_until_escape_sends_it_away(home: Path) -> None:
    """With nothing to undo an error is shown until escape dismisses it, without leaving the screen."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "enter", "u")
        screen = pilot.app.screen
        assert "没有可以撤销" in screen_text(pilot)
        assert [one.timeout for one in pilot.app._notifications] == [ERROR_TIMEOUT_S]
        await press(pilot, "escape")
        assert "没有可以撤销" not in screen_text(pilot)
        assert pilot.app.screen is screen
        await press(pilot, "escape")
        assert pilot.app.screen is not screen

    drive(make_app(home), script)


WRITES = ("run", "run_final")
READ_ONLY = {
    "ledger.load_draft", "ledger.database.connection", "ledger.database.read", "commands.day_doubts.find_day_doubts",
    "commands.hand_over.plan_hand_over", "commands.hand_over.Share",
    "ledger.record_changes", "ledger.acting_for",
    "commands.erasures.plan_erasure",
    "commands.stand_ins.principal_named", "commands.new_names.namesakes_with_other_phone",
    "commands.address_book.PhoneChanges", "commands.extensions.extension_defaults",
}  # fmt: skip
SOURCES = sorted(
    path for folder in ("screens", "data", "app") for path in Path(tui.__file__).parent.glob(f"{folder}/*.py")
)


def writes_in(tree: ast.AST, inside: str = "") -> Iterator[tuple[str, str]]:
    """Each write of a module's code: its dotted name, and the method of the writer that runs it (empty for none)."""
    for node in ast.iter_child_nodes(tree):
        within = inside
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            method = name.rpartition("writer.")[2]
            within = method if method in WRITES else inside
            written = name.rpartition("writer.")[2] if ".ledger." in name else name
            if name.startswith("commands.") or name in ("import_file", "take_back") or written.startswith("ledger."):
                yield written, inside
        yield from writes_in(node, within)


def test_every_write_of_a_screen_is_undoable_or_listed() -> None:
    """Screens write only through `Writer.run`, which can be undone; whatever else writes is listed, with the reason."""
    found = {write for path in SOURCES for write in writes_in(ast.parse(path.read_text(encoding="utf-8")))}
    final = {name for name, method in found if method != "run"} - READ_ONLY
    assert final == set(NOT_UNDOABLE)
    assert all(NOT_UNDOABLE.values())
    assert len({name for name, method in found if method == "run"}) >= 12
