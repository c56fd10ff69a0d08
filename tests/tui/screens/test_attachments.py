"""Pictures in forms and on pages: chosen in the picker, saved with the line, seen, opened, removed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from textual.pilot import Pilot

from store.commands.attachments import attach
from store.queries.attachments import latest_attachments
from store.writer.local_writes import Ledger
from store.writer.upgrade import open_store
from tests.pictures import jpeg
from tests.tui.driving import drive, make_app, press, screen_text, settled, type_text, until
from tests.tui.role_samples import escalate
from tests.tui.sample import KEY, NOON_MS, issue_id
from tui.screens.form import Form
from tui.screens.meeting_mode import MeetingScreen
from tui.screens.picker import FilePicker
from tui.widgets.files_field import FilesField


@pytest.fixture
def phone(tmp_path: Path, home: Path) -> Path:
    """A watched folder with two photos, the second newer, and a paper that is cut off."""
    folder = tmp_path / "phone"
    folder.mkdir()
    for number, (name, content) in enumerate(
        (("old.jpg", jpeg(320, 240)), ("half.jpg", jpeg(320, 240)[:2000]), ("new.jpg", jpeg(240, 320, turned=3)))
    ):
        (folder / name).write_bytes(content)
        os.utime(folder / name, (NOON_MS // 1000 + number,) * 2)
    (home / "settings.toml").write_text(f'attachment_folders = "{folder}"\npicture_preview = "signs"\n')
    return folder


def attached(home: Path) -> list[tuple[str, str]]:
    """What is attached in the ledger, as another process sees it: kind of line, name."""
    database = open_store(home / "ledger.db", KEY)
    try:
        return [(row.of_kind, row.name) for row in latest_attachments(database.connection())]
    finally:
        database.close()


def test_a_visit_is_saved_with_the_pictures_chosen_in_the_picker(home: Path, phone: Path) -> None:
    """F9, space twice, enter, save: the newest come first, with a preview; the form says what is chosen, and one that
    is damaged is told after saving, while text and good picture are kept."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "v")
        await type_text(pilot, "看了现场")
        await press(pilot, "f9")
        await settled(pilot)
        assert isinstance(pilot.app.screen, FilePicker)
        lines = screen_text(pilot).splitlines()
        names = [line.split("]")[1].split()[0] for line in lines if "[ ]" in line]
        assert names == ["new.jpg", "half.jpg", "old.jpg"]
        await press(pilot, "space", "space", "enter")
        await settled(pilot)
        assert "2 个文件：new.jpg、half.jpg" in screen_text(pilot)
        await press(pilot, "ctrl+s")
        await settled(pilot)
        said = screen_text(pilot)
        assert "已保存，但缺这些文件" in said and "half.jpg" in said
        await press(pilot, "enter")

    drive(make_app(home), script)
    assert attached(home) == [("visit", "new.jpg")]


def test_a_decision_of_a_meeting_tells_which_files_it_lacks(home: Path, phone: Path) -> None:
    """As every form does: the decision stands with the good picture, and the damaged one is named."""
    escalate(home, 1)

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "m")
        await type_text(pilot, "gdgs ")
        await press(pilot, "tab", "right", "shift+tab", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, MeetingScreen) and pilot.app.screen.cards.total > 0)
        await press(pilot, "full_stop", "m")
        await type_text(pilot, "十日内架通")
        await press(pilot, "f9")
        await settled(pilot)
        await press(pilot, "space", "space", "enter", "ctrl+s")
        await until(pilot, lambda: "已保存，但缺这些文件" in screen_text(pilot))
        assert "half.jpg" in screen_text(pilot)

    drive(make_app(home), script)
    assert attached(home) == [("issue_step", "new.jpg")]


