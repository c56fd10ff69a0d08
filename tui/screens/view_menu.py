"""The saved views of a list: a digit for each, one key to save how the list is shown now, one to remove a view."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Label

from store import commands
from store.queries.saved_views import SavedViewRow
from tui.i18n.translate import N_, _
from tui.keys.actions import bindings_in
from tui.screens.bars import KeyBar
from tui.screens.base import BaseScreen, Panel
from tui.screens.panels import Menu, MenuItem
from tui.widgets.cells import single_line

if TYPE_CHECKING:
    from tui.data.writer import Writer

_SAVE, _REMOVE = "s", "x"


class ViewMenu(Menu):
    """The views of the list of ``screen``."""

    def __init__(self, screen: BaseScreen, views: Sequence[SavedViewRow]) -> None:
        self._screen, self._views = screen, {view.id: view for view in views}
        more = [MenuItem(_SAVE, _("save"), _SAVE, _("how the list is filtered and sorted now, by a name"))]
        if views:
            more.append(MenuItem(_REMOVE, _("remove"), _REMOVE, _("a view, from all of your devices; u takes it back")))
        super().__init__(_("Which view?"), [*_items(views), *more])

    async def run_item(self, item: MenuItem) -> None:
        """Show the list like this, save it, or remove one."""
        if item.id == _SAVE:
            self.app.push_screen(ViewNamePanel(self._screen))
        elif item.id == _REMOVE:
            self.app.push_screen(_RemoveMenu(self._screen, list(self._views.values())))
        else:
            self._screen.apply_view(self._views[item.id].choices)


def _items(views: Sequence[SavedViewRow]) -> list[MenuItem]:
    return [
        MenuItem(view.id, single_line(view.name), str(number) if number < 10 else "")
        for number, view in enumerate(views, 1)
    ]


class _RemoveMenu(Menu):
    """Which view is removed."""

    def __init__(self, screen: BaseScreen, views: Sequence[SavedViewRow]) -> None:
        super().__init__(_("Remove which view?"), _items(views))
        self._screen = screen

    async def run_item(self, item: MenuItem) -> None:
        """Remove it."""
        app = self._screen.app
        self._screen.write_in_thread(
            lambda reader: remove_view(reader.writer, item.id),
            lambda name: app.show_message(_("The view “{name}” is removed; u takes it back.").format(name=name)),
        )


class ViewNamePanel(Panel):
    """Asks under which name the list as it is shown now is saved."""

    key_scope = "setting"
    CSS_PATH = "panels.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_in("setting")]

    def __init__(self, screen: BaseScreen) -> None:
        super().__init__()
        self._screen = screen

    def compose(self) -> ComposeResult:
        """The name, and the keys."""
        with Vertical(classes="panel"):
            yield Label(
                Content(_("Save this view under which name? One of that name is replaced.")), classes="panel-title"
            )
            yield Input(placeholder=_(HINT))
            yield KeyBar(self.key_scope)

    def on_mount(self) -> None:
        """Ready to type."""
        self.query_one(Input).focus()

    @on(Input.Submitted)
    def action_keep(self) -> None:
        """Save it; without a name nothing is saved."""
        name, app = self.query_one(Input).value.strip(), self._screen.app
        if not name:
            return
        self.dismiss(None)
        job = partial(save_view, place=self._screen.view_place, name=name, choices=dict(self._screen.view_choices()))
        self._screen.write_in_thread(
            lambda reader: job(reader.writer),
            lambda _id: app.show_message(_("Saved: “{name}”. ; offers it, on all of your devices.").format(name=name)),
        )


HINT = N_("such as: red and overdue")


def save_view(writer: Writer, place: str, name: str, choices: dict[str, str]) -> str:
    """Save a view; gives the line's id."""
    return writer.run(lambda ledger: commands.saved_views.save(ledger, place, name, choices))


def remove_view(writer: Writer, view: str) -> str:
    """Remove a view; gives its name."""
    return writer.run(lambda ledger: commands.saved_views.remove(ledger, view))
