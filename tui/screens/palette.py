"""Everything that can be done here, with its key; type a part of it to narrow the list."""

from __future__ import annotations

from typing import Any

from textual.screen import Screen

from tui.actions import EVERYWHERE, actions_of, keys_shown
from tui.screens.panels import Choice, Menu
from tui.words import _


class PaletteScreen(Menu):
    """The palette over a screen."""

    def __init__(self, below: Screen[Any]) -> None:
        self._below = below
        place = getattr(below, "place", EVERYWHERE)
        own = [action for action in actions_of(place) if below.check_action(action.id, ())]
        known = [*own, *(action for action in actions_of(EVERYWHERE) if action.id != "palette")]
        choices = [Choice(action.id, _(action.label), keys_shown(action), _(action.help)) for action in known]
        super().__init__(_("Everything that can be done here"), choices, typing=True)

    async def take(self, one: Choice) -> None:
        """Do it as if its key had been pressed on the screen below."""
        namespace = self._below if hasattr(self._below, f"action_{one.id}") else self.app
        await self.app.run_action(one.id, namespace)
