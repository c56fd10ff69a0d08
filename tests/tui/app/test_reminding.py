"""What the daemon tells is shown in the open screens, and reaches the terminal as a count or as harmless text."""

from __future__ import annotations

from pathlib import Path

from textual.pilot import Pilot

from store.home.device_state import DeviceState
from store.home.paths import Home
from store.home.reminder_log import ReminderLog, ToldMessage, ToldReminder, write_reminder_log
from store.writer.upgrade import open_store
from tests.tui.driving import drive, make_app, screen_text, settled
from tests.tui.sample import KEY, NOON_MS
from tui.app.reminding import attention_sequence
from tui.data.told_reminders import ShownReminders

HOSTILE = ShownReminders(1, 1, "1 项提醒", "今天到期：x\x1b]52;c;aGk=\x07\x9b31m;y\n第二行")


def told(home: Path, at: int) -> str:
    """What a daemon does that tells of an issue; gives its title."""
    database = open_store(home / "ledger.db", KEY)
    issue, title = database.connection().execute("SELECT id, title FROM issue LIMIT 1").fetchone()
    message = ToldMessage(at, (ToldReminder("r", issue, "assigned", "2026-01-01T00:00+08:00", None, issue),))
    with DeviceState(database).write() as connection:
        write_reminder_log(connection, ReminderLog(told=(message,)))
    database.close()
    Home(home).reminders_told.touch()
    return str(title)


def test_what_is_told_while_the_screens_are_open_is_shown_once(home: Path) -> None:
    """A message that came before they were opened is not shown again; one that comes now is, by its title."""
    told(home, NOON_MS - 3_600_000)

    async def script(pilot: Pilot[None]) -> None:
        app = pilot.app
        shown: list[str] = []
        app.notify = lambda message, **_more: shown.append(message)  # type: ignore[method-assign]
        app.look_for_reminders()  # type: ignore[attr-defined]
        await settled(pilot)
        assert shown == []
        title = told(home, NOON_MS + 1000)
        for _time in range(2):
            app.look_for_reminders()  # type: ignore[attr-defined]
            await settled(pilot)
        ((text),) = shown
        assert text.startswith("交办给您：") and title[:10] in text
        assert "提醒" not in screen_text(pilot)

    drive(make_app(home), script)


def test_no_title_of_the_ledger_acts_on_the_terminal() -> None:
    """A sequence of ours has one beginning and one end whatever is told; behind a PIN, and in a window's title, there
    is a count alone; the terminal keeps the former title once."""
    for how in ("osc9", "osc777"):
        written = attention_sequence(how, [HOSTILE])
        inner = written.removeprefix("\x1b]").removesuffix("\x07")
        assert len(inner) == len(written) - 3 and inner.isprintable() and "第二行" in inner
        assert written.count(";") == {"osc9": 1, "osc777": 3}[how]
        hidden = attention_sequence(how, [HOSTILE], hides=True)
        assert "到期" not in hidden and "1 项提醒" in hidden
    assert attention_sequence("title", [HOSTILE, HOSTILE]) == "\x1b[22;2t\x1b]2;(2) guanjia\x07"
    assert attention_sequence("title", [HOSTILE], keeps_title=False) == "\x1b]2;(1) guanjia\x07"
