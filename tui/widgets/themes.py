"""The three themes: one accent, one warning, one danger. Status lights have their colours in each; a glyph says the
same without colours."""

from __future__ import annotations

from textual.theme import Theme

from tui.i18n.translate import LANGUAGES, label_in

THEMES: tuple[Theme, ...] = (
    Theme(
        name="dark",
        dark=True,
        primary="#62bdbf",
        secondary="#8fb4d9",
        accent="#62bdbf",
        warning="#e8b871",
        error="#ff8f93",
        success="#9ccb8c",
        foreground="#dfe5ea",
        background="#12161a",
        surface="#1a2027",
        panel="#252d36",
        variables={
            "block-cursor-background": "#1d3f52",
            "block-cursor-foreground": "#ffffff",
            "input-selection-background": "#62bdbf 40%",
            "light-red": "#c0392b",
            "light-yellow": "#d4a017",
            "light-blue": "#2f6fb5",
            "on-yellow": "#12161a",
            "muted": "#a3b0bc",
        },
    ),
    Theme(
        name="light",
        dark=False,
        primary="#06595b",
        secondary="#2b5c8a",
        accent="#06595b",
        warning="#7d4a00",
        error="#a3201a",
        success="#255c25",
        foreground="#1c2226",
        background="#fcfbf8",
        surface="#f2f0ea",
        panel="#e6e3da",
        variables={
            "block-cursor-background": "#b9dcda",
            "block-cursor-foreground": "#0c1418",
            "input-selection-background": "#06595b 30%",
            "light-red": "#b3261e",
            "light-yellow": "#e0b000",
            "light-blue": "#1f5fa8",
            "on-yellow": "#1c2226",
            "muted": "#4d575f",
        },
    ),
    Theme(
        name="contrast",
        dark=True,
        primary="#55ffff",
        secondary="#55ffff",
        accent="#55ffff",
        warning="#ffff55",
        error="#ff5555",
        success="#55ff55",
        foreground="#ffffff",
        background="#000000",
        surface="#000000",
        panel="#000000",
        luminosity_spread=0.0,
        text_alpha=1.0,
        variables={
            "block-cursor-background": "#0000aa",
            "block-cursor-foreground": "#ffffff",
            "input-selection-background": "#0000aa",
            "border": "#ffffff",
            "border-blurred": "#aaaaaa",
            "scrollbar": "#aaaaaa",
            "scrollbar-background": "#000000",
            "light-red": "#aa0000",
            "light-yellow": "#ffff55",
            "light-blue": "#0000aa",
            "on-yellow": "#000000",
            "muted": "#aaaaaa",
        },
    ),
)
"""``dark`` and ``light`` for terminals of many colours; ``contrast`` uses only the colours that sixteen have."""


def theme_for(setting: str | None, colours: int | None) -> str:
    """The initial theme: the setting's, by its name or its word; else ``contrast`` on a terminal of at most 16 colours,
    else ``dark``."""
    names = [theme.name for theme in THEMES]
    if setting in names:
        return setting
    if setting and setting != "auto":
        words = {label_in(language, "theme", name): name for language in LANGUAGES for name in names}
        if setting in words:
            return words[setting]
    return "dark" if colours is None or colours > 16 else "contrast"


def next_theme(name: str) -> str:
    """The theme that follows."""
    names = [theme.name for theme in THEMES]
    return names[(names.index(name) + 1) % len(names)] if name in names else names[0]
