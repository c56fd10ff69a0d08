"""The first thing a new person sees, and what is shown when the ledger cannot be opened: always with a next step."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.binding import BindingType
from textual.widget import Widget

from tui.actions import bindings
from tui.screens.base import Place
from tui.widgets.paper import Block, Gap, Heading, Paper, Passage, Title, Words
from tui.words import _, sentences


class WelcomeScreen(Place):
    """What to do first."""

    place = "welcome"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("welcome")]

    def body(self) -> Iterable[Widget]:
        """A page."""
        yield Paper(id="page", classes="reading")

    def on_mount(self) -> None:
        """Say what is wrong, or simply welcome."""
        self.query_one(Paper).show([Gap(), *self._blocks()])

    def _blocks(self) -> list[Block]:
        error = self.app.trouble
        if error is None or error.code == "no_home":
            return first_steps()
        said = sentences(error)
        return [Title(said.what), Gap(), Passage(said.data), Gap(), Heading(_("What to do")), Passage(said.todo)]


def first_steps() -> list[Block]:
    """How a ledger begins."""
    steps = (
        ("guanjia join URL --code CODE", _("Your bureau gave you a code: join its central.")),
        ("guanjia init --district CODE --name NAME", _("Work alone for now; joining later keeps every line.")),
        ("guanjia import FILE", _("Then take in the responsibility table (.docx .xlsx .csv .txt).")),
        ("guanjia demo", _("Or look around in a sample district first.")),
    )
    told: list[Block] = [Title(_("Welcome to the project butler's ledger")), Gap()]
    told.append(Passage(_("There is no ledger on this device yet. Leave with q and type one of these:")))
    for command, what in steps:
        told += [Gap(), Words(((command, "accent"),)), Passage(what, indent=4)]
    return told
