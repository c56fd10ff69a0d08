"""How the app looks and in which language it speaks; what is chosen is remembered for the next time."""

from __future__ import annotations

from collections.abc import Callable

from textual import work

from tui.app.screen_cache import Kept
from tui.data.messages import LedgerChanged, Troubled
from tui.i18n.translate import LANGUAGES, language, use, word
from tui.widgets.paint_batching import Painting
from tui.widgets.themes import THEMES, after, theme_for

COLOURS = {"standard": 16, "windows": 16, "256": 256}
"""How many colours a terminal of each sort has; more, where it is not named."""


class Looks(Painting):
    """Theme and language of the app. ``remember`` keeps a setting, and is None where there is nothing to keep it in."""

    def __init__(self, theme: str | None, remember: Callable[[str, str], None] | None) -> None:
        super().__init__()
        self.kept = Kept(self)
        self._remember = remember
        for known in THEMES:
            self.register_theme(known)
        self.dress(theme)
        self._colours = self.get_css_variables()
        self.stylesheet.set_variables(self._colours)

    def say(self, text: str, *, warning: bool = False) -> None:
        """Show a short message."""
        self.notify(text, severity="warning" if warning else "information", timeout=6, markup=False)

    def action_next_theme(self) -> None:
        """The next theme, remembered."""
        self.theme = after(self.theme)
        self.say(word("theme", self.theme))
        self._keep("theme", self.theme)

    def refresh_css(self, animate: bool = True) -> None:
        """Read the style sheets anew where the colours have changed. Textual would do so twice before the first paint
        and at each first visit to a place, for the colours that they were read with."""
        colours = self.get_css_variables()
        if colours != self._colours:
            self._colours = colours
            super().refresh_css(animate)

    def dress(self, theme: str | None) -> None:
        """Take this theme; None is the one that suits the terminal."""
        self.theme = theme_for(theme, COLOURS.get(self.console.color_system or ""))

    def action_next_language(self) -> None:
        """The other language, remembered."""
        self.speak(LANGUAGES[(LANGUAGES.index(language()) + 1) % len(LANGUAGES)])
        self._keep("language", language())

    def speak(self, wanted: str) -> None:
        """Speak this language; the screens are made anew in it."""
        use(wanted)
        self.refresh(recompose=False)
        for screen in self.every_screen():
            screen.refresh(recompose=True)
            screen.post_message(LedgerChanged())
        for screen in self.kept.forget():  # made in the other language
            self.call_later(screen.remove)

    @work(thread=True, group="settings")
    def _keep(self, name: str, value: str) -> None:
        if self._remember is None:
            return
        try:
            self._remember(name, value)
        except Exception as error:
            self.post_message(Troubled(error))
