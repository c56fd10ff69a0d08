"""The help of a screen, made from the action table, so that it always agrees with the keys."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import Screen

from tui.i18n.guide import GuidePage, guide_pages
from tui.i18n.translate import _
from tui.keys.actions import APP_SCOPE, LIST_KEY_HELP, actions_in, bindings_in, format_key, format_keys
from tui.presenters.common import light_with_label
from tui.screens.bars import KeyBar, available_actions
from tui.screens.base import Panel
from tui.screens.panels import Menu, MenuItem
from tui.widgets.columns import ListColumn
from tui.widgets.page import BlankLine, FactTable, PageBlock, PageHeading, PageTitle, PageView, Passage


class HelpScreen(Panel):
    """The help over a screen, ``below``: what can be done there, as its key line has it and beyond."""

    key_scope = "help"
    CSS_PATH = "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_in("help")]

    def __init__(self, below: Screen[object]) -> None:
        super().__init__()
        scope = getattr(below, "key_scope", APP_SCOPE)
        self._blocks = help_blocks(scope, {action.id for action in available_actions(below, scope)})

    async def action_guide(self) -> None:
        """The topics of the guides, of which one is chosen."""
        await self.app.push_screen(GuideMenu())

    def compose(self) -> ComposeResult:
        """A page to scroll."""
        with Vertical(classes="panel"):
            yield PageView(self._blocks, id="page")
            yield KeyBar(self.key_scope)


class GuideScreen(HelpScreen):
    """A page of the guides, as ``guanjia help TOPIC`` prints it."""

    def __init__(self, page: GuidePage) -> None:
        Panel.__init__(self)
        self._blocks = guide_blocks(page)


class GuideMenu(Menu):
    """The topics of the guides."""

    def __init__(self) -> None:
        super().__init__(_("Which page of the guide?"), [MenuItem(page.topic, page.title) for page in guide_pages()])

    def columns(self) -> Sequence[ListColumn[MenuItem]]:
        """The titles, whole: they have neither keys nor notes."""
        return (ListColumn("", 20, lambda each: each.label, grow_share=1),)

    async def run_item(self, item: MenuItem) -> None:
        """Show its page."""
        page = next(page for page in guide_pages() if page.topic == item.id)
        await self.app.push_screen(GuideScreen(page))


def guide_blocks(page: GuidePage) -> list[PageBlock]:
    """A page of the guides."""
    blocks: list[PageBlock] = [PageTitle(page.title)]
    for kind, text, is_apart in page.parts():
        blocks += [BlankLine()] if is_apart else []
        blocks.append(Passage(text, "accent", 2) if kind == "command" else Passage(text))
    return blocks


def help_blocks(scope: str, known: Collection[str]) -> list[PageBlock]:
    """The help of a scope: its own keys, those of lists, those of the app, as far as they are ``known``; then hints."""
    blocks: list[PageBlock] = [PageTitle(_("Keys"))]
    own = [action for action in actions_in(scope) if action.id in known]
    if own:
        blocks += [PageHeading(_("Here")), FactTable([(format_keys(action), _(action.help)) for action in own])]
    in_lists = [(" ".join(map(format_key, keys)), _(text)) for keys, text in LIST_KEY_HELP]
    blocks += [PageHeading(_("In lists")), FactTable(in_lists)]
    everywhere = [(format_keys(action), _(action.help)) for action in actions_in(APP_SCOPE) if action.id in known]
    blocks += [PageHeading(_("Everywhere")), FactTable(everywhere), PageHeading(_("Good to know")), BlankLine()]
    notes = (
        _("With an input method on, letters do not reach the program: use the second key of a pair, such as F7."),
        _("Forms keep what you type every second; nothing is lost when the power goes."),
        _("To mark text with the mouse, hold Shift while you drag."),
        _("Everything works without a network. ^ means the Ctrl key."),
    )
    return [*blocks, *(Passage(note) for note in notes), BlankLine(), *_lights()]


def _lights() -> list[PageBlock]:
    names = (_("Light"), "", "")
    return [
        FactTable(
            [
                (name or " ", light_with_label(light))
                for name, light in zip(names, ("red", "yellow", "blue"), strict=True)
            ]
        )
    ]
