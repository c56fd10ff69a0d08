"""The first thing a new person sees, and what is shown when the ledger cannot be opened: always with a next step."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.widget import Widget

from tui.data.rows import InMemorySource
from tui.i18n.translate import N_, _, error_text
from tui.keys.actions import ACTIONS, bindings_in, format_keys
from tui.screens.base import BaseScreen
from tui.widgets.columns import ListColumn
from tui.widgets.long_list import LongList
from tui.widgets.page import BlankLine, PageBlock, PageHeading, PageTitle, PageView, Passage


@dataclass(frozen=True, slots=True)
class StartOption:
    """A way to begin: the action that does it (``id``), the command that does the same, and what it is."""

    id: str
    command: str
    what: str


START_OPTIONS = (
    StartOption("join", "guanjia join", N_("Your bureau gave you an address and a code.")),
    StartOption("begin_alone", "guanjia init", N_("You have neither yet; joining later keeps every line.")),
    StartOption("look_around", "guanjia demo", N_("First see a made-up district; it leaves no trace.")),
)


def _columns() -> Sequence[ListColumn[StartOption]]:
    by_id = {action.id: action for action in ACTIONS}
    return (
        ListColumn("", 6, lambda way: ((format_keys(by_id[way.id]), "accent"),)),
        ListColumn("", 15, lambda way: ((_(by_id[way.id].label), "strong"),)),
        ListColumn("", 30, lambda way: _(way.what), grow_share=1),
    )


class WelcomeScreen(BaseScreen):
    """What to do first: three ways to begin, or what is wrong with the ledger that is there."""

    key_scope = "welcome"
    CSS_PATH = "setup.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_in("welcome")]

    def body(self) -> Iterable[Widget]:
        """The page with the message and the ways to begin."""
        yield PageView(id="page", classes="reading")
        yield LongList[StartOption](_columns(), heading=False, id="list")
        yield PageView(id="more")

    def on_mount(self) -> None:
        """Show the error, or a welcome."""
        self._show()
        if self._is_new_home:
            self.set_focus(self.query_one(LongList))

    async def recompose(self) -> None:
        """In another language."""
        await super().recompose()
        self._show()

    @property
    def _is_new_home(self) -> bool:
        """Whether there is no ledger yet, as against one that cannot be opened."""
        return self.app.open_error is None or self.app.open_error.code == "no_home"

    def _show(self) -> None:
        ways, more = self.query_one("#list", LongList), self.query_one("#more", PageView)
        ways.display = more.display = self._is_new_home
        self.query_one("#page", PageView).show(welcome_page() if self._is_new_home else self._trouble_blocks())
        if self._is_new_home:
            ways.show(InMemorySource(START_OPTIONS))
            commands = _(", ").join(way.command for way in START_OPTIONS)
            more.show([Passage(_("On the command line: {commands}.").format(commands=commands), "muted")])

    def _trouble_blocks(self) -> list[PageBlock]:
        if self.app.open_error is None:
            return []
        sentences = error_text(self.app.open_error)
        page: list[PageBlock] = [PageTitle(sentences.what), BlankLine(), Passage(sentences.data), BlankLine()]
        again = _("When that is done, t tries again; , shows the settings and where the files are.")
        return [*page, PageHeading(_("What to do")), Passage(sentences.remedy), BlankLine(), Passage(again, "muted")]

    # ── acts ────────────────────────────────────────────────────────────────────────────────────────────────────

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Begin where there is nothing; try again where something is."""
        if action in {way.id for way in START_OPTIONS}:
            return self._is_new_home
        if action == "try_again":
            return not self._is_new_home
        return super().check_action(action, parameters)

    @on(LongList.RowOpened)
    async def handle_option_opened(self, message: LongList.RowOpened) -> None:
        """Enter on a way."""
        await self.run_action(message.row.id)

    async def action_join(self) -> None:
        """Join a central."""
        await self.app.open_screen("join_form")

    async def action_begin_alone(self) -> None:
        """Begin alone."""
        await self.app.open_screen("standalone_form")

    async def action_look_around(self) -> None:
        """Look at the demo."""
        await self.app.open_screen("demo_form")

    async def action_try_again(self) -> None:
        """Open the ledger once more."""
        await self.app.switch_home()


def welcome_page() -> list[PageBlock]:
    """The greeting."""
    message = _("There is no ledger on this device yet. Choose how to begin: by its key, or with the arrows and enter.")
    return [PageTitle(_("Welcome to the project butler's ledger")), BlankLine(), Passage(message)]
