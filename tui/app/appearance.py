"""Theme and language of the app; a choice is saved for the next start."""

from __future__ import annotations

from collections.abc import Callable

from textual import work

from tui.app.screen_cache import ScreenCache
from tui.app.stylesheet import CachedStylesheet
from tui.data.messages import ExceptionRaised, LedgerChanged
from tui.i18n.translate import LANGUAGES, current_language, set_language, value_label
from tui.widgets.paint_batching import PaintBatchingApp
from tui.widgets.themes import THEMES, next_theme, theme_for

COLOUR_COUNTS = {"standard": 16, "windows": 16, "256": 256}
"""How many colours a terminal of each sort has; more, where it is not named."""


class AppearanceApp(PaintBatchingApp):
    """Theme and language of the app. ``remember`` keeps a setting, and is None where there is nothing to keep it in."""

    def __init__(self, theme: str | None, save_setting: Callable[[str, str], None] | None) -> None:
        super().__init__()
        self.screen_cache = ScreenCache(self)
        self._save_setting = save_setting
        for known in THEMES:
            self.register_theme(known)
        self.apply_theme(theme)
        self._css_colours = self.get_css_variables()
        self.stylesheet = CachedStylesheet(variables=self._css_colours)

    def show_message(self, text: str, *, warning: bool = False) -> None:
        """Show a short message in place of the one before. An error stays below a warning; what succeeds ends it."""
        self.remove_messages(keep_errors=warning)
        self.notify(text, severity="warning" if warning else "information", timeout=6, markup=False)

    def remove_messages(self, *, keep_errors: bool) -> None:
        """Remove the messages that are shown."""
        for notification in list(self._notifications):
            if not (keep_errors and notification.severity == "error"):
                self._unnotify(notification, refresh=False)
        self._refresh_notifications()

    def action_next_theme(self) -> None:
        """The next theme, remembered."""
        self.theme = next_theme(self.theme)
        self.show_message(value_label("theme", self.theme))
        self._save_setting_in_thread("theme", self.theme)

    def refresh_css(self, animate: bool = True) -> None:
        """Parse the style sheets again where the colours have changed. Textual would do so twice before the first paint
        and at the first visit to each mode screen."""
        colours = self.get_css_variables()
        if colours != self._css_colours:
            self._css_colours = colours
            super().refresh_css(animate)

    def apply_theme(self, theme: str | None) -> None:
        """Take this theme; None is the one that suits the terminal."""
        self.theme = theme_for(theme, COLOUR_COUNTS.get(self.console.color_system or ""))

    def action_next_language(self) -> None:
        """The other language, remembered."""
        self.apply_language(LANGUAGES[(LANGUAGES.index(current_language()) + 1) % len(LANGUAGES)])
        self._save_setting_in_thread("language", current_language())

    def apply_language(self, language_code: str) -> None:
        """Switch to this language; the screens are composed again."""
        set_language(language_code)
        self.refresh(recompose=False)
        for screen in self.all_screens():
            screen.refresh(recompose=True)
            screen.post_message(LedgerChanged())
        for screen in self.screen_cache.evict_closed():  # made in the other language
            self.call_later(screen.remove)

    @work(thread=True, group="settings")
    def _save_setting_in_thread(self, name: str, value: str) -> None:
        if self._save_setting is None:
            return
        try:
            self._save_setting(name, value)
        except Exception as error:
            self.post_message(ExceptionRaised(error))
