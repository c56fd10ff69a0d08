"""Pictures of screens: every character lies over its own cells, and nothing is fetched from a network."""

from __future__ import annotations

import re
from pathlib import Path

from tests.tui.pictures import PICTURES, take
from tui.pictures import widened

SVG = (
    '<style>@font-face { font-family: "Fira Code"; src: url("https://cdn.example/f.woff2") }\n'
    ".a { font-family: Fira Code, monospace }</style>"
    '<text class="r1" x="12.2" y="20" textLength="73.2" clip-path="url(#l0)">项目&#160;A乙b</text>'
)


def test_wide_characters_take_two_cells() -> None:
    """A run of Chinese is as long as its cells, and what follows it stands behind it."""
    found = re.findall(r'x="([\d.]+)"[^>]*textLength="([\d.]+)"[^>]*>([^<]+)<', widened(SVG))
    assert [(text.replace("&#160;", " ").replace("\xa0", " "), x, length) for x, length, text in found] == [
        ("项目", "12.2", "48.8"),
        (" A", "61", "24.4"),
        ("乙", "85.4", "24.4"),
        ("b", "109.8", "12.2"),
    ]


def test_a_picture_asks_for_nothing_from_the_net() -> None:
    """Fonts are those of the machine that shows the picture."""
    assert "https://cdn" not in widened(SVG)
    assert "Fira Code" not in widened(SVG)


def test_the_readmes_pictures_can_be_drawn(tmp_path: Path) -> None:
    """The tool behind the README's pictures draws every one of them from the sample."""
    drawn = take(tmp_path, "zh")
    assert [path.stem for path in drawn] == [f"{name}-zh" for name in PICTURES]
    assert all(path.stat().st_size > 10_000 for path in drawn)
