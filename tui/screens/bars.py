"""The top bar and the key bar of every screen: places and sync status above, the available keys below.

The app redraws them when the sync status or a round has changed. They do not watch it themselves: Textual would keep
the bars of every screen that was ever open.
"""

from __future__ import annotations

from rich.cells import cell_len
from textual import events, getters
from textual.content import Content
from textual.widget import Widget

from tui.app.app import GuanjiaApp
from tui.i18n.translate import _, value_label
from tui.keys.actions import APP_SCOPE, FORM_SCOPE, Action, actions_in, footer_key
from tui.presenters.sync_status import sync_status_spans
from tui.widgets.cells import Span, fit, single_line

SEPARATOR = "  "
SELF_TITLED = (FORM_SCOPE, "setup", "import_table", "welcome")
"""The screens whose first line says what they are."""
HERE = "b $background on $primary"
"""The style of the place that one is at."""


class TopBar(Widget):
    """The top bar: the places that a digit goes to, the name of the screen, whose home this is, and the sync status."""

    DEFAULT_CSS = """
    TopBar { height: 1; dock: top; background: $panel; color: $foreground; }
    """

    app = getters.app(GuanjiaApp)

    def __init__(self, scope: str) -> None:
        super().__init__()
        self._key_scope = scope
        self._drawn_labels: list[tuple[Action, str, str]] = []

    def render(self) -> Content:
        """Places and the screen's name on the left, sync status on the right; what does not fit between them is left
        out."""
        app = self.app
        status = app.sync_status
        right = sync_status_spans(status, app.now_ms(), syncing=app.syncing or app.round is not None)
        if app.open_error is not None:
            right = [(_("no ledger is open"), "$warning")]
        title: list[Span] = [(f" {text} ", HERE)] if (text := self._title()) else []
        self._drawn_labels = self._place_labels(self.size.width - _width(title) - _width(right, SEPARATOR) - 4)
        left = [*((text, style) for _action, text, style in self._drawn_labels), *title]
        room = self.size.width - _width(left) - _width(right, SEPARATOR) - 4
        who = f"{single_line(status.district)} {single_line(status.person)}" if status else ""
        middle = fit(f" {who}", room) if room > 12 else " " * max(room, 0)
        spans: list[Span] = [*left, (middle, "$muted"), ("  ", ""), *_joined(right), (" ", "")]
        return Content.assemble(*spans)

    def _title(self) -> str:
        """The name of a screen that no digit goes to."""
        if self._key_scope in SELF_TITLED or any(map(self._is_here, _places())):
            return ""
        return value_label("place", self._key_scope)

    def _place_labels(self, room: int) -> list[tuple[Action, str, str]]:
        """The places with their digits and names; where these do not fit, the last one by its digit alone, else all
        but the current one."""
        places = _places()
        shown: list[tuple[Action, str, str]] = []
        for nameless in ((), places[-1:], places):
            shown = [self._place_label(action, named=action not in nameless) for action in places]
            if sum(cell_len(text) for _action, text, _style in shown) <= room:
                break
        return shown

    def _place_label(self, action: Action, *, named: bool) -> tuple[Action, str, str]:
        here, digit = self._is_here(action), footer_key(action, False)
        text = f" {digit} {_(action.label)} " if named or here else f" {digit} "
        return action, text, HERE if here else "$muted"

    def _is_here(self, action: Action) -> bool:
        return action.id.removeprefix("show_") == self._key_scope

    async def on_click(self, event: events.Click) -> None:
        """A click: go to the place under it."""
        column = 0
        for action, text, _style in self._drawn_labels:
            column += cell_len(text)
            if event.x < column:
                await self.app.run_action(action.id)
                return


class KeyBar(Widget):
    """The last line: what can be done here, with its key; what does not fit is behind the help key."""

    DEFAULT_CSS = """
    KeyBar { height: 1; dock: bottom; background: $panel; color: $foreground; }
    """

    def __init__(self, scope: str) -> None:
        super().__init__()
        self._key_scope = scope

    def render(self) -> Content:
        """As many actions as fit, in the table's order; help always, but over another screen, where it does not
        reach."""
        spans: list[Span] = []
        for action in self.visible_actions():
            colour = "$error" if action.id in ("destroy", "drop") else "$primary"
            key = footer_key(action, self._typing)
            spans += [(" ", ""), (key, f"b {colour}"), (" " + _(action.label) + " ", "")]
        return Content.assemble(*spans)

    def on_mount(self) -> None:
        """Follow the focus: in a field, characters are no commands."""
        self.watch(self.screen, "focused", self._draw_again, init=False)
        self.screen.bindings_updated_signal.subscribe(self, self._draw_again)

    def _draw_again(self, _screen: object = None) -> None:
        self.refresh()

    @property
    def _typing(self) -> bool:
        focused = self.screen.focused
        return focused is not None and focused.check_consume_key("a", "a")

    def _length(self, action: Action) -> int:
        return cell_len(f" {footer_key(action, self._typing)} {_(action.label)} ")

    def visible_actions(self) -> list[Action]:
        """The actions that there is room for."""
        known = [action for action in available_actions(self, self._key_scope) if action.id != "help"]
        wanted = [action for action in known if action.footer or (action.id, self._key_scope) == ("quit", "welcome")]
        last = [] if self.screen.is_modal else [action for action in actions_in(APP_SCOPE) if action.id == "help"]
        room = self.size.width - sum(map(self._length, last))
        chosen: list[Action] = []
        for action in wanted:
            room -= self._length(action)
            if room < 0:
                break
            chosen.append(action)
        return chosen + last

    async def on_click(self, event: events.Click) -> None:
        """The mouse: do what is under it."""
        column = 0
        for action in self.visible_actions():
            column += self._length(action)
            if event.x < column:
                await self.screen.run_action(
                    action.id if hasattr(self.screen, f"action_{action.id}") else f"app.{action.id}"
                )
                return


def available_actions(widget: Widget, scope: str) -> list[Action]:
    """The actions available in a scope now, its own first."""
    own = [action for action in actions_in(scope) if widget.screen.check_action(action.id, ())]
    if widget.screen.is_modal:
        return own
    taken = {key for action in own for key in action.keys}
    app = widget.app
    everywhere = [action for action in actions_in(APP_SCOPE) if app.check_action(action.id, ())]
    return own + [action for action in everywhere if not taken & set(action.keys)]


def _places() -> list[Action]:
    """The places that a digit goes to, by their digit."""
    return [action for action in actions_in(APP_SCOPE) if action.key.isdecimal()]


def _width(spans: list[Span], separator: str = "") -> int:
    return sum(cell_len(text) for text, _style in spans) + len(separator) * max(len(spans) - 1, 0)


def _joined(spans: list[Span]) -> list[Span]:
    return [part for span in spans for part in ((SEPARATOR, ""), span)][1:]
