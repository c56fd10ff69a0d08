"""The themes: what is written can be read in each of them, lights by their glyph alone, sixteen colours are enough."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.color import Color
from textual.pilot import Pilot
from textual.theme import Theme

from tests.tui.driving import drive, make_app, press, screen_text, settled
from tui.i18n.translate import set_language, value_label
from tui.widgets.long_list import LongList
from tui.widgets.themes import THEMES

READABLE = 4.5
"""The least contrast of text with what is behind it (WCAG 2.2, level AA)."""
SIXTEEN = {"00", "55", "aa", "ff"}


def ratio(first: str, second: str) -> float:
    """The contrast of two colours."""
    darker, lighter = sorted(map(_luminance, (Color.parse(first), Color.parse(second))))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Color) -> float:
    parts = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in colour.normalized]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_every_ink_can_be_read_on_every_ground(theme: Theme) -> None:
    """Text, headings, warnings and lights stand out from each block and from the cursor's line; there is one accent,
    one warning and one danger. What is late under the cursor of the sixteen colours is a block of its own."""
    variables = theme.variables
    inks = [theme.foreground, theme.primary, theme.warning, theme.error, theme.success, variables["muted"]]
    grounds = [theme.background, theme.surface, theme.panel]
    assert theme.accent == theme.primary
    for ink in map(str, inks):
        assert all(ratio(ink, str(ground)) >= READABLE for ground in grounds), ink
        late = ink == theme.error and theme.name == "contrast"
        assert late or ratio(ink, variables["block-cursor-background"]) >= READABLE, ink
    pairs = [
        (variables["block-cursor-foreground"], variables["block-cursor-background"]),
        *((str(theme.background), str(ground)) for ground in (theme.primary, theme.error, variables["muted"])),
        *((ink, variables[f"light-{light}"]) for ink, light in (("#ffffff", "red"), ("#ffffff", "blue"))),
        (variables["on-yellow"], variables["light-yellow"]),
    ]
    assert [pair for pair in pairs if ratio(*pair) < READABLE] == []


SCREENS_TO_READ = ("1", "2", "enter", "3", "enter", "5", "6", "7", "v", "escape comma")
"""Keys that lead from one screen to the next: lists, pages, boards, charts, forms."""


def unreadable(pilot: Pilot[None]) -> set[tuple[str, str, str]]:
    """The texts on the screen that do not stand out from their ground, with their colours."""
    found = set()
    for line in pilot.app.screen._compositor.render_strips():
        for segment in line:
            style = segment.style
            if segment.text.isspace() or style is None or style.color is None or style.bgcolor is None:
                continue
            ink, ground = style.color.get_truecolor().hex, style.bgcolor.get_truecolor().hex
            if ink != ground and ratio(ink, ground) < READABLE:  # else a cell of a chart, whose character is hidden
                found.add((segment.text.strip(), ink, ground))
    return found


def test_whatever_a_screen_draws_can_be_read(home: Path) -> None:
    """In each theme, on the screens with lists, pages, charts and fields, also under the cursor."""

    async def script(pilot: Pilot[None]) -> None:
        for keys in SCREENS_TO_READ:
            await press(pilot, *keys.split())
            for theme in THEMES:
                pilot.app.theme = theme.name
                await settled(pilot)
                assert unreadable(pilot) == set(), (keys, theme.name)

    drive(make_app(home), script, (120, 30))


@pytest.mark.parametrize("colourless", [False, True])
@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_the_cursor_is_seen(theme: Theme, colourless: bool, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The line under the cursor begins with a cell that stands out from the cells above and below it by more than any
    shade, in each theme; without colours (``NO_COLOR``) it is reversed as a whole, so that two greys are enough."""
    if colourless:
        monkeypatch.setenv("NO_COLOR", "1")

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "down")
        rows = pilot.app.screen.query_one("#list", LongList)
        above, line, below = (rows.render_line(y)._segments for y in (1, 2, 3))
        marks = [part[0].style.bgcolor for part in (above, line, below) if part[0].style]
        shades = [mark.get_truecolor().hex for mark in marks if mark is not None]
        assert min(ratio(shades[1], shades[0]), ratio(shades[1], shades[2])) >= READABLE
        reversed_cells = [bool(part.style and part.style.reverse) for part in line[1:] if not part.text.isspace()]
        assert all(reversed_cells) is any(reversed_cells) is colourless

    drive(make_app(home, theme=theme.name, start="issues"), script)


def test_high_contrast_uses_the_sixteen_colours() -> None:
    """On a terminal of sixteen colours this theme is not approximated."""
    theme = next(theme for theme in THEMES if theme.name == "contrast")
    colours = [theme.primary, theme.accent, theme.warning, theme.error, theme.success, theme.foreground]
    colours += [value for value in theme.variables.values() if value.startswith("#")]
    for colour in map(str, filter(None, colours)):
        assert {colour[at : at + 2] for at in (1, 3, 5)} <= SIXTEEN, colour


@pytest.mark.soak(turns=3)
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_lights_have_a_glyph_in_every_theme(theme: Theme, language: str, home: Path) -> None:
    """Lists, the lookup and the summary say red, yellow and blue in characters, whatever the colours."""

    async def script(pilot: Pilot[None]) -> None:
        set_language(language)
        for keys in (("3",), ("slash", "供", "电"), ("escape", "5")):
            await press(pilot, *keys)
            assert value_label("light_mark", "red") in screen_text(pilot), keys

    drive(make_app(home, theme=theme.name), script)
