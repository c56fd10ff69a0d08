"""The README's tour shows recordings of the real screens, all of them and no others."""

from __future__ import annotations

import re
from pathlib import Path

from tests.tui.pictures import PICTURES

ROOT = Path(__file__).parents[3]


def test_the_readme_shows_every_recording() -> None:
    """Every picture that the README names was recorded by ``make screens``, and every recording is shown."""
    shown = re.findall(r"\]\(\.pictures/([^)]+)\)", (ROOT / "README.md").read_text("utf-8"))
    recorded = {f"{name}-{language}.svg" for name, one in PICTURES.items() for language in one.languages}
    assert set(shown) == recorded == {path.name for path in (ROOT / ".pictures").glob("*.svg")}


def test_each_recording_is_a_screen_of_the_demo_district() -> None:
    """Each was drawn by the terminal's own export and shows the district that ``guanjia demo`` makes, but for the lock:
    it shows nothing."""
    for path in (ROOT / ".pictures").glob("*.svg"):
        text = path.read_text("utf-8")
        assert 'class="rich-terminal"' in text, path.name
        assert ("新邱区" in text) != path.name.startswith("lock-"), path.name
