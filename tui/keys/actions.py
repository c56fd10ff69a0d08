"""The one action table: what can be done, with which keys, where. Bindings, footer, help and palette are read from it.

A letter never reaches the program while an input method is on, so every letter key has a twin: a control or function
key that does the same. Where an input method turns a digit or punctuation into its wide or Chinese form (``/`` becomes
``、``), that form is bound too. What destroys something is confirmed by a key of its own (ctrl+d), never by enter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.i18n.translate import N_, _, value_label

if TYPE_CHECKING:
    from textual.binding import Binding

APP_SCOPE = "app"
FORM_SCOPE = "form"
PANEL_SCOPES = frozenset(
    {
        "menu", "picker", "attachments", "confirm", "danger", "filters", "help", "setting", "code", "lock", "notice",
        "host",
    }
)  # fmt: skip
"""Small screens on top of another: what belongs to everywhere does not reach through them."""
_SIGNS = {"backslash": "\\"}
"""Signs that are called by a name in bindings, and shown as they are on the keyboard."""
UNUSABLE_KEYS = frozenset(
    {"ctrl+h", "ctrl+i", "ctrl+j", "ctrl+m", "ctrl+z", "ctrl+c", "ctrl+left_square_bracket", "ctrl+["}
)
"""Keys that terminals send for something else: ctrl+m is enter, ctrl+h is backspace."""
KeysByAction = Mapping[str, tuple[str, ...]]
"""The keys of actions, by the action's id."""
_custom_keys: dict[str, tuple[str, ...]] = {}


@dataclass(frozen=True, slots=True)
class Action:
    """One thing a person can do. ``id`` names the method (``action_<id>``), ``label`` is the footer's text, ``help``
    the sentence of the help screen. ``key`` comes first, ``ime_safe_key`` does the same with an input method on,
    ``ime_variants`` are the characters an input method makes of the key. ``scopes`` are the screens it belongs to;
    ``leaves_screen`` actions are not allowed in a form."""

    id: str
    key: str
    label: str
    help: str
    scopes: tuple[str, ...] = (APP_SCOPE,)
    ime_safe_key: str = ""
    ime_variants: str = ""
    footer: bool = True
    priority: bool = False
    leaves_screen: bool = False

    @property
    def default_keys(self) -> tuple[str, ...]:
        """The keys of the table."""
        return tuple(key for key in (self.key, self.ime_safe_key, *self.ime_variants) if key)

    @property
    def keys(self) -> tuple[str, ...]:
        """Every key that does it now."""
        return keys_of(self, _custom_keys)

    @property
    def displayed_keys(self) -> tuple[str, ...]:
        """The keys that are displayed: the key and its IME-safe one, or those of the person's keymap."""
        return _custom_keys.get(self.id) or tuple(key for key in (self.key, self.ime_safe_key) if key)


