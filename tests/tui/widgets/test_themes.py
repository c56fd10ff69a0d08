"""The themes: what is written can be read in each of them, lights by their glyph alone, sixteen colours are enough."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.color import Color
from textual.pilot import Pilot
from textual.theme import Theme

from tests.tui.driving import drive, make_app, press, screen_text
from tui.i18n.translate import set_language, value_label
from tui.widgets.themes import THEMES

READABLE, UNDER_THE_CURSOR = 4.5, 3.0
"""The least contrast of text, and of what is bold or beside the point in the line under the cursor (WCAG 2.2)."""
SIXTEEN = {"00", "55", "aa", "ff"}


def ratio(first: str, second: str) -> float:
    """The contrast of two colours."""
    darker, lighter = sorted(map(_luminance, (Color.parse(first), Color.parse(second))))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Color) -> float:
    parts = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in colour.normalized]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_everything_can_be_read(theme: Theme) -> None:
    """Text, headings, warnings and lights stand out from what is behind them, under the cursor too."""
    inks = [theme.foreground, theme.primary, theme.accent, theme.warning, theme.error, theme.success]
    inks.append(theme.variables["muted"])
    grounds = [theme.background, theme.surface, theme.panel]
    for ink in map(str, inks):
        assert ratio(ink, str(theme.background)) >= READABLE, ink
        assert ratio(ink, theme.variables["block-cursor-background"]) >= UNDER_THE_CURSOR, ink
    for ground in map(str, grounds):
        assert ratio(theme.variables["muted"], ground) >= READABLE, ground
    assert ratio(theme.variables["block-cursor-foreground"], theme.variables["block-cursor-background"]) >= READABLE
    for ink, light in (("#ffffff", "red"), (theme.variables["on-yellow"], "yellow"), ("#ffffff", "blue")):
        assert ratio(ink, theme.variables[f"light-{light}"]) >= READABLE, light


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
