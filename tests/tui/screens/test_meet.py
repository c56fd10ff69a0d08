"""Meetings on the screen: a code to be read by the room, a code to be typed, a stick. Each runs the command."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.tui.driving import drive, make_app, press, screen_text, type_text, until
from tui.app.app import GuanjiaApp
from tui.screens.meet import HostPanel
from tui.screens.sync import SyncScreen

CODE = "8K3M-T7QP-0123-45AB"
MET = {"name": "李乙", "given": 2, "taken": 3, "left_out": 7, "no_room": 0}
COMMAND = """
import json, signal, sys, time
from pathlib import Path
folder = Path({folder!r})
with (folder / "ran").open("a") as file:
    print(json.dumps(sys.argv[1:]), file=file)
if "--ndjson" not in sys.argv:
    print(json.dumps({{"met": [{met!r}], "refused": []}}))
    sys.exit(0)
if (folder / "fails").exists():
    print("没有网络\\n数据都在\\n插上网线", file=sys.stderr)
    sys.exit(1)
def end(*_):
    (folder / "ended").touch()
    sys.exit(0)
signal.signal(signal.SIGINT, end)
print(json.dumps({{"event": "open", "code": {code!r}, "address": "192.168.1.5:7421"}}), flush=True)
while not (folder / "comes").exists():
    time.sleep(0.01)
print(json.dumps({{"event": "met", **{met!r}}}), flush=True)
signal.pause()
"""


@pytest.fixture
def app(home: Path, tmp_path: Path) -> GuanjiaApp:
    """The app on the sync screen, with a command that holds a meeting as the real one does."""
    script = tmp_path / "meet.py"
    script.write_text(COMMAND.format(folder=str(tmp_path), met=MET, code=CODE))
    made = make_app(home, start="sync")
    made.program_command = (sys.executable, "-S", str(script))
    return made


def ran(folder: Path) -> list[str]:
    """The last command."""
    line: list[str] = json.loads((folder / "ran").read_text().splitlines()[-1])
    return line


def test_a_code_is_shown_to_the_room_until_the_panel_is_closed(app: GuanjiaApp, tmp_path: Path) -> None:
    """M s shows the code large, and who has come with what was exchanged; escape ends the meeting itself."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "M", "s")
        assert isinstance(pilot.app.screen, HostPanel)
        await until(pilot, lambda: CODE in screen_text(pilot))
        assert screen_text(pilot).count("##") > 100 and "192.168.1.5:7421" in screen_text(pilot)
        (tmp_path / "comes").touch()
        await until(pilot, lambda: "李乙：收下 3 条" in screen_text(pilot))
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, SyncScreen)
        await until(pilot, (tmp_path / "ended").exists)
        assert ran(tmp_path) == ["meet", "--ndjson"]

    drive(app, script)


def test_a_meeting_that_cannot_be_held_says_why(app: GuanjiaApp, tmp_path: Path) -> None:
    """Where the command fails its sentences are shown, and nothing stays open."""
    (tmp_path / "fails").touch()

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "M", "s")
        await until(pilot, lambda: isinstance(pilot.app.screen, SyncScreen))
        await until(pilot, lambda: "插上网线" in screen_text(pilot))

    drive(app, script)


def test_a_code_is_typed_and_a_stick_read(app: GuanjiaApp, tmp_path: Path) -> None:
    """M t asks for the code alone, M f for a folder; both say whom one met and what was left out."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "M", "t")
        await type_text(pilot, CODE)
        await press(pilot, "ctrl+s")
        await until(pilot, lambda: isinstance(pilot.app.screen, SyncScreen))
        assert ran(tmp_path)[:2] == ["meet", CODE]
        assert "李乙：收下 3 条" in screen_text(pilot) and "7" in screen_text(pilot)
        await press(pilot, "M", "f")
        await type_text(pilot, "/stick")
        await press(pilot, "ctrl+s")
        await until(pilot, lambda: isinstance(pilot.app.screen, SyncScreen))
        assert ran(tmp_path)[:3] == ["meet", "--folder", "/stick"]

    drive(app, script)
