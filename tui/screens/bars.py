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
from tui.presenters.sync_status import StatusWords, sync_status_spans
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
        self._drawn_labels: list[tuple[Action, list[Span]]] = []

    def render(self) -> Content:
        """Places and the screen's name on the left; whose home this is and the sync status on the right."""
        title: list[Span] = [(f" {text} ", HERE)] if (text := self._title()) else []
        self._drawn_labels, who, right = self._fitting(self.size.width - _width(title))
        left = [*(span for _action, spans in self._drawn_labels for span in spans), *title]
        who = fit(who, min(cell_len(who), max(self.size.width - _width(left) - _width(right, SEPARATOR) - 4, 0)))
        right = [*([(who, "$muted")] if who else []), *right]
        space = max(self.size.width - _width(left) - _width(right, SEPARATOR) - 1, 1)
        return Content.assemble(*left, (" " * space, ""), *_joined(right), (" ", ""))

    def _fitting(self, room: int) -> tuple[list[tuple[Action, list[Span]]], str, list[Span]]:
        """Places, whose home this is, and status, as far as there is room: first the district is left out, then the
        status becomes brief, then what is well in it is left out and places stand closer together; only then have
        places their digits alone, the last ones first, but for the current one."""
        status, places = self.app.sync_status, _places()
        person = single_line(status.person) if status else ""
        both = f"{single_line(status.district)} {person}" if status else ""
        full, brief, least = (self._status_spans(words) for words in ("full", "brief", "least"))
        widths = ((both, full, 1), (person, full, 1), (person, brief, 1), (person, least, 1), (person, least, 0))
        for named in range(len(places), -1, -1):
            for who, right, pad in widths:
                labels = [(each, self._place_label(each, named=n < named, pad=pad)) for n, each in enumerate(places)]
                taken = sum(_width(spans) for _action, spans in labels)
                name = min(cell_len(who), MAX_NAME_CELLS) if who is person else cell_len(who)
                if taken + name + _width(right, SEPARATOR) + len(SEPARATOR) * bool(right) + 2 <= room:
                    return labels, who, right
        return labels, person, least

    def _status_spans(self, words: StatusWords) -> list[Span]:
        app = self.app
        if app.open_error is not None:
            return [(_("no ledger is open"), "$warning")]
        syncing = app.syncing or app.round is not None
        return sync_status_spans(app.sync_status, app.now_ms(), syncing=syncing, words=words)

    def _title(self) -> str:
        """The name of a screen that no digit goes to."""
        if self._key_scope in SELF_TITLED or any(map(self._is_here, _places())):
            return ""
        return value_label("place", self._key_scope)

    def _place_label(self, action: Action, *, named: bool, pad: int) -> list[Span]:
        """A place's digit and name: its key in the colour of keys, where one is as a block."""
        here, digit = self._is_here(action), footer_key(action, False)
        text = f" {_(action.label)}" if named or here else ""
        if here:
            return [(f" {digit}{text} ", HERE)]
        return [(" " * pad, ""), (digit, "b $primary"), (f"{text} ", "")]

    def _is_here(self, action: Action) -> bool:
        return action.id.removeprefix("show_") == self._key_scope

    async def on_click(self, event: events.Click) -> None:
        """A click: go to the place under it."""
        column = 0
        for action, spans in self._drawn_labels:
            column += _width(spans)
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
        """As many actions as fit, in the table's order, those of every screen in grey; help always, but over another
        screen, where it does not reach."""
        spans: list[Span] = []
        for action in self.visible_actions():
            colour = "$error" if action.id in ("destroy", "drop") else "$primary"
            label = "$muted" if APP_SCOPE in action.scopes else ""
            spans += [(" ", ""), (footer_key(action, self._typing), f"b {colour}"), (f" {_(action.label)} ", label)]
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
