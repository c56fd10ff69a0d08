"""Pictures of the real screens for the README (`make screens`): python -m tests.tui.pictures DIR"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from textual.pilot import Pilot

from tests.tui.driving import drive, make_app, press, type_text
from tests.tui.sample import sample_home
from tui import words

PICTURES: dict[str, tuple[tuple[int, int], tuple[str, ...]]] = {
    "projects": ((120, 30), ("down",)),
    "project": ((120, 30), ("enter",)),
    "visit": ((80, 24), ("v", "text:供电线路仍未接通，企业已备好调试方案。")),
    "issues": ((120, 30), ("3", "end")),
    "acts": ((80, 24), ("3", "end", "a")),
    "lookup": ((120, 30), ("slash", "text:gd")),
}
"""Each picture's size in cells, and the keys that lead to it."""


def take(folder: Path, language: str) -> list[Path]:
    """Draw every picture in one language; gives the files."""
    words.use(language)
    return [_take_one(folder / f"{name}-{language}.svg", *wanted) for name, wanted in PICTURES.items()]


def _take_one(target: Path, size: tuple[int, int], keys: tuple[str, ...]) -> Path:
    async def script(pilot: Pilot[None]) -> None:
        for key in keys:
            if key.startswith("text:"):
                await type_text(pilot, key.removeprefix("text:"))
            else:
                await press(pilot, key)
        target.write_text(pilot.app.export_screenshot(), encoding="utf-8")

    with tempfile.TemporaryDirectory() as place:
        sample = sample_home(Path(place) / "home")
        sample.database.close()
        drive(make_app(sample.home), script, size)
    return target


if __name__ == "__main__":
    where = Path(sys.argv[1])
    where.mkdir(parents=True, exist_ok=True)
    for drawn in (picture for language in words.LANGUAGES for picture in take(where, language)):
        print(drawn)
