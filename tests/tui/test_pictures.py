"""The README's pictures are what the program shows."""

from __future__ import annotations

import re
from pathlib import Path

from tests.tui.pictures import PICTURES, take
from tui import words

ROOT = Path(__file__).parents[2]


def test_the_readme_shows_the_screens_as_they_are(tmp_path: Path) -> None:
    """Every picture that the README names is what the real app draws today, to the byte (`make screens`)."""
    drawn = {path.name: path.read_text("utf-8") for language in words.LANGUAGES for path in take(tmp_path, language)}
    words.use(words.LANGUAGES[0])
    shown = re.findall(r"\]\(\.pictures/([^)]+)\)", (ROOT / "README.md").read_text("utf-8"))
    assert {name.partition("-")[0] for name in shown} == set(PICTURES)
    kept = {path.name: path.read_text("utf-8") for path in (ROOT / ".pictures").glob("*.svg")}
    assert set(shown) <= set(kept)
    assert {name: kept[name] == drawn[name] for name in kept} == dict.fromkeys(kept, True)
