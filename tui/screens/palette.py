"""Everything that can be done here, with its key; type a part of it to narrow the list."""

from __future__ import annotations

from typing import Any

from textual.screen import Screen

from tui.i18n.translate import _
from tui.keys.actions import ACTIONS, EVERYWHERE, Action, actions_of, keys_shown
from tui.screens.panels import Choice, Menu

FURTHER = ("losers", "rejected")
"""Actions that lead to a screen without a key of its own everywhere: the palette has them wherever one is."""


def keys_at(action: Action, place: str) -> str:
    """The keys that do it at a place; none where it is offered by the palette alone."""
    return keys_shown(action) if {place, EVERYWHERE} & set(action.where) else ""


def everywhere_at(below: Screen[Any]) -> list[Action]:
    """What of everywhere can be done at a screen, but the palette itself."""
    offered = (action for action in actions_of(EVERYWHERE) if below.app.check_action(action.id, ()))
    return [action for action in offered if action.id != "palette"]


class PaletteScreen(Menu):
    """The palette over a screen."""

    def __init__(self, below: Screen[Any]) -> None:
        self._below = below
        place = getattr(below, "place", EVERYWHERE)
        own = [action for action in actions_of(place) if below.check_action(action.id, ())]
        further = [action for action in ACTIONS if action.id in FURTHER and action not in actions_of(place)]
        known = [*own, *(further if getattr(below.app, "desk", None) else ()), *everywhere_at(below)]
        choices = [Choice(action.id, _(action.label), keys_at(action, place), _(action.help)) for action in known]
        super().__init__(_("Everything that can be done here"), choices, typing=True)

    async def take(self, one: Choice) -> None:
        """Do it as if its key had been pressed on the screen below."""
        namespace = self._below if hasattr(self._below, f"action_{one.id}") else self.app
        await self.app.run_action(one.id, namespace)
