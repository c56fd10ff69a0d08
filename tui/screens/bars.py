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
MAX_NAME_CELLS = 16
"""So much room is kept for the name of the person; the rest of a longer one is shown where there is some."""
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
        """Places and the screen's name on the left, whose home this is, sync status on the right."""
        title: list[Span] = [(f" {text} ", HERE)] if (text := self._title()) else []
        self._drawn_labels, who, right = self._fitting(self.size.width - _width(title) - 4)
        left = [*((text, style) for _action, text, style in self._drawn_labels), *title]
        middle = fit(f" {who}", max(self.size.width - _width(left) - _width(right, SEPARATOR) - 4, 0))
        spans: list[Span] = [*left, (middle, "$muted"), ("  ", ""), *_joined(right), (" ", "")]
        return Content.assemble(*spans)

    def _fitting(self, room: int) -> tuple[list[tuple[Action, str, str]], str, list[Span]]:
        """Places, whose home this is, and status, as far as there is room: first the district is left out, then the
        status becomes brief, then places have their digits alone, the last ones first, but for the current one."""
        status, places = self.app.sync_status, _places()
        person = single_line(status.person) if status else ""
        both = f"{single_line(status.district)} {person}" if status else ""
        full, brief = self._status_spans(brief=False), self._status_spans(brief=True)
        labels: list[tuple[Action, str, str]] = []
        for named in range(len(places), -1, -1):
            labels = [self._place_label(action, named=n < named) for n, action in enumerate(places)]
            taken = sum(cell_len(text) for _action, text, _style in labels)
            for who, right in ((both, full), (person, full), (person, brief)):
                name = min(cell_len(who), MAX_NAME_CELLS) if who is person else cell_len(who)
                if taken + name + 1 + _width(right, SEPARATOR) <= room:
                    return labels, who, right
        return labels, person, brief

    def _status_spans(self, *, brief: bool) -> list[Span]:
        app = self.app
        if app.open_error is not None:
            return [(_("no ledger is open"), "$warning")]
        syncing = app.syncing or app.round is not None
        return sync_status_spans(app.sync_status, app.now_ms(), syncing=syncing, brief=brief)

    def _title(self) -> str:
        """The name of a screen that no digit goes to."""
        if self._key_scope in SELF_TITLED or any(map(self._is_here, _places())):
            return ""
        return value_label("place", self._key_scope)

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
