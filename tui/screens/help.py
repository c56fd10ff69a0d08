"""What can be done on a screen: read from the action table, so it cannot say anything else than the keys do."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical

from tui.actions import EVERYWHERE, IN_LISTS, actions_of, bindings, keys_shown
from tui.screens.bars import KeyLine
from tui.screens.base import Panel
from tui.sheets.common import light_words
from tui.widgets.paper import Block, Facts, Gap, Heading, Paper, Passage, Title
from tui.words import _


class HelpScreen(Panel):
    """The help over a screen; ``about`` names the screen."""

    place = "help"
    CSS_PATH = "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("help")]

    def __init__(self, about: str) -> None:
        super().__init__()
        self._about = about

    def compose(self) -> ComposeResult:
        """A page to scroll."""
        with Vertical(classes="panel"):
            yield Paper(help_blocks(self._about), id="page")
            yield KeyLine(self.place)


def help_blocks(place: str) -> list[Block]:
    """The help of a place: its own keys, those of lists, those that work everywhere, and what to know besides."""
    blocks: list[Block] = [Title(_("Keys"))]
    own = actions_of(place)
    if own:
        blocks += [Heading(_("Here")), Facts([(keys_shown(action), _(action.help)) for action in own])]
    blocks += [Heading(_("In lists")), Facts([(keys, _(text)) for keys, text in IN_LISTS])]
    everywhere = [(keys_shown(action), _(action.help)) for action in actions_of(EVERYWHERE)]
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
