"""A butler is replaced on the bureau's screen, at a real central: rights move at the next round of each, and the days
of both tell it."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from store.home.credentials import open_credentials
from store.ledger.hlc import system_clock_ms
from store.writer.upgrade import open_store
from tests.sync.central_fixture import running_central
from tests.sync.laptops import Laptop, bureau, project, visit
from tests.tui.driving import Script, drive, press, screen_text, settled, type_text
from tui.app.app import GuanjiaApp

OLD, NEW = "刘丁", "赵戊"


def on_screen(laptop: Laptop, script: Script, start: str = "today") -> None:
    """Play a script on the screens of a laptop."""
    home = laptop.home
    app = GuanjiaApp(
        lambda: open_store(home.database, open_credentials(home, "file").key()), home.path, now_ms=system_clock_ms,
        start_mode=start,
    )  # fmt: skip
    app.preloads = False
    drive(app, script, (160, 45))


async def replace_butler(pilot: Pilot[None]) -> None:
    """In the address book: all projects of the old one to the new one."""
    await press(pilot, "7", "slash")
    await type_text(pilot, f"@{OLD}")
    await press(pilot, "enter", "H", "H")
    await type_text(pilot, NEW)
    await press(pilot, "ctrl+s", "enter")
    await settled(pilot)
    assert "已移交 1 个项目" in screen_text(pilot)


async def day_of_new(pilot: Pilot[None]) -> None:
    """What is theirs now, and whose it was."""
    shown = screen_text(pilot).replace("\n", "").replace(" ", "")
    assert f"风电工程自今天起由您担任项目管家。此前为{OLD}" in shown


async def day_of_old(pilot: Pilot[None]) -> None:
    """What is theirs no longer, and who has it."""
    shown = screen_text(pilot).replace("\n", "").replace(" ", "")
    assert f"不再由您负责：风电工程（现由{NEW}负责）" in shown


@pytest.mark.proves("R07", "R18", "R43")
def test_both_butlers_are_told_on_their_days_and_rights_have_moved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bureau hands over by keys. At their next rounds the old one's unsent visit still arrives and the project
    leaves; the new one has it with that visit and writes there. Each day says which project, since when, and from or to
    whom."""
    monkeypatch.setenv("HOME", str(tmp_path))
    with running_central(tmp_path / "central") as central:
        office = bureau(tmp_path / "office", central)
        own, other = project(office, "风电工程"), project(office, "储能工程")
        office.sync()
        old = Laptop(tmp_path / "old").join(central, central.invite(OLD, "butler", projects=[own.id]))
        old.sync()
        new = Laptop(tmp_path / "new").join(central, central.invite(NEW, "butler", projects=[other.id]))
        new.sync()
        late = visit(old, own, "移交前所写")
        office.sync()
        on_screen(office, replace_butler)
        assert office.sync().verified and old.sync().verified and new.sync().verified
        assert not [line for line in old.lines().values() if line.project == own.id]
        assert late.id in new.lines()
        seen = visit(new, own, "移交后所写")
        assert new.sync().rejected == 0
        office.sync()
        assert {late.id, seen.id} <= office.lines().keys()
        on_screen(new, day_of_new)
        on_screen(old, day_of_old)
