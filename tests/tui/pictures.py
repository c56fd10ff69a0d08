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

from store.commands import issues, projects
from store.db.device_facts import read_device_facts
from store.ledger.line import new_id
from store.writer.sync_writes import SyncLedger
from tests.tui.cli.fork_server import forked_command
from tests.tui.driving import drive, press, type_text
from tui.app.app import GuanjiaApp
from tui.cli.demo.central import DemoCentral
from tui.cli.demo.laptop import DemoLaptop
from tui.cli.demo.story import DISTRICT, DISTRICT_NAME
from tui.cli.demo.year import BUTLER, NEXT_BUTLER
from tui.cli.session import home_session, open_session
from tui.i18n import translate

NEWCOMER = "卯冬至"
"""A butler who worked alone before there was a central."""


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
    "stand_in": Picture(("slash", f"text:@{NEXT_BUTLER}", "enter", "s"), (100, 20), home="bureau"),
    "accounts": Picture(("A", "down"), home="bureau"),
    "audit": Picture(("A", "a"), home="bureau"),
    "waiting": Picture(("P", "down"), home="bureau"),
    "pin": Picture(("comma", "p"), (100, 20)),
    "lock": Picture(
        ("comma", "p", "text:246813", "tab", "text:246813", "ctrl+s", "L", "text:246812", "enter"), (100, 12)
    ),
    "lookup": Picture(("slash", "text:gd dept:供电公司")),
    "conflicts": Picture(("1", "l")),
    "sync": Picture(("6", "tab")),
    "summary": Picture(("5", "p", "p"), home="bureau"),
}
"""In the order of the tour."""


@contextlib.contextmanager
def served_central(demo: Path) -> Iterator[None]:
    """The demo's central answers, at the address that its laptops know, and somebody's lines wait there for the bureau;
    files of one's own have a made-up place."""
    database = open_session(demo / "bureau").database
    address = read_device_facts(database.connection()).central or ""
    database.close()
    central = DemoCentral(demo / "central", urlsplit(address).port or 0)
    central.start()
    try:
        join_after_working_alone(DemoLaptop(demo / "newcomer"), central)
        for home in sorted({picture.home for picture in PICTURES.values()}):
            DemoLaptop(demo / home).sync()  # however long ago the demo was made, what is shown was just compared
        with patch.dict(os.environ, HOME="/home/officer"):
            yield
    finally:
        central.stop()


def join_after_working_alone(laptop: DemoLaptop, central: DemoCentral) -> None:
    """What a butler's home wrote before it joined, beyond the butler's roles, waits for the bureau."""
    if laptop.home.database.exists():
        return
    who = {"person": new_id(), "person_name": NEWCOMER}
    laptop.init_home({"district": DISTRICT, "district_name": DISTRICT_NAME, **who})
    with home_session(laptop.home.path) as session:
        ledger = SyncLedger(session.database, wall_clock=session.wall_clock_ms)
        added = projects.add(ledger, name="冷链物流园一期", investment_yuan=86_000_000, owner="北岸冷链公司").id
        issues.record(ledger, project=added, title="进场道路限高，冷机运不进来", category="other")
    laptop.join(central.address, central.invite(NEWCOMER, "butler"))
    laptop.sync()


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
