"""Which of the phones of a page is copied, or its line, or all of it."""

from __future__ import annotations

from collections.abc import Sequence

from tui.i18n.translate import _
from tui.presenters.copying import CopyChoice
from tui.screens.panels import Menu, MenuItem


class CopyMenu(Menu):
    """The choices, each with a digit; enter copies the first."""

    def __init__(self, choices: Sequence[CopyChoice]) -> None:
        self._texts = {str(number): choice.text for number, choice in enumerate(choices, 1)}
        items = [
            MenuItem(str(number), choice.text.partition("\n")[0], str(number) if number < 10 else "", choice.label)
            for number, choice in enumerate(choices, 1)
        ]
        super().__init__(_("What is copied?"), items)

    async def run_item(self, item: MenuItem) -> None:
        """Copy it."""
        self.app.copy_text(self._texts[item.id])