def test_a_draft_remembers_the_chosen_files(home: Path, phone: Path) -> None:
    """A form that is left and opened again has its files; the picker shows them as selected, others can be added by a
    path."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "v")
        await type_text(pilot, "看了")
        await press(pilot, "ctrl+p", "enter")
        await settled(pilot)
        await press(pilot, "escape", "v")
        await settled(pilot)
        assert isinstance(pilot.app.screen, Form)
        assert pilot.app.screen.query_one(FilesField).paths == [str(phone / "new.jpg")]
        await press(pilot, "f9")
        await settled(pilot)
        await press(pilot, "tab")
        await type_text(pilot, str(phone / "old.jpg"))
        await press(pilot, "enter")
        await settled(pilot)
        assert screen_text(pilot).count("[x]") == 2
        await press(pilot, "enter")
        await settled(pilot)
        await press(pilot, "ctrl+s")
        await settled(pilot)

    drive(make_app(home), script)
    assert sorted(attached(home)) == [("visit", "new.jpg"), ("visit", "old.jpg")]


def test_a_page_shows_files_and_opens_a_decrypted_copy_that_goes(home: Path, phone: Path) -> None:
    """The issue's page names the picture; o lists it, o opens a copy with the viewer, which is gone when the program
    is left; x removes it after a question."""
    opened: list[Path] = []
    app = make_app(home, start="issues")

    def viewer(path: Path) -> bool:
        opened.append(path)
        return path.read_bytes() == jpeg(240, 320, turned=3)

    app.open_file = viewer
    database = open_store(home / "ledger.db", KEY)
    ledger = Ledger(database, wall_clock=lambda: NOON_MS)
    attach(ledger, issue_id(1), [phone / "new.jpg"], words="接火点")
    database.close()

    async def script(pilot: Pilot[None]) -> None:
        await app.open_screen("issue", issue_id(1))
        await settled(pilot)
        await press(pilot, "end")
        await settled(pilot)
        await press(pilot, "home", "o")
        await settled(pilot)
        said = screen_text(pilot)
        assert "接火点" in said and "240x320" in said and "==" in said
        await press(pilot, "o")
        await settled(pilot)
        assert "离开管家时会删除" in screen_text(pilot)
        assert [path.name for path in opened] == ["new.jpg"]
        assert opened[0].exists()
        await press(pilot, "x", "enter")
        await settled(pilot)
        assert "这里没有附件" in screen_text(pilot)

    drive(app, script)
    assert not opened[0].exists() and attached(home) == []


def test_a_file_is_erased_for_good_after_a_reason_and_two_questions(home: Path, phone: Path) -> None:
    """ctrl+d on a file asks why, says how often it is attached and that nothing brings it back; then it is gone from
    the list, the disk and the bin, and a copy that a viewer has open too."""
    database = open_store(home / "ledger.db", KEY)
    ledger = Ledger(database, wall_clock=lambda: NOON_MS)
    attach(ledger, issue_id(1), [phone / "new.jpg"])
    database.close()
    app, opened = make_app(home, start="issues"), list[Path]()

    def viewer(path: Path) -> bool:
        opened.append(path)
        return True

    app.open_file = viewer

    async def script(pilot: Pilot[None]) -> None:
        await app.open_screen("issue", issue_id(1))
        await settled(pilot)
        await press(pilot, "o")
        await settled(pilot)
        await press(pilot, "o")
        await settled(pilot)
        assert opened[0].exists()
        await press(pilot, "ctrl+d")
        await settled(pilot)
        await type_text(pilot, "本人申请")
        await press(pilot, "ctrl+s", "enter")
        await settled(pilot)
        assert "“new.jpg”在 1 处作为附件" in screen_text(pilot)
        await press(pilot, "ctrl+d", "ctrl+d")
        await settled(pilot)
        assert "已彻底删除 1 个附件" in screen_text(pilot)
        await press(pilot, "enter")
        await settled(pilot)
        assert "这里没有附件" in screen_text(pilot) and not opened[0].exists()

    drive(app, script)
    assert attached(home) == [] and list((home / "ledger.attachments").iterdir()) == []


def test_a_file_that_is_no_attachment_is_not_taken_by_its_path(home: Path, phone: Path) -> None:
    """A pasted path to a program or to nothing is said in the picker, and selects nothing."""
    (phone / "virus.jpg").write_bytes(b"MZ")

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "v", "f9")
        await settled(pilot)
        await press(pilot, "tab")
        await type_text(pilot, str(phone / "virus.jpg"))
        await press(pilot, "enter")
        await settled(pilot)
        assert "不能作为附件" in screen_text(pilot) and "[x]" not in screen_text(pilot)

    drive(make_app(home), script)
