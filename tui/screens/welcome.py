"""The first thing a new person sees, and what is shown when the ledger cannot be opened: always with a next step."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.widget import Widget

from tui.data.rows import Few
from tui.i18n.translate import N_, _, sentences
from tui.keys.actions import ACTIONS, bindings, keys_shown
from tui.screens.base import Place
from tui.widgets.columns import Column
from tui.widgets.long_list import LongList
from tui.widgets.page import Block, Gap, Heading, Paper, Passage, Title


@dataclass(frozen=True, slots=True)
class Way:
    """A way to begin: the action that does it (``id``), the command that does the same, and what it is."""

    id: str
    command: str
    what: str


WAYS = (
    Way("join", "guanjia join", N_("Your bureau gave you an address and a code.")),
    Way("begin_alone", "guanjia init", N_("Nobody did yet; joining later keeps every line.")),
    Way("look_around", "guanjia demo", N_("First see a made-up district; it leaves no trace.")),
)


def _columns() -> Sequence[Column[Way]]:
    by_id = {action.id: action for action in ACTIONS}
    return (
        Column("", 6, lambda way: ((keys_shown(by_id[way.id]), "accent"),)),
        Column("", 15, lambda way: ((_(by_id[way.id].label), "strong"),)),
        Column("", 30, lambda way: _(way.what), grow=1),
    )


class WelcomeScreen(Place):
    """What to do first: three ways to begin, or what is wrong with the ledger that is there."""

    place = "welcome"
    CSS_PATH = "setup.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("welcome")]

    def body(self) -> Iterable[Widget]:
        """What there is to say, and the ways."""
        yield Paper(id="page", classes="reading")
        yield LongList[Way](_columns(), heading=False, id="list")
        yield Paper(id="more")

    def on_mount(self) -> None:
        """Say what is wrong, or simply welcome."""
        self._show()
        if self._new:
            self.set_focus(self.query_one(LongList))

    async def recompose(self) -> None:
        """In another language."""
        await super().recompose()
        self._show()

    @property
    def _new(self) -> bool:
        """Whether there is no ledger yet, as against one that cannot be opened."""
        return self.app.trouble is None or self.app.trouble.code == "no_home"

    def _show(self) -> None:
        ways, more = self.query_one("#list", LongList), self.query_one("#more", Paper)
        ways.display = more.display = self._new
        self.query_one("#page", Paper).show(welcome_page() if self._new else self._trouble())
        if self._new:
            ways.show(Few(WAYS))
            commands = ", ".join(way.command for way in WAYS)
            more.show([Passage(_("On the command line: {commands}.").format(commands=commands), "muted")])

    def _trouble(self) -> list[Block]:
        if self.app.trouble is None:
            return []
        said = sentences(self.app.trouble)
        page: list[Block] = [Title(said.what), Gap(), Passage(said.data), Gap()]
        again = _("When that is done, t tries again; , shows the settings and where the files are.")
        return [*page, Heading(_("What to do")), Passage(said.todo), Gap(), Passage(again, "muted")]

    # ── acts ────────────────────────────────────────────────────────────────────────────────────────────────────

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Begin where there is nothing; try again where something is."""
        if action in {way.id for way in WAYS}:
            return self._new
        if action == "try_again":
            return not self._new
        return super().check_action(action, parameters)

    @on(LongList.Opened)
    async def opened(self, message: LongList.Opened) -> None:
        """Enter on a way."""
        await self.run_action(message.row.id)

    async def action_join(self) -> None:
        """Join a central."""
        await self.app.go("join_form")

    async def action_begin_alone(self) -> None:
        """Begin alone."""
        await self.app.go("alone_form")

    async def action_look_around(self) -> None:
        """Look at the demo."""
        await self.app.go("demo_form")

    async def action_try_again(self) -> None:
        """Open the ledger once more."""
        await self.app.enter_home()


def welcome_page() -> list[Block]:
    """The greeting."""
    told = _("There is no ledger on this device yet. Choose how to begin: by its key, or with the arrows and enter.")
    return [Title(_("Welcome to the project butler's ledger")), Gap(), Passage(told)]
