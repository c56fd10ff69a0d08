"""Jump labels: a character on every control of the screen below; typing it goes there. Digits first: they reach the
program although an input method is on."""

from __future__ import annotations

from collections.abc import Iterator

from textual import events
from textual.app import ComposeResult
from textual.geometry import Offset
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Label

from tui.screens.base import Panel

LABELS = "1234567890asdfghjklqwertyuiopzxcvbnm"


def jump_targets(screen: Screen[object]) -> Iterator[Widget]:
    """The controls of a screen that can be seen and gone to, in the order of the tab key."""
    for control in screen.focus_chain:
        if control.region and screen.region.overlaps(control.region):
            yield control


class JumpPanel(Panel):
    """The labels; any other key takes them away again."""

    key_scope = "jump"
    CSS_PATH = "jump.tcss"

    def __init__(self, below: Screen[object]) -> None:
        super().__init__()
        self._below = below
        self._targets = dict(zip(LABELS, jump_targets(below), strict=False))

    def compose(self) -> ComposeResult:
        """A label before the upper left corner of each control."""
        for label, control in self._targets.items():
            shown_as = f" {label} "
            shown = Label(shown_as, classes="jump-label", markup=False)
            shown.absolute_offset = Offset(max(control.region.x - len(shown_as), 0), control.region.y)
            yield shown

    def on_key(self, event: events.Key) -> None:
        """Focus the control with that label; a wide digit of an input method counts as well."""
        event.stop()
        event.prevent_default()
        typed = (event.character or "").lower()
        narrow = chr(ord(typed) - 0xFEE0) if "０" <= typed <= "９" else typed
        self.dismiss(None)
        if control := self._targets.get(narrow):
            self._below.set_focus(control)
