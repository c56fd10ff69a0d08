"""Erasing a person on the screen: a reason and a basis, two questions, and nothing brings it back."""

from __future__ import annotations

from pathlib import Path

from textual.pilot import Pilot

from store.commands.attachments import attach
from store.domain.erasures import ERASED
from store.queries.attachments import latest_attachments
from store.queries.people import ContactFilter, contacts, listing
from store.writer.local_writes import Ledger
from tests.tui.conflicts import store_of
from tests.tui.driving import drive, make_app, press, screen_text, settled, type_text
from tests.tui.role_samples import hold
from tests.tui.sample import DAY_MS, NOON_MS, issue_id, line_id
from tui.screens.erasure_form import ErasureForm
from tui.screens.panels import Notice

DAY, WHO = "2026-05-20", "乙卫东"


def name_of(home: Path) -> str:
    """What the record of the person says."""
    database = store_of(home)
    shown = contacts(database.connection(), "person", listing("person", DAY, ContactFilter(retired=True)))
    database.close()
    return next(one.name for one in shown if one.id == line_id("person", WHO))


def attach_paper(home: Path, folder: Path) -> None:
    """A paper that is named after the person, attached to an issue."""
    paper = folder / f"{WHO}签字.pdf"
    paper.write_bytes(b"%PDF-1.4 x")
    database = store_of(home)
    attach(Ledger(database, wall_clock=lambda: NOON_MS - DAY_MS), issue_id(1), [paper])
    database.close()


def file_names(home: Path) -> list[str]:
    """What the attached files are called."""
    database = store_of(home)
    names = [row.name for row in latest_attachments(database.connection())]
    database.close()
    return names


async def to_form(pilot: Pilot[None]) -> None:
    """From the address book to the form over the person."""
    await press(pilot, "7", "slash")
    await type_text(pilot, f"@{WHO}")
    await press(pilot, "enter", "ctrl+d")


def test_a_person_is_erased_after_two_questions(home: Path, tmp_path: Path) -> None:
    """The form asks why, names the basis; the first question says what is emptied, that it reaches every device and the
    central, and what stays; the second that it cannot be undone. Each is answered by ctrl+d, not by enter. A file that
    names the person goes with them where that is chosen, and is named before. What still names the person is told, and
    u brings nothing back."""
    attach_paper(home, tmp_path)

    async def script(pilot: Pilot[None]) -> None:
        await to_form(pilot)
        assert isinstance(pilot.app.screen, ErasureForm)
        await press(pilot, "ctrl+s")
        assert isinstance(pilot.app.screen, ErasureForm)
        await type_text(pilot, "本人申请")
        await press(pilot, "tab", "tab", "right", "ctrl+s", "enter")
        shown = screen_text(pilot).replace("\n", "")
        assert f"删除所存的{WHO}的个人信息" in shown and "《中华人民共和国个人信息保护法》" in shown
        assert "其他设备和中心" in shown and "备份" in shown
        assert f"{WHO}签字.pdf" in shown
        await press(pilot, "ctrl+d", "enter")
        assert "无法撤销" in screen_text(pilot)
        assert name_of(home) == WHO and file_names(home) == [f"{WHO}签字.pdf"]
        await press(pilot, "ctrl+d")
        await settled(pilot)
        assert isinstance(pilot.app.screen, Notice) and "已清空" in screen_text(pilot)
        await press(pilot, "enter", "u", "u")
        await settled(pilot)
        assert name_of(home) == ERASED
        assert file_names(home) == []

    drive(make_app(home), script)


def test_a_reason_that_names_the_person_is_refused_in_the_form(home: Path) -> None:
    """The reason is kept for good: one that says who it is about is told, the form stays, and nothing is emptied."""

    async def script(pilot: Pilot[None]) -> None:
        await to_form(pilot)
        await type_text(pilot, f"{WHO}申请")
        await press(pilot, "ctrl+s", "ctrl+d", "ctrl+d")
        await settled(pilot)
        assert isinstance(pilot.app.screen, ErasureForm)
        assert name_of(home) == WHO

    drive(make_app(home), script)


def test_erasing_is_the_bureaus(home: Path) -> None:
    """A butler is not offered it."""
    hold(home, "butler")

    async def script(pilot: Pilot[None]) -> None:
        await to_form(pilot)
        assert not isinstance(pilot.app.screen, ErasureForm)

    drive(make_app(home), script)