ACTIONS: tuple[Action, ...] = (
    Action("open", "enter", N_("open"), N_("Open the line under the cursor"),
           ("projects", "project", "issues", "lookup", "registers", "register", "limits", "reports", "approvals",
            "sync", "settings", "summary", "meeting_mode", "today", "conflicts", "rejected", "bin", "seat",
            "waiting", "address_book", "doubles", "audit", "hand_over", "holidays", "keys")),
    Action("save", "ctrl+s", N_("save"), N_("Save and close the form"), (FORM_SCOPE,), "f10", priority=True),
    Action("carry_out", "ctrl+s", N_("do it"), N_("Do what the form says"), ("setup",), "f10", priority=True),
    Action("take_in", "ctrl+s", N_("take in"), N_("Take the table into the ledger"), ("import_table",), "f10",
           priority=True),
    Action("which_ledger", "f6", N_("which ledger"), N_("Say which ledger the table is"), ("import_table",),
           priority=True),
    Action("which_columns", "f9", N_("columns"), N_("Say what a column of the table is"), ("import_table",),
           priority=True),
    Action("write_left_out", "f4", N_("left out"), N_("Write the rows that are left out to a file, each with why"),
           ("import_table",), priority=True),
    Action("take_import_back", "f2", N_("take back"), N_("Take the last table of a register back, all of it"),
           ("import_table",), priority=True),
    Action("join", "c", N_("join a central"), N_("Join a central with the code that your bureau gave you"),
           ("welcome", "sync"), "f4"),
    Action("begin_alone", "w", N_("work alone"), N_("Begin a ledger that works alone for now"), ("welcome",), "f9"),
    Action("look_around", "d", N_("look around"), N_("See a sample district, made up for looking around"),
           ("welcome",), "f10"),
    Action("try_again", "t", N_("try again"), N_("Open the ledger once more"), ("welcome",), "f6"),
    Action("acts", "a", N_("act"), N_("Do something on this issue: assign, accept, settle …"),
           ("issue", "issues"), "f6"),
    Action("decide", "full_stop", N_("decide"), N_("Decide on this issue: a letter for the act, then the text"),
           ("meeting_mode",), "f6", "。．"),
    Action("attachments", "o", N_("attachments"), N_("The pictures and papers of this record"),
           ("project", "issue", "line", "register_line", "approvals"), "ctrl+a", footer=False),
    Action("open_file", "o", N_("open"), N_("Open the file with the system’s viewer; the copy goes on leaving"),
           ("attachments",), "f4"),
    Action("add_files", "n", N_("attach"), N_("Attach more files to this record"), ("attachments",), "ctrl+n"),
    Action("remove_file", "x", N_("remove"), N_("Remove the file under the cursor; the bin has it"), ("attachments",),
           "ctrl+x"),
    Action("choose_files", "enter", N_("attach"), N_("Attach the files that are selected, or the one under the cursor"),
           ("picker",), priority=False),
    Action("select_file", "space", N_("select"), N_("Select this file, or no longer"), ("picker",)),
    Action("type_path", "tab", N_("path"), N_("Type or paste the path of a file"), ("picker",)),
    Action("begin", "enter", N_("begin"), N_("Begin the meeting"), ("meeting_setup",)),
    Action("pick", "space", N_("pick"), N_("Pick this department, or no longer"), ("meeting_setup",)),
    Action("next_field", "tab", N_("level, chair"), N_("On to level and chair"), ("meeting_setup",)),
    Action("write_sheet", "o", N_("meeting sheet"), N_("Write the meeting sheet to a file"), ("minutes",), "f4"),
    Action("go_on", "g", N_("go on"), N_("Go on with this meeting"), ("minutes",), "f6", priority=True),
    Action("approve", "y", N_("approve"), N_("Approve exactly what you read, or what is selected"), ("approvals",),
           "f6"),
    Action("send_back", "b", N_("return"), N_("Return it, with a reason"), ("approvals",), "ctrl+b"),
    Action("approvals", "p", N_("approvals"), N_("What waits for the bureau’s approval"), ("today", "issues"),
           "ctrl+p"),
    Action("restore", "r", N_("restore"), N_("Bring this version back, as a new one"),
           ("history", "conflicts", "bin"), "f6"),
    Action("put_away", "d", N_("put away"), N_("Leave it lost; it stays in the line’s history"), ("conflicts",),
           "ctrl+x"),
    Action("retry", "t", N_("send again"), N_("Send this refused line again"), ("rejected",), "f6"),
    Action("drop", "ctrl+d", N_("drop"), N_("Give up what this refused line says"), ("rejected",)),
    Action("keep", "enter", N_("save"), N_("Save this setting"), ("setting",)),
    Action("apply", "enter", N_("apply"), N_("Use these filters"), ("filters",)),
    Action("choose", "enter", N_("choose"), N_("Choose the line under the cursor"), ("menu",)),
    Action("agree", "enter", N_("yes"), N_("Yes, do it"), ("confirm",)),
    Action("close_notice", "enter", N_("go on"), N_("Close what is told; nothing is done by it"), ("notice",)),
    Action("destroy", "ctrl+d", N_("yes, do it"), N_("Yes, do it although something is lost"), ("danger",)),
    Action("new", "n", N_("new"), N_("A new one of what is listed here"),
           ("projects", "project", "issues", "issue", "register", "register_line", "today", "address_book", "holidays"),
           "ctrl+n"),
    Action("import_table", "I", N_("import"), N_("Take in a table of any ledger, after a look at what is in it"),
           ("today", "projects"), "f10", footer=False),
    Action("edit", "e", N_("edit"), N_("Edit this line"),
           ("projects", "project", "issues", "issue", "line", "register", "register_line", "limits", "settings",
            "rejected", "address_book", "holidays", "keys"), "ctrl+e"),
    Action("doubles", "d", N_("doubles"), N_("Records that may be one and the same"), ("address_book",), "f10"),
    Action("merge_records", "w", N_("make one"), N_("Make these records one: the one under the cursor stays"),
           ("address_book", "doubles"), "f6"),
    Action("take_out", "t", N_("take out"), N_("Take a record out of the one that it was merged into"),
           ("address_book",), "f4", footer=False),
    Action("keep_apart", "x", N_("not the same"), N_("These are two, and are not proposed again"), ("doubles",),
           "ctrl+x"),
    Action("retire", "x", N_("retire"), N_("No longer offer somebody where names are typed, or again"),
           ("address_book",), "ctrl+x", footer=False),
    Action("erase_person", "ctrl+d", N_("erase"), N_("Erase what is held on the person under the cursor, for good"),
           ("address_book",), footer=False),
    Action("erase_file", "ctrl+d", N_("erase"), N_("Erase the file under the cursor everywhere, for good"),
           ("attachments",), footer=False),
    Action("hand_over", "H", N_("hand over"), N_("Give a butler’s projects to another: rights, sheet and all"),
           ("project", "address_book", "hand_over"), "ctrl+b"),
    Action("stand_in", "s", N_("stand-in"), N_("Let the person under the cursor act for you for some days"),
           ("address_book",), "ctrl+s"),
    Action("end_stand_in", "z", N_("end stand-in"), N_("End a stand-in: nobody acts for the other from now on"),
           ("today", "address_book"), "ctrl+v"),
    Action("set_pin", "p", N_("PIN"), N_("Set, change or remove the PIN that the screens ask for"), ("settings",),
           "ctrl+p"),
    Action("unlock", "enter", N_("unlock"), N_("Unlock the screens with the PIN that was typed"), ("lock",),
           priority=True),
    Action("leave", "ctrl+q", N_("quit"), N_("Leave; everything is kept"), ("lock",)),
    Action("usual", "d", N_("as usual"), N_("Let it be what it is by default"), ("settings", "keys"),
           "f6"),
    Action("own_keys", "b", N_("keys"), N_("Give other keys to what can be done on the screens"), ("settings",),
           "ctrl+b"),
    Action("earlier", "left", N_("earlier"), N_("The period before"), ("summary", "summary_part"), priority=True),
    Action("later", "right", N_("later"), N_("The period after"), ("summary", "summary_part"), priority=True),
    Action("next_period", "p", N_("period"), N_("Month, quarter or year"), ("summary", "summary_part"), "ctrl+p"),
    Action("write_report", "o", N_("report"), N_("Write this summary to a file (.xlsx, .docx …)"),
           ("summary", "summary_part"), "f4"),
    Action("propose", "p", N_("propose"), N_("Put the standard procedures on this project’s list"),
           ("project", "register"), "ctrl+p"),
    Action("filter", "f", N_("filter"), N_("Choose what is listed, and in which order"),
           ("issues", "projects", "register", "address_book", "seat", "audit", "summary", "summary_part"), "ctrl+f"),
    Action("sort", "<", N_("sort"), N_("Choose the column that sorts the list; the same once more turns it round"),
           ("issues", "projects", "register"), ime_variants="＜《", footer=False),
    Action("views", ";", N_("views"),
           N_("Your saved views of this list, each by a digit, or at once by alt and it; save, remove"),
           ("issues", "projects", "register", "address_book"), ime_variants="；", footer=False),
    Action("clear", "f4", N_("clear"), N_("Ask for everything again"), ("filters",)),
    Action("history", "h", N_("history"), N_("All versions of this line"),
           ("projects", "project", "issues", "issue", "line", "register", "register_line", "approvals", "conflicts",
            "rejected", "bin", "address_book", "audit"), "f9"),
    Action("explain", "w", N_("why"), N_("Why this issue has its light: rule, limits, calendar, clocks"),
           ("issue", "issues"), "f4", footer=False),
    Action("copy", "y", N_("copy"), N_("Copy the line under the cursor, or a phone of the page"),
           ("projects", "project", "issues", "issue", "line", "register", "register_line", "today", "lookup",
            "address_book"), "f2",
           footer=False),
    Action("list_out", ">", N_("list out"), N_("The list to a file or the clipboard; its line or a cell copied"),
           ("projects", "project", "issues", "register", "registers", "today", "approvals", "conflicts",
            "rejected", "bin", "seat", "waiting", "address_book", "doubles", "audit", "hand_over", "holidays",
            "limits", "sync", "history", "summary", "summary_part", "settings"), ime_variants="＞》", footer=False),
    Action("registers", "r", N_("registers"), N_("The registers of this project: procedures, meetings, progress …"),
           ("project",), "f6"),
    Action("complete", "tab", N_("complete"), N_("Complete what is being typed: a name, a state, a kind"), ("lookup",)),
    Action("next_part", "tab", N_("next part"), N_("The next part of the screen"),
           ("project", "sync", "today", "address_book")),
    Action("previous_part", "shift+tab", N_("previous part"), N_("The part before"), ("project", "sync", "today"),
           footer=False),
    Action("rejected", "x", N_("refused"), N_("The lines that the central refused: why, and how to mend them"),
           ("today", "sync"), "ctrl+x"),
    Action("conflicts", "l", N_("lost versions"), N_("What lost to a later edit; any of it can be brought back"),
           ("today", "sync"), "ctrl+y"),
    Action("bin", "b", N_("bin"), N_("What was deleted or taken back; any of it can be brought back"),
           ("today", "sync"), "ctrl+b", footer=False),
    Action("bureau_seat", "A", N_("accounts"), N_("Who is let in at the central: people, devices, one-time codes"),
           ("today", "sync"), "ctrl+a", footer=False),
    Action("waiting", "P", N_("decisions"), N_("What others proposed or brought back: accept or decline it"),
           ("today", "sync", "seat"), "ctrl+e", footer=False),
    Action("accept_lines", "y", N_("adopt"), N_("Take in the lines under the cursor, or those selected"),
           ("waiting",), "f2"),
    Action("decline_lines", "b", N_("decline"), N_("Decline the lines under the cursor, or those selected"),
           ("waiting",), "ctrl+b"),
    Action("invite", "n", N_("invite"), N_("Make a one-time code for a person"), ("seat",), "ctrl+n"),
    Action("withdraw_code", "w", N_("withdraw"), N_("Withdraw the code under the cursor"), ("seat",), "f9"),
    Action("stop_device", "x", N_("stop"), N_("Stop the device under the cursor"), ("seat",), "ctrl+x"),
    Action("stop_person", "X", N_("stop all"), N_("Stop all devices of the person under the cursor"), ("seat",),
           "f4"),
    Action("readmit", "l", N_("let in"), N_("Let a device in again whose token has expired"), ("seat",), "f2"),
    Action("reload_list", "r", N_("ask again"), N_("Ask the central again"), ("seat", "waiting", "audit"), "f6"),
    Action("audit", "a", N_("audit"), N_("Who did what when, as the central has recorded it"), ("seat",), "ctrl+a"),
    Action("write_slip", "o", N_("slip"), N_("Write a slip with the code, to be handed over"), ("code",), "f4"),
    Action("dismiss_notice", "d", N_("put away"), N_("This notice has been read"), ("sync",), "f6"),
    Action("put_aside", "z", N_("to the bin"),
           N_("What a meeting brought goes to the bin, from where it can be restored"), ("sync",), "ctrl+n"),
    Action("pause_files", "p", N_("pause files"), N_("Let no attached files travel, or let them again"), ("sync",),
           "ctrl+p"),
    Action("fetch_original", "f", N_("fetch"), N_("Let the original of this file come with the next rounds"),
           ("sync", "attachments"), "ctrl+f"),
    Action("meet", "M", N_("meet"), N_("Share unsent work with colleagues in the room, without a network"),
           ("sync",), "f10"),
    Action("export_bundle", "w", N_("write a file"), N_("Write what is unsent as a file for the central"),
           ("sync",), "f9"),
    Action("import_bundle", "t", N_("take a file in"), N_("Take in the central's answer from a file"), ("sync",), "f2"),
    Action("theirs", "f6", N_("theirs"), N_("Show what was changed elsewhere while you were typing"), (FORM_SCOPE,),
           footer=False, priority=True),
    Action("raise_issue", "f8", N_("new issue"), N_("An issue that came up at this visit"), (FORM_SCOPE,),
               priority=True),
    Action("move_issue", "f7", N_("move on"), N_("Go to the open issues of the project: what moved on at this visit"),
           (FORM_SCOPE,), priority=True),
    Action("attach", "f9", N_("pictures"), N_("Choose pictures and papers to attach to what is written here"),
           (FORM_SCOPE,), "ctrl+p", priority=True),
    Action("insert_phrase", "f2", N_("phrases"), N_("Put a phrase of yours or of the district into this text field"),
           (FORM_SCOPE,), "ctrl+b", footer=False, priority=True),
    Action("discard", "ctrl+d", N_("discard"), N_("Throw away this draft and close the form"), (FORM_SCOPE,),
               footer=False,
           priority=True),
    Action("log_visit", "v", N_("visit"), N_("Log a visit"), (APP_SCOPE,), "f7", leaves_screen=True),
    Action("record_issue", "i", N_("issue"), N_("Record a new issue"), (APP_SCOPE,), "f8", leaves_screen=True),
    Action("meeting_mode", "m", N_("meeting"), N_("Hold a meeting over the open issues of departments"),
           (APP_SCOPE,), "f3", footer=False, leaves_screen=True),
    Action("lookup", "/", N_("look up"), N_("Look anything up: names, initials, numbers, phones"), (APP_SCOPE,),
           "ctrl+l", "、／", leaves_screen=True),
    Action("undo", "u", N_("undo"), N_("Show what was written last, and take it back when pressed once more"),
           (APP_SCOPE,), "ctrl+u",
           leaves_screen=True),
    Action("redo", "U", N_("redo"), N_("Write again what was taken back"), (APP_SCOPE,), "ctrl+w", footer=False,
           leaves_screen=True),
    Action("sync_now", "ctrl+r", N_("sync"), N_("Exchange lines with the central now"), (APP_SCOPE,), "f5"),
    Action("show_today", "1", N_("today"), N_("What needs you now"), (APP_SCOPE,), ime_variants="１",
               footer=False, leaves_screen=True),
    Action("show_projects", "2", N_("projects"), N_("The projects"), (APP_SCOPE,), ime_variants="２",
               footer=False, leaves_screen=True),
    Action("show_issues", "3", N_("issues"), N_("The issue ledger"), (APP_SCOPE,), ime_variants="３",
               footer=False, leaves_screen=True),
    Action("show_registers", "4", N_("registers"), N_("Every other register, and the limits"), (APP_SCOPE,),
           ime_variants="４", footer=False, leaves_screen=True),
    Action("show_summary", "5", N_("summary"), N_("Figures and charts of a period, and what stands out"),
           (APP_SCOPE,), ime_variants="５", footer=False, leaves_screen=True),
    Action("show_sync", "6", N_("sync"), N_("What is unsent and agreed, and how the last rounds went"),
           (APP_SCOPE,), ime_variants="６", footer=False, leaves_screen=True),
    Action("address_book", "7", N_("address book"), N_("People and units: phones, roles, open issues"), (APP_SCOPE,),
           ime_variants="７", footer=False, leaves_screen=True),
    Action("jump", "ctrl+o", N_("jump"), N_("Show a label on every control, and go to the one whose label is typed"),
           (APP_SCOPE, "filters"), footer=False),
    Action("settings", ",", N_("settings"), N_("The settings, and where the files are"), (APP_SCOPE,), "ctrl+g",
           "，", footer=False, leaves_screen=True),
    Action("palette", "ctrl+k", N_("everything"), N_("Everything that can be done here, with its key"), (APP_SCOPE,),
           "f1", ":：", footer=False, leaves_screen=True),
    Action("back", "escape", N_("back"), N_("Back to where you came from"),
           ("project", "issue", "line", "lookup", "history", FORM_SCOPE, "menu", "confirm", "danger", "notice",
            "filters", "help",
            "registers", "register", "register_line", "limits", "reports", "approvals", "sync", "meeting_mode",
            "meeting_setup", "minutes", "settings", "setting", "setup", "import_table", "summary_part",
            "conflicts", "rejected", "bin", "issues", "seat", "waiting", "audit", "code", "address_book", "doubles",
            "hand_over", "holidays", "light_proof", "host", "picker", "attachments", "keys")),
    Action("lock_now", "L", N_("lock"), N_("Hide everything until the PIN is typed"), (APP_SCOPE,),
           "ctrl+backslash", footer=False),
    Action("help", "?", N_("help"), N_("What can be done on this screen"), (APP_SCOPE,), "f12", "？"),
    Action("guide", "t", N_("guide"), N_("Choose a page of the guide: what to do when"), ("help",), "f6"),
    Action("next_theme", "", N_("theme"), N_("The next theme: dark, light, high contrast"), (APP_SCOPE,), "ctrl+t",
           footer=False),
    Action("next_language", "", N_("language"), N_("中文 / English"), (APP_SCOPE,), "f11",
               footer=False, leaves_screen=True),
    Action("quit", "q", N_("quit"), N_("Leave; everything is kept"), (APP_SCOPE,), "ctrl+q", footer=False),
)  # fmt: skip
"""In the order in which the footer shows them; what does not fit is in the help."""

