"""What can be done on a screen: read from the action table, so it cannot say anything else than the keys do."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import Screen

from tui.i18n.translate import _
from tui.keys.actions import EVERYWHERE, IN_LISTS, actions_of, bindings, keys_shown
from tui.presenters.common import light_words
from tui.screens.bars import KeyLine, offered
from tui.screens.base import Panel
from tui.widgets.page import Block, Facts, Gap, Heading, Paper, Passage, Title


class HelpScreen(Panel):
    """The help over a screen, ``below``: what can be done there, as its key line has it and beyond."""

    place = "help"
    CSS_PATH = "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("help")]

    def __init__(self, below: Screen[Any]) -> None:
        super().__init__()
        place = getattr(below, "place", EVERYWHERE)
        self._blocks = help_blocks(place, {action.id for action in offered(below, place)})

    def compose(self) -> ComposeResult:
        """A page to scroll."""
        with Vertical(classes="panel"):
            yield Paper(self._blocks, id="page")
            yield KeyLine(self.place)


def help_blocks(place: str, known: Collection[str]) -> list[Block]:
    """The help of a place: its own keys, those of lists, those that work everywhere, each as far as it is among the
    ``known``, and what to know besides."""
    blocks: list[Block] = [Title(_("Keys"))]
    own = [action for action in actions_of(place) if action.id in known]
    if own:
        blocks += [Heading(_("Here")), Facts([(keys_shown(action), _(action.help)) for action in own])]
    blocks += [Heading(_("In lists")), Facts([(keys, _(text)) for keys, text in IN_LISTS])]
    everywhere = [(keys_shown(action), _(action.help)) for action in actions_of(EVERYWHERE) if action.id in known]
    blocks += [Heading(_("Everywhere")), Facts(everywhere), Heading(_("Good to know")), Gap()]
    notes = (
        _("With an input method on, letters do not reach the program: use the second key of a pair, such as F7."),
        _("Forms keep what you type every second; nothing is lost when the power goes."),
        _("Everything works without a network. ^ means the Ctrl key."),
    )
    return [*blocks, *(Passage(note) for note in notes), Gap(), *_lights()]


def _lights() -> list[Block]:
    names = (_("Light"), "", "")
    return [
        Facts([(name or " ", light_words(light)) for name, light in zip(names, ("red", "yellow", "blue"), strict=True)])
    ]
