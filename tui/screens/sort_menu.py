"""By which column a list is sorted; the present one chosen again turns the order round."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from tui.i18n.translate import _
from tui.screens.panels import Menu, MenuItem


class Sorting(NamedTuple):
    """How a list is sorted: the orders that it has with their labels, the present one, and whether it is reversed."""

    orders: Sequence[tuple[str, str]]
    order: str
    reverse: bool


class SortMenu(Menu):
    """The orders of a list, each with a digit. ``take`` is given the one that is chosen, and whether it is reversed."""

    def __init__(self, sorting: Sorting, take: Callable[[str, bool], object]) -> None:
        self._sorting, self._take = sorting, take
        items = [
            MenuItem(str(number), label, str(number) if number < 10 else "", self._note(order))
            for number, (order, label) in enumerate(sorting.orders, 1)
        ]
        super().__init__(_("Sorted by what?"), items)

    def _note(self, order: str) -> str:
        if order != self._sorting.order:
            return ""
        return _("reversed now; again: as usual") if self._sorting.reverse else _("now; again: reversed")

    async def run_item(self, item: MenuItem) -> None:
        """Sort the list."""
        order, _label = self._sorting.orders[int(item.id) - 1]
        self._take(order, order == self._sorting.order and not self._sorting.reverse)
