"""The three themes. Status lights have their colours in each; a glyph says the same without colours."""

from __future__ import annotations

from textual.theme import Theme

from tui.i18n.translate import LANGUAGES, label_in

THEMES: tuple[Theme, ...] = (
    Theme(
        name="dark",
        dark=True,
        primary="#4fa3a5",
        secondary="#7aa2c8",
        accent="#e0af68",
        warning="#e0af68",
        error="#e06c75",
        success="#8fbf7f",
        foreground="#d8dee4",
        background="#14181c",
        surface="#1b2127",
        panel="#242c34",
        variables={
            "block-cursor-background": "#243f4e",
            "block-cursor-foreground": "#ffffff",
            "input-selection-background": "#4fa3a5 40%",
            "light-red": "#c0392b",
            "light-yellow": "#d4a017",
            "light-blue": "#2f6fb5",
            "on-yellow": "#14181c",
            "muted": "#8b98a5",
        },
    ),
    Theme(
        name="light",
        dark=False,
        primary="#0b6e70",
        secondary="#2b5c8a",
        accent="#9a5b00",
        warning="#9a5b00",
        error="#b3261e",
        success="#2e6b2e",
        foreground="#1c2226",
        background="#fbfaf7",
        surface="#f1efe9",
        panel="#e5e2d9",
        variables={
            "block-cursor-background": "#bfdedd",
            "block-cursor-foreground": "#0c1418",
            "input-selection-background": "#0b6e70 30%",
            "light-red": "#b3261e",
            "light-yellow": "#e0b000",
            "light-blue": "#1f5fa8",
            "on-yellow": "#1c2226",
            "muted": "#5a646c",
        },
    ),
    Theme(
        name="contrast",
        dark=True,
        primary="#00ffff",
        secondary="#00ffff",
        accent="#ffff00",
        warning="#ffff00",
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