LIST_KEY_HELP = (
    (("up", "down", "j", "k"), N_("One line up or down")),
    (("pageup", "pagedown"), N_("One page up or down")),
    (("home", "end", "g", "G"), N_("To the first or the last line")),
    (("space",), N_("Select the line, for an act on several; again: no longer")),
)
"""Keys that every list knows: shown by the help."""
LIST_KEYS = frozenset({"up", "down", "j", "k", "pageup", "pagedown", "home", "end", "g", "G", "space", "enter"})
"""The same, for who wants a key of their own: a list takes these before a screen hears of them."""


def actions_in(scope: str) -> tuple[Action, ...]:
    """The actions of one scope, in the table's order."""
    return tuple(action for action in ACTIONS if scope in action.scopes)


def scopes() -> list[str]:
    """Every scope that has actions of its own."""
    return sorted({scope for action in ACTIONS for scope in action.scopes} - {APP_SCOPE})


def active_actions(scope: str) -> tuple[Action, ...]:
    """The actions whose keys work in a scope: its own, and those of the app that reach it."""
    if scope in PANEL_SCOPES:
        return actions_in(scope)
    own = actions_in(scope)
    everywhere = (action for action in actions_in(APP_SCOPE) if action not in own)
    return (*own, *(action for action in everywhere if not (scope == FORM_SCOPE and action.leaves_screen)))


