"""What lost to whom: versions that somebody replaced without having seen them; bring them back or put them away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType

from tui.i18n.translate import N_, _, ngettext, word
from tui.keys.actions import bindings
from tui.presenters.conflicts import difference_blocks, legend, loser_columns, loser_page
from tui.presenters.lines import summary
from tui.screens.master_detail import PairScreen, named_lines
from tui.screens.panels import Confirm
from tui.widgets.columns import Column
from tui.widgets.page import Block, Gap, Passage, Title, Words

if TYPE_CHECKING:
    from store.queries.conflicts import Loser


class LosersScreen(PairScreen["Loser"]):
    """The versions; of the one under the cursor what was lost, word by word."""

    place = "losers"
    empty = N_("Nothing lost waits for you: every version has won, was brought back or put away. esc goes back.")
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("losers")]

    def columns(self) -> Sequence[Column[Loser]]:
        """What lost, whose it was, who won."""
        return loser_columns(self.app.now_ms)

    def line_of(self, row: Loser) -> str:
        """The line that the version is of."""
        return row.line

    def reload(self) -> None:
        """Read what lost again."""
        from tui.data.readers.today import read_losers  # noqa: PLC0415 - loaded once the desk is open

        self.ask(read_losers, self.list_rows)

    def show_page(self) -> None:
        """Read the names that the version mentions, then show it."""
        from tui.data.readers.today import names_of  # noqa: PLC0415 - loaded once the desk is open

        row = self.rows.row
        if row is None:
            self.put_page([], None)
        else:
            now_ms = self.app.now_ms()
            self.ask(
                lambda desk: loser_page(row, names_of(desk, row), now_ms),
                lambda page: self.put_page(page, row.id),
                "page",
            )

    def action_restore(self) -> None:
        """Ask, showing what it would change; enter agrees."""
        from tui.data.readers.today import names_of  # noqa: PLC0415 - loaded once the desk is open

        chosen = self.rows.meant
        if len(chosen) == 1:
            self.ask(
                lambda desk: _question(chosen[0], names_of(desk, *chosen)),
                lambda asked: self._ask_to(asked, chosen),
                "question",  # of its own: reading the list again must not call it off, nor the other way round
            )
        elif chosen:
            self._ask_to(_questions(chosen), chosen)

    def _ask_to(self, question: Sequence[Block], chosen: Sequence[Loser]) -> None:
        self.app.push_screen(Confirm(question, lambda: self._restore(chosen)))

    def _restore(self, chosen: Sequence[Loser]) -> None:
        self.do(lambda desk: desk.pen.bring_back(chosen), self._restored)

    def _restored(self, lines: int) -> None:
        self.rows.deselect()
        self.app.say(ngettext("Brought back, in {n} line.", "Brought back, in {n} lines.", lines).format(n=lines))

    def action_put_away(self) -> None:
        """Put away: nothing is lost by it, so nothing is asked."""
        if chosen := self.rows.meant:
            self.do(lambda desk: desk.pen.dismiss(chosen), self._put_away)

    def _put_away(self, count: int) -> None:
        self.rows.deselect()
        told = ngettext(
            "{n} put away. It stays in its line’s history.", "{n} put away. They stay in their lines’ history.", count
        )
        self.app.say(told.format(n=count))


def _question(row: Loser, names: dict[str, str]) -> list[Block]:
    return [
        Title(_("Bring this back?")),
        Passage(_("The line says again what was lost, as a new version; whatever else it says now stays.")),
        Gap(),
        Title(_named(row)),
        Words(legend()),
        *difference_blocks(row, names),
    ]


def _questions(chosen: Sequence[Loser]) -> list[Block]:
    count = len(chosen)
    return [
        Title(ngettext("Bring {n} version back?", "Bring {n} versions back?", count).format(n=count)),
        Passage(_("The lines say again what was lost, as new versions; whatever else they say now stays.")),
        Gap(),
        *named_lines([_named(row) for row in chosen]),
    ]


def _named(row: Loser) -> str:
    return f"{word('kind', row.kind)}  {summary(row.kind, row.body)}"
