"""The one action table: what can be done, with which keys, where. Bindings, footer, help and palette are read from it.

A letter never reaches the program while an input method is on, so every letter key has a twin: a control or function
key that does the same. Where an input method turns a digit or punctuation into its wide or Chinese form (``/`` becomes
``、``), that form is bound too. What destroys something is confirmed by a key of its own (ctrl+d), never by enter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.words import N_, _, word

if TYPE_CHECKING:
    from textual.binding import Binding

EVERYWHERE = "app"
FORMS = "form"
PANELS = frozenset({"menu", "confirm", "danger", "filters", "help"})
"""Small screens on top of another: what belongs to everywhere does not reach through them."""
DEAD_KEYS = frozenset(
    {"ctrl+h", "ctrl+i", "ctrl+j", "ctrl+m", "ctrl+z", "ctrl+c", "ctrl+left_square_bracket", "ctrl+["}
)
"""Keys that terminals send for something else: ctrl+m is enter, ctrl+h is backspace."""
Keys = Mapping[str, tuple[str, ...]]
"""The keys of actions, by the action's id."""
_in_use: dict[str, tuple[str, ...]] = {}


@dataclass(frozen=True, slots=True)
class Action:
    """One thing a person can do. ``id`` names the method (``action_<id>``), ``label`` what the footer says, ``help``
    the sentence of the help screen; ``key`` comes first, ``twin`` does the same with an input method on, ``ime`` are
    the characters an input method makes of the key. ``where``: the screens it belongs to. ``away``: it leads away from
    the screen, which a form does not allow."""

    id: str
    key: str
    label: str
    help: str
    where: tuple[str, ...] = (EVERYWHERE,)
    twin: str = ""
    ime: str = ""
    footer: bool = True
    priority: bool = False
    away: bool = False

    @property
    def own_keys(self) -> tuple[str, ...]:
        """The keys that the table gives it."""
        return tuple(key for key in (self.key, self.twin, *self.ime) if key)

    @property
    def keys(self) -> tuple[str, ...]:
        """Every key that does it now."""
        return keys_of(self, _in_use)

    @property
    def shown(self) -> tuple[str, ...]:
        """The keys that people are told: the key and its twin, or what their keymap has instead."""
        return _in_use.get(self.id) or tuple(key for key in (self.key, self.twin) if key)


ACTIONS: tuple[Action, ...] = (
    Action("open", "enter", N_("open"), N_("Open the line under the cursor"),
           ("projects", "project", "issues", "lookup", "registers", "book", "limits", "reports")),
    Action("save", "ctrl+s", N_("save"), N_("Save and close the form"), (FORMS,), "f10", priority=True),
    Action("acts", "a", N_("act"), N_("Do something on this issue: assign, accept, settle …"),
           ("issue", "issues"), "f6"),
    Action("restore", "r", N_("restore"), N_("Bring this version back, as a new one"), ("history",), "f6"),
    Action("retry", "t", N_("send again"), N_("Send this refused line again"), ("sync",), "f6"),
    Action("drop", "ctrl+d", N_("drop"), N_("Give up what this refused line says"), ("sync",)),
    Action("apply", "enter", N_("apply"), N_("Use these filters"), ("filters",)),
    Action("choose", "enter", N_("choose"), N_("Choose the line under the cursor"), ("menu",)),
    Action("agree", "enter", N_("yes"), N_("Yes, do it"), ("confirm",)),
    Action("destroy", "ctrl+d", N_("yes, do it"), N_("Yes, do it although something is lost"), ("danger",)),
    Action("new", "n", N_("new"), N_("A new one of what is listed here"),
           ("projects", "project", "issues", "issue", "book", "book_line"), "ctrl+n"),
    Action("edit", "e", N_("edit"), N_("Edit this line"),
           ("projects", "project", "issues", "issue", "line", "sync", "book", "book_line", "limits"), "ctrl+e"),
    Action("propose", "p", N_("propose"), N_("Put the standard procedures on this project’s list"), ("book",), "f6"),
    Action("propose", "p", N_("propose"), N_("Put the standard procedures on this project’s list"), ("project",),
           "ctrl+p"),
    Action("filter", "f", N_("filter"), N_("Choose what is listed, and in which order"),
           ("issues", "projects", "book"), "ctrl+f"),
    Action("clear", "f4", N_("clear"), N_("Ask for everything again"), ("filters",)),
    Action("history", "h", N_("history"), N_("All versions of this line"),
           ("projects", "project", "issues", "issue", "line", "sync", "book", "book_line"), "f9"),
    Action("registers", "r", N_("registers"), N_("The registers of this project: procedures, meetings, progress …"),
           ("project",), "f6"),
    Action("next_part", "tab", N_("next part"), N_("The next part of the screen"), ("project",)),
    Action("previous_part", "shift+tab", N_("previous part"), N_("The part before"), ("project",), footer=False),
    Action("theirs", "f6", N_("theirs"), N_("Show what was changed elsewhere while you were typing"), (FORMS,),
           footer=False, priority=True),
    Action("raise_issue", "f8", N_("new issue"), N_("An issue that came up at this visit"), (FORMS,), priority=True),
    Action("move_issue", "f7", N_("move on"), N_("Go to the open issues of the project: what moved on at this visit"),
           (FORMS,), priority=True),
    Action("discard", "ctrl+d", N_("discard"), N_("Throw away this draft and close the form"), (FORMS,), footer=False,
           priority=True),
    Action("log_visit", "v", N_("visit"), N_("Log a visit"), (EVERYWHERE,), "f7", away=True),
    Action("record_issue", "i", N_("issue"), N_("Record a new issue"), (EVERYWHERE,), "f8", away=True),
    Action("lookup", "/", N_("look up"), N_("Look anything up: names, initials, numbers, phones"), (EVERYWHERE,),
           "ctrl+l", "、／", away=True),
    Action("undo", "u", N_("undo"), N_("Take back what was written last, as a new version"), (EVERYWHERE,), "ctrl+u",
           away=True),
    Action("redo", "U", N_("redo"), N_("Write again what was taken back"), (EVERYWHERE,), "ctrl+w", footer=False,
           away=True),
    Action("sync_now", "ctrl+r", N_("sync"), N_("Exchange lines with the central now"), (EVERYWHERE,), "f5"),
    Action("show_projects", "2", N_("projects"), N_("The projects"), (EVERYWHERE,), ime="２", footer=False, away=True),
    Action("show_issues", "3", N_("issues"), N_("The issue ledger"), (EVERYWHERE,), ime="３", footer=False, away=True),
    Action("show_registers", "4", N_("registers"), N_("Every other register, and the limits"), (EVERYWHERE,),
           ime="４", footer=False, away=True),
    Action("show_sync", "6", N_("agreement"), N_("What is unsent, refused and agreed"), (EVERYWHERE,), ime="６",
           footer=False, away=True),
    Action("jump", "ctrl+o", N_("jump"), N_("Show a label on every control, and go to the one whose label is typed"),
           (EVERYWHERE, "filters"), footer=False),
    Action("palette", "ctrl+k", N_("everything"), N_("Everything that can be done here, with its key"), (EVERYWHERE,),
           "f1", ":：", footer=False, away=True),
    Action("back", "escape", N_("back"), N_("Back to where you came from"),
           ("project", "issue", "line", "lookup", "history", FORMS, "menu", "confirm", "danger", "filters", "help",
            "registers", "book", "book_line", "limits", "reports")),
    Action("help", "?", N_("help"), N_("What can be done on this screen"), (EVERYWHERE,), "f12", "？"),
    Action("next_theme", "", N_("theme"), N_("The next theme: dark, light, high contrast"), (EVERYWHERE,), "ctrl+t",
           footer=False),
    Action("next_language", "", N_("language"), N_("中文 / English"), (EVERYWHERE,), "f11", footer=False, away=True),
    Action("quit", "q", N_("quit"), N_("Leave; everything is kept"), (EVERYWHERE,), "ctrl+q", footer=False),
)  # fmt: skip
"""In the order in which the footer shows them; what does not fit is in the help."""