def keys_of(action: Action, keys: KeysByAction) -> tuple[str, ...]:
    """The keys of an action where ``keys`` are wanted instead of the table's."""
    return keys.get(action.id) or action.default_keys


def apply_keymap(keys: KeysByAction) -> None:
    """Obey these keys instead of the table's from now on; they are without conflicts (``tui/keys/keymap.py``)."""
    _custom_keys.clear()
    _custom_keys.update(keys)


def normalize_key(key: str) -> str:
    """A key as the table writes it: a character as it is, a name in small letters."""
    return key if len(key) == 1 else key.lower()


def bindings_in(scope: str) -> list[Binding]:
    """The key bindings of a scope, for the ``BINDINGS`` of a Textual class."""
    from textual.binding import Binding  # noqa: PLC0415 - the command line reads this table without Textual

    return [
        Binding(to_textual_keys(action.default_keys), action.id, action.label, show=False, priority=action.priority,
                id=action.id)
        for action in actions_in(scope)
    ]  # fmt: skip


def to_textual_keys(keys: Sequence[str]) -> str:
    """Keys as Textual takes them: separated by commas, the comma itself by its name."""
    return ",".join("comma" if key == "," else key for key in keys)


def format_key(key: str) -> str:
    """A key as people see it: ``^S`` for ctrl+s, the word for enter, capitals for function keys."""
    if key.startswith("ctrl+"):
        letter = key.removeprefix("ctrl+")
        return "^" + _SIGNS.get(letter, letter.upper())
    if key.startswith("shift+"):
        return value_label("key", "shift") + format_key(key.removeprefix("shift+"))
    if len(key) > 1 and key[1:].isdigit():
        return key.upper()
    return key if len(key) == 1 else value_label("key", key)


def footer_key(action: Action, typing: bool) -> str:
    """The key that the footer shows: the IME-safe one while a field has the focus, where a character would be typed."""
    beside = [key for key in action.displayed_keys if len(key) > 1]
    return format_key(beside[0] if typing and beside else action.displayed_keys[0])


def format_keys(action: Action) -> str:
    """The keys of an action as the help lists them."""
    return " ".join(map(format_key, action.displayed_keys))


def action_labels() -> dict[str, str]:
    """Every action's label in the language in use, by id."""
    return {action.id: _(action.label) for action in ACTIONS}
