"""Sync by files on the screen: both forms run the command and say what it did."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.tui.driving import drive, make_app, press, screen_text, type_text, until
from tui.app.app import GuanjiaApp
from tui.screens.panels import Notice
from tui.screens.sync import SyncScreen

COMMAND = """
import json, sys
from pathlib import Path
folder = Path({folder!r})
with (folder / "ran").open("a") as file:
    print(json.dumps(sys.argv[1:]), file=file)
told = json.loads((folder / "told.json").read_text())
print(json.dumps(told))
sys.exit(told.get("exits", 0))
"""


@pytest.fixture
def app(home: Path, tmp_path: Path) -> GuanjiaApp:
    """The app on the screen of agreement, whose commands answer what the test has put into a file."""
    script = tmp_path / "bundle.py"
    script.write_text(COMMAND.format(folder=str(tmp_path)))
    made = make_app(home, start="sync")
    made.program_command = (sys.executable, "-S", str(script))
    return made


def tell(folder: Path, told: dict[str, Any]) -> None:
    """What the next command prints."""
    (folder / "told.json").write_text(json.dumps(told))


def ran(folder: Path) -> list[str]:
    """The last command, without its output format."""
    line: list[str] = json.loads((folder / "ran").read_text().splitlines()[-1])
    return line[:-1]


def test_a_file_is_written_and_an_answer_taken_in(app: GuanjiaApp, tmp_path: Path) -> None:
    """``w`` writes a file into the folder that is typed, ``t`` takes in what lies there; each says what it did, and
    leads back."""

    async def script(pilot: Pilot[None]) -> None:
        tell(tmp_path, {"file": "/stick/张甲-11月29日-上报.gjb", "lines": 3, "carried": 0})
        await press(pilot, "w")
        await type_text(pilot, "/stick")
        await press(pilot, "ctrl+s")
        await until(pilot, lambda: isinstance(pilot.app.screen, SyncScreen))
        assert ran(tmp_path) == ["bundle", "export", "/stick"]
        assert "张甲-11月29日-上报.gjb" in screen_text(pilot)
        answers = [{"pushed": 3, "pulled": 5, "what": "乙.gjb：已收"}]
        tell(tmp_path, {"answers": answers, "refused": [], "carried": 2, "files": [{"confirmed": 7, "received": 9}]})
        await press(pilot, "t")
        await type_text(pilot, "/stick")
        await press(pilot, "ctrl+s")
        await until(pilot, lambda: isinstance(pilot.app.screen, SyncScreen))
        assert ran(tmp_path) == ["bundle", "import", "/stick"]
        assert all(number in screen_text(pilot) for number in "279")

    drive(app, script)


def test_what_is_refused_is_said_on_the_form(app: GuanjiaApp, tmp_path: Path) -> None:
    """A damaged file: the form stays, with the sentence of the command."""

    async def script(pilot: Pilot[None]) -> None:
        tell(tmp_path, {"answers": [], "refused": [{"file": "x.gjb", "code": "bundle_damaged", "what": "坏文件"}]})
        await press(pilot, "t")
        await type_text(pilot, "/stick")
        await press(pilot, "ctrl+s")
        await until(pilot, lambda: "坏文件" in screen_text(pilot))
        assert not isinstance(pilot.app.screen, SyncScreen)

    drive(app, script)


def test_what_a_person_should_know_is_told_beside_what_came(app: GuanjiaApp, tmp_path: Path) -> None:
    """One answer found the clock wrong, another file is damaged: what was taken in counts, and what is said of both can
    be read."""

    async def script(pilot: Pilot[None]) -> None:
        answers = [{"pushed": 0, "pulled": 5, "what": "乙.gjb：时钟不准，请再写一次"}]
        refused = [{"file": "x.gjb", "code": "bundle_damaged", "what": "坏文件"}]
        tell(tmp_path, {"answers": answers, "refused": refused, "carried": 0, "exits": 3})
        await press(pilot, "t")
        await type_text(pilot, "/stick")
        await press(pilot, "ctrl+s")
        await until(pilot, lambda: isinstance(pilot.app.screen, Notice))
        assert "请再写一次" in screen_text(pilot) and "坏文件" in screen_text(pilot)
        await press(pilot, "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, SyncScreen))

    drive(app, script)