IN_LISTS = (
    ("Up Down  j k", N_("One line up or down")),
    ("PgUp PgDn", N_("One page up or down")),
    ("Home End  g G", N_("To the first or the last line")),
)
"""Keys that every list knows: shown by the help."""


def actions_of(place: str) -> tuple[Action, ...]:
    """The actions that belong to one place, in the table's order."""
    return tuple(action for action in ACTIONS if place in action.where)


def places() -> list[str]:
    """Every place that has actions of its own."""
    return sorted({place for action in ACTIONS for place in action.where} - {EVERYWHERE})


def reachable(place: str) -> tuple[Action, ...]:
    """The actions whose keys work at a place: its own, and those of everywhere that reach it."""
    if place in PANELS:
        return actions_of(place)
    own = actions_of(place)
    everywhere = (action for action in actions_of(EVERYWHERE) if action not in own)
    return (*own, *(action for action in everywhere if not (place == FORMS and action.away)))


def keys_of(action: Action, keys: Keys) -> tuple[str, ...]:
    """The keys of an action where ``keys`` are wanted instead of the table's."""
    return keys.get(action.id) or action.own_keys


def use_keys(keys: Keys) -> None:
    """Obey these keys instead of the table's from now on; they are without conflicts (``tui/keymap.py``)."""
    _in_use.clear()
    _in_use.update(keys)


def character_key(key: str) -> str:
    """A key as the table writes it: a character as it is, a name in small letters."""
    return key if len(key) == 1 else key.lower()


def bindings(place: str) -> list[Binding]:
    """The key bindings of a place, for a Textual class' ``BINDINGS``."""
    from textual.binding import Binding  # noqa: PLC0415 - the command line reads this table without Textual

    return [
        Binding(textual_keys(action.own_keys), action.id, action.label, show=False, priority=action.priority,
                id=action.id)
        for action in actions_of(place)
    ]  # fmt: skip


def textual_keys(keys: Sequence[str]) -> str:
    """Keys as Textual takes them: separated by commas, the comma itself by its name."""
    return ",".join("comma" if key == "," else key for key in keys)


def key_name(key: str) -> str:
    """A key as people see it: ``^S`` for ctrl+s, the word for enter, capitals for function keys."""
    if key.startswith("ctrl+"):
        return "^" + key.removeprefix("ctrl+").upper()
    if key.startswith("shift+"):
        return word("key", "shift") + key_name(key.removeprefix("shift+"))
    if len(key) > 1 and key[1:].isdigit():
        return key.upper()
    return key if len(key) == 1 else word("key", key)


def key_shown(action: Action, typing: bool) -> str:
    """The key that the footer names: the twin while one is typing, when a character would be typed and not obeyed."""
    keys = action.shown or action.keys
    beside = [key for key in keys if len(key) > 1]
    return key_name(beside[0] if typing and beside else keys[0])


def keys_shown(action: Action) -> str:
    """The keys of an action as the help lists them."""
    return " ".join(map(key_name, action.shown))


def labels() -> dict[str, str]:
    """Every action's label in the language in use, by id."""
    return {action.id: _(action.label) for action in ACTIONS}
