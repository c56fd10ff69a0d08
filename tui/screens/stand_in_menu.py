"""Ending a stand-in by one key: at once where there is one, chosen from a menu where there are several."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from store import commands
from tui.app.app import GuanjiaApp
from tui.i18n.translate import _
from tui.presenters.notices import stand_in_text
from tui.screens.base import BaseScreen
from tui.screens.panels import Menu, MenuItem

if TYPE_CHECKING:
    from store.queries.stand_ins import StandInRow


def may_be_ended(app: GuanjiaApp, rows: Sequence[StandInRow]) -> list[StandInRow]:
    """Those of these that the officer of this device may end: of one's own, and by who says who serves what, any."""
    status = app.sync_status
    any_of_them = status is None or status.may_write("assignment", "change")
    return [row for row in rows if any_of_them or row.mine == "for_me"]


async def end_stand_in(screen: BaseScreen, rows: Sequence[StandInRow]) -> None:
    """End the only one of these that may be ended, or the one that is chosen. Nothing is asked: u takes it back."""
    own = may_be_ended(screen.app, rows)
    if len(own) == 1:
        _end(screen, own[0])
    elif own:
        await screen.app.push_screen(StandInMenu(screen, own))
    else:
        screen.app.show_message(
            _("Nothing to end here: a stand-in is ended by whose place is taken, or by the bureau.")
        )


def _end(screen: BaseScreen, row: StandInRow) -> None:
    text = _("{person} acts for {principal} no longer; u takes it back.")
    said = text.format(person=row.person or "?", principal=row.principal or "?")

    def tell(_written: object) -> None:
        screen.app.show_message(said)
        screen.reload()

    screen.write_in_thread(
        lambda reader: reader.writer.run(lambda ledger: commands.stand_ins.end(ledger, row.id)), tell
    )


class StandInMenu(Menu):
    """Which stand-in is ended."""

    def __init__(self, screen: BaseScreen, rows: Sequence[StandInRow]) -> None:
        self._rows = {row.id: row for row in rows}
        now_ms = screen.app.now_ms()
        items = [
            MenuItem(row.id, stand_in_text(row, now_ms), str(number) if number < 10 else "")
            for number, row in enumerate(rows, 1)
        ]
        super().__init__(_("Which one ends?"), items)
        self._behind = screen

    async def run_item(self, item: MenuItem) -> None:
        """End it."""
        _end(self._behind, self._rows[item.id])
