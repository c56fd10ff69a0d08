"""Pictures of the real screens for the README's tour (`make screens`): python -m tests.tui.pictures DIR [HOME]

They are recorded from the demo district that ``guanjia demo`` makes: what a newcomer sees is what is shown. HOME is the
folder of a demo made before with ``guanjia demo --no-tui --home HOME``; without it one is made and removed.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch
from urllib.parse import urlsplit

from textual.pilot import Pilot

from store.db.device_facts import read_device_facts
from tests.tui.cli.fork_server import forked_command
from tests.tui.driving import drive, press, type_text
from tui.app.app import GuanjiaApp
from tui.cli.demo.central import DemoCentral
from tui.cli.demo.year import BUTLER, NEXT_BUTLER
from tui.cli.session import open_session
from tui.i18n import translate


@dataclass(frozen=True)
class Picture:
    """One picture: its size in cells, the keys that lead to it (``text:…`` is typed), and the home that is opened."""

    keys: tuple[str, ...]
    size: tuple[int, int] = (120, 30)
    home: str = "laptop-a"
    languages: tuple[str, ...] = translate.LANGUAGES[:1]


PICTURES: dict[str, Picture] = {
    "today": Picture(("1", "down")),
    "projects": Picture(("2", "down"), languages=translate.LANGUAGES[1:]),
    "project": Picture(("2", "enter", "tab", "tab", "tab")),
    "visit": Picture(("v", "text:供电线路仍未接通，企业已备好调试方案。", "f8", "text:临时用电没有批下来"), (100, 30)),
    "issues": Picture(("3", "down")),
    "issue": Picture(("3", "down", "down", "enter")),
    "approvals": Picture(("3", "p"), home="bureau"),
    "meeting": Picture(("m", "text:zjj ", "text:rfb ", "enter"), home="bureau"),
    "address_book": Picture(("7", "slash", f"text:@{NEXT_BUTLER}", "enter"), home="bureau"),
    "hand_over": Picture(
        ("slash", f"text:@{BUTLER}", "enter", "H", "H", f"text:{NEXT_BUTLER}", "ctrl+s"), home="bureau"
    ),
    "accounts": Picture(("A", "down"), home="bureau"),
    "audit": Picture(("A", "a"), home="bureau"),
    "lookup": Picture(("slash", "text:gd dept:供电公司")),
    "conflicts": Picture(("1", "l")),
    "sync": Picture(("6", "tab")),
    "summary": Picture(("5", "p", "p"), home="bureau"),
}
"""In the order of the tour."""


@contextlib.contextmanager
def served_central(demo: Path) -> Iterator[None]:
    """The demo's central answers, at the address that its laptops know; files of one's own have a made-up place."""
    database = open_session(demo / "bureau").database
    address = read_device_facts(database.connection()).central or ""
    database.close()
    central = DemoCentral(demo / "central", urlsplit(address).port or 0)
    central.start()
    try:
        with patch.dict(os.environ, HOME="/home/officer"):
            yield
    finally:
        central.stop()


def take(demo: Path, folder: Path) -> Iterator[Path]:
    """Record every picture from copies of a demo's homes; yields the files."""
    with served_central(demo):
        yield from _take(demo, folder)


def _take(demo: Path, folder: Path) -> Iterator[Path]:
    for name, picture in PICTURES.items():
        for language in picture.languages:
            translate.set_language(language)
            yield take_one(demo, picture, folder / f"{name}-{language}.svg")
    translate.set_language(translate.LANGUAGES[0])


def take_one(demo: Path, picture: Picture, target: Path) -> Path:
    """Record one picture in the language in use."""

    async def script(pilot: Pilot[None]) -> None:
        for key in picture.keys:
            if key.startswith("text:"):
                await type_text(pilot, key.removeprefix("text:"))
            else:
                await press(pilot, key)
        target.write_text(pilot.app.export_screenshot(), encoding="utf-8")

    with tempfile.TemporaryDirectory() as place:
        home = Path(shutil.copytree(demo / picture.home, Path(place) / "home"))
        app = GuanjiaApp(lambda: open_session(home).database, home, theme="dark")
        app.program_command = forked_command()
        drive(app, script, picture.size)
    return target


def main(where: Path, demo: Path) -> None:
    """Record all into ``where``, over the older ones; make the demo first where it is missing."""
    where.mkdir(parents=True, exist_ok=True)
    if not demo.exists():
        made = (sys.executable, "-m", "tui.cli.main", "demo", "--no-tui", "--home", str(demo))
        subprocess.run(made, check=True, stdout=subprocess.DEVNULL)
    for old in where.glob("*.svg"):
        old.unlink()
    for drawn in take(demo, where):
        print(drawn)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made_here:
        main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else Path(made_here) / "demo")
