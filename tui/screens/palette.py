"""The command palette: every action that is possible here, with its key; typing filters the list."""

from __future__ import annotations

from textual.screen import Screen

from tui.i18n.translate import _
from tui.keys.actions import ACTIONS, APP_SCOPE, Action, actions_in, format_keys
from tui.screens.panels import Menu, MenuItem

ALWAYS_OFFERED = ("conflicts", "rejected")
"""Actions that have no key on every screen: the palette offers them everywhere."""


def keys_text(action: Action, scope: str) -> str:
    """The keys of an action in a scope; none where only the palette offers it."""
    return format_keys(action) if {scope, APP_SCOPE} & set(action.scopes) else ""


def global_actions(below: Screen[object]) -> list[Action]:
    """What of everywhere can be done at a screen, but the palette itself."""
    offered = (action for action in actions_in(APP_SCOPE) if below.app.check_action(action.id, ()))
    return [action for action in offered if action.id != "palette"]


class CommandPalette(Menu):
    """The palette over a screen."""

    def __init__(self, below: Screen[object]) -> None:
        self._below = below
        scope = getattr(below, "key_scope", APP_SCOPE)
        own = [action for action in actions_in(scope) if below.check_action(action.id, ())]
        further = [action for action in ACTIONS if action.id in ALWAYS_OFFERED and action not in actions_in(scope)]
        known = [*own, *(further if getattr(below.app, "reader", None) else ()), *global_actions(below)]
        choices = [MenuItem(action.id, _(action.label), keys_text(action, scope), _(action.help)) for action in known]
        super().__init__(_("Everything that can be done here"), choices, typing=True)

    async def run_item(self, item: MenuItem) -> None:
        """Do it as if its key had been pressed on the screen below."""
        namespace = self._below if hasattr(self._below, f"action_{item.id}") else self.app
        await self.app.run_action(item.id, namespace)
