"""The one action table: what can be done, with which keys, where. Bindings, footer, help and palette are read from it.

A letter never reaches the program while an input method is on, so every letter key has a twin: a control or function
key that does the same. Where an input method turns a digit or punctuation into its wide or Chinese form (``/`` becomes
``、``), that form is bound too. What destroys something is confirmed by a key of its own (ctrl+d), never by enter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.words import N_, _, word

if TYPE_CHECKING:
    from textual.binding import Binding

EVERYWHERE = "app"
FORMS = "form"


@dataclass(frozen=True, slots=True)
class Action:
    """One thing a person can do. ``id`` names the method (``action_<id>``), ``label`` what the footer says, ``help``
    the sentence of the help screen; ``key`` comes first, ``twin`` does the same with an input method on, ``ime`` are
    the characters an input method makes of the key. ``where``: the screens it belongs to."""

    id: str
    key: str
    label: str
    help: str
    where: tuple[str, ...] = (EVERYWHERE,)
    twin: str = ""
    ime: str = ""
    footer: bool = True
    priority: bool = False

    @property
    def keys(self) -> tuple[str, ...]:
        """Every key that does it."""
        return tuple(key for key in (self.key, self.twin, *self.ime) if key)


ACTIONS: tuple[Action, ...] = (
    Action("open", "enter", N_("open"), N_("Open the line under the cursor"),
           ("projects", "project", "issues", "lookup", "registers", "book", "limits", "reports", "today",
            "losers", "rejected")),
    Action("save", "ctrl+s", N_("save"), N_("Save and close the form"), (FORMS,), "f10", priority=True),
    Action("acts", "a", N_("act"), N_("Do something on this issue: assign, accept, settle …"),
           ("issue", "issues"), "f6"),
    Action("restore", "r", N_("restore"), N_("Bring this version back, as a new one"), ("history", "losers"), "f6"),
    Action("put_away", "d", N_("put away"), N_("Leave it lost; it stays in the line’s history"), ("losers",), "ctrl+x"),
    Action("retry", "t", N_("send again"), N_("Send this refused line again"), ("sync", "rejected"), "f6"),
    Action("drop", "ctrl+d", N_("drop"), N_("Give up what this refused line says"), ("sync", "rejected")),
    Action("losers", "l", N_("lost versions"), N_("What lost to a later edit; any of it can be brought back"),
           ("today",), "ctrl+y"),
    Action("rejected", "x", N_("refused"), N_("The lines that the central refused: why, and how to mend them"),
           ("today",), "ctrl+x"),
    Action("approvals", "p", N_("approvals"), N_("What waits for the bureau’s approval"), ("today",), "ctrl+p"),
    Action("apply", "enter", N_("apply"), N_("Use these filters"), ("filters",)),
    Action("choose", "enter", N_("choose"), N_("Choose the line under the cursor"), ("menu",)),
    Action("agree", "enter", N_("yes"), N_("Yes, do it"), ("confirm",)),
    Action("destroy", "ctrl+d", N_("yes, do it"), N_("Yes, do it although something is lost"), ("danger",)),
    Action("new", "n", N_("new"), N_("A new one of what is listed here"),
           ("projects", "project", "issues", "issue", "book", "book_line", "today"), "ctrl+n"),
    Action("edit", "e", N_("edit"), N_("Edit this line"),
           ("projects", "project", "issues", "issue", "line", "sync", "book", "book_line", "limits",
            "rejected"), "ctrl+e"),
    Action("propose", "p", N_("propose"), N_("Put the standard procedures on this project’s list"), ("book",), "f6"),
    Action("filter", "f", N_("filter"), N_("Choose which issues are listed"), ("issues",), "ctrl+f"),
    Action("history", "h", N_("history"), N_("All versions of this line"),
           ("projects", "project", "issues", "issue", "line", "sync", "book", "book_line", "losers",
            "rejected"), "f9"),
    Action("registers", "r", N_("registers"), N_("The registers of this project: procedures, meetings, progress …"),
           ("project",), "f6"),
    Action("next_part", "tab", N_("next part"), N_("The next part of the screen"), ("project", "today")),
    Action("previous_part", "shift+tab", N_("previous part"), N_("The part before"), ("project", "today"),
           footer=False),
    Action("theirs", "f6", N_("theirs"), N_("Show what was changed elsewhere while you were typing"), (FORMS,),
           footer=False, priority=True),
    Action("discard", "ctrl+d", N_("discard"), N_("Throw away this draft and close the form"), (FORMS,), footer=False,
           priority=True),
    Action("log_visit", "v", N_("visit"), N_("Log a visit"), (EVERYWHERE,), "f7"),
    Action("record_issue", "i", N_("issue"), N_("Record a new issue"), (EVERYWHERE,), "f8"),
    Action("lookup", "/", N_("look up"), N_("Look anything up: names, initials, numbers, phones"), (EVERYWHERE,),
           "ctrl+l", "、／"),
    Action("sync_now", "ctrl+r", N_("sync"), N_("Exchange lines with the central now"), (EVERYWHERE,), "f5"),
    Action("show_today", "1", N_("today"), N_("What needs you now"), (EVERYWHERE,), ime="１", footer=False),
    Action("show_projects", "2", N_("projects"), N_("The projects"), (EVERYWHERE,), ime="２", footer=False),
    Action("show_issues", "3", N_("issues"), N_("The issue ledger"), (EVERYWHERE,), ime="３", footer=False),
    Action("show_registers", "4", N_("registers"), N_("Every other register, and the limits"), (EVERYWHERE,),
           ime="４", footer=False),
    Action("show_sync", "6", N_("agreement"), N_("What is unsent, refused and agreed"), (EVERYWHERE,), ime="６",
           footer=False),
    Action("palette", "ctrl+k", N_("everything"), N_("Everything that can be done here, with its key"), (EVERYWHERE,),
           "f1", ":：", footer=False),
    Action("back", "escape", N_("back"), N_("Back to where you came from"),
           ("project", "issue", "line", "lookup", "history", FORMS, "menu", "confirm", "danger", "filters", "help",
            "registers", "book", "book_line", "limits", "reports", "losers", "rejected",
            "issues")),
    Action("help", "?", N_("help"), N_("What can be done on this screen"), (EVERYWHERE,), "f12", "？"),
    Action("next_theme", "", N_("theme"), N_("The next theme: dark, light, high contrast"), (EVERYWHERE,), "ctrl+t",
           footer=False),
    Action("next_language", "", N_("language"), N_("中文 / English"), (EVERYWHERE,), "f11", footer=False),
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


def bindings(place: str) -> list[Binding]:
    """The key bindings of a place, for a Textual class' ``BINDINGS``."""
    from textual.binding import Binding  # noqa: PLC0415 - the command line reads this table without Textual

    return [
        Binding(",".join(key for key in action.keys), action.id, action.label, show=False, priority=action.priority)
        for action in actions_of(place)
    ]


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
    return key_name(action.twin if typing and action.twin and len(action.key) == 1 else action.key)


def keys_shown(action: Action) -> str:
    """The keys of an action as the help lists them."""
    return " ".join(key_name(key) for key in (action.key, action.twin) if key)


def labels() -> dict[str, str]:
    """Every action's label in the language in use, by id."""
    return {action.id: _(action.label) for action in ACTIONS}
