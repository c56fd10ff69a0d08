"""The issues in the form of a visit: new ones that came up there, those of the project that moved on, and the list of
its open ones to choose from. Each is a row that unfolds while one is in it; the title, or the text, is enough.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from itertools import count
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Label

from tui.i18n.dates import day_shown
from tui.i18n.translate import N_, _, word
from tui.presenters.common import light_cell, widest
from tui.screens.acts import LETTERS, choices
from tui.screens.issue_form import CATEGORIES, DAY_HINT, KINDS, category_word
from tui.widgets.autocomplete import NameField
from tui.widgets.cells import inert, plain
from tui.widgets.columns import Column
from tui.widgets.fields import ChoiceField, Field, TextField
from tui.widgets.long_list import LongList

if TYPE_CHECKING:
    from store.queries.issues import IssueRow

MOVES: Mapping[str, tuple[str, ...]] = {
    "progress": ("text",),
    "accept": ("text",),
    "settle": ("measure", "evidence"),
    "wait": ("reason", "until"),
    "extend": ("reason", "due"),
    "escalate": ("reason",),
    "dispute": ("reason",),
    "tell": ("text",),
    "remind": ("text",),
}
"""The acts that can be done from within a visit, the likeliest first, with what each asks for."""
_OPTIONAL = ("accept",)
_LABELS = {
    "text": N_("Text"), "measure": N_("Measure"), "reason": N_("Reason"), "evidence": N_("Evidence"),
    "until": N_("Until"), "due": N_("Due"),
}  # fmt: skip
Given = Mapping[str, str]
_NUMBERS = count(1)


class Row(Vertical):
    """One issue in the form. ``given`` is what it holds before its fields are there, and when they are not yet."""

    PARTS: ClassVar[Sequence[str]] = ()
    DEFAULT_CSS = """
    Row { height: auto; }
    Row .more { display: none; }
    Row.-open .more { display: block; }
    Row.-open .more.-off { display: none; }
    """

    def __init__(self, given: Given) -> None:
        super().__init__()
        self._given = dict(given)
        self._number = next(_NUMBERS)
        self.ready = False

    def part(self, name: str) -> Any:
        """The field of this name."""
        return self.query_one(f"#field-{name}-{self._number}")

    def within(self, field: Field, classes: str = "") -> Field:
        """``field`` as a part of this row, and none of the form's own."""
        return field.add_class("within", *classes.split())

    def named(self, name: str) -> str:
        """The name of a part: there may be several rows."""
        return f"{name}-{self._number}"

    @on(events.DescendantFocus)
    def unfold(self) -> None:
        """While one is here all of it is shown."""
        self.add_class("-open")

    @on(events.DescendantBlur)
    def fold(self) -> None:
        """One line is enough when one has left."""
        self.set_class(self.has_focus_within, "-open")

    def given(self) -> dict[str, str]:
        """What it holds, as the draft keeps it."""
        return self._read() if self.ready else dict(self._given)

    def _read(self) -> dict[str, str]:
        raise LookupError(f"{type(self).__name__} reads nothing")

    def lacks(self) -> Field | None:
        """The field that must still be filled in, if any."""
        raise LookupError(f"{type(self).__name__} needs nothing")

    def on_mount(self) -> None:
        """Its fields are there: show what it holds."""
        for name in self.PARTS:
            if name in self._given:
                self.part(name).put(self._given[name])
        if self._given.get("department_id"):
            self.part("department").remember(self._given["department"], self._given["department_id"])
        self.ready = True


class RaisedRow(Row):
    """A new issue."""

    PARTS = ("title", "kind", "category", "department", "due")

    def compose(self) -> ComposeResult:
        """The title; below it, while one is here, the rest."""
        yield self.within(TextField(self.named("title"), N_("New issue"), hint=N_("the issue in a few words")))
        yield self.within(
            ChoiceField(self.named("kind"), N_("Kind"), KINDS, lambda kind: word("issue.kind", kind)), "more"
        )
        yield self.within(ChoiceField(self.named("category"), N_("Category"), CATEGORIES, category_word), "more")
        yield self.within(NameField(self.named("department"), N_("Department"), "unit", hint=N_("proposed")), "more")
        yield self.within(TextField(self.named("due"), N_("Due"), hint=DAY_HINT), "more")

    def _read(self) -> dict[str, str]:
        held = {name: str(self.part(name).value) for name in self.PARTS}
        chosen = self.part("department").chosen_id
        return {name: value for name, value in {**held, "department_id": chosen or ""}.items() if value}

    def lacks(self) -> Field | None:
        """A title, where anything but the kind is said."""
        held = self.given()
        field: Field = self.part("title")
        return field if not held.get("title") and held.keys() - {"kind"} else None


class MovedRow(Row):
    """What is done on an issue that is there: an act, and what it asks for."""

    PARTS = ("verb", "first", "second")

    def compose(self) -> ComposeResult:
        """The issue, its text, and, while one is here, which act it is."""
        verbs = self.verbs
        which = _("On {number} {title}").format(
            number=self._given.get("number", ""), title=self._given.get("title", "")
        )
        yield Label(plain(inert(which)), classes="which")
        yield self.within(ChoiceField(self.named("verb"), N_("Act"), verbs, lambda verb: word("act", verb)), "more")
        yield self.within(TextField(self.named("first"), N_("Text")))
        yield self.within(TextField(self.named("second"), N_("Evidence")), "more")

    @property
    def verbs(self) -> Sequence[str]:
        """The acts that were possible when it was chosen."""
        return self._given.get("verbs", "progress").split()

    def on_mount(self) -> None:
        """Ask for what the act needs."""
        super().on_mount()
        self.asked()

    @on(Field.Changed)
    def asked(self) -> None:
        """Another act asks for other things."""
        asks = MOVES.get(self.part("verb").value, ("text",))
        for name, asked in zip(("first", "second"), (*asks, ""), strict=False):
            part = self.part(name)
            part.set_class(not asked, "-off")
            if asked:
                part.label = _LABELS[asked]
                part.query_one(Label).update(plain(_(part.label)))

    def _read(self) -> dict[str, str]:
        about = {name: self._given[name] for name in ("issue", "number", "title", "verbs") if name in self._given}
        return about | {name: str(self.part(name).value) for name in self.PARTS if self.part(name).value}

    def done(self) -> dict[str, str]:
        """What is done, as the registers take it."""
        held = self.given()
        verb = held.get("verb", "progress")
        asks = zip(MOVES[verb], (held.get("first", ""), held.get("second", "")), strict=False)
        return {"issue": held["issue"], "verb": verb, **{name: value for name, value in asks if value}}

    def lacks(self) -> Field | None:
        """What the act needs and has not been given."""
        done = self.done()
        missing = [name for name in MOVES[done["verb"]] if name not in done and done["verb"] not in _OPTIONAL]
        field: Field | None = (
            self.part("first" if missing[0] == MOVES[done["verb"]][0] else "second") if missing else None
        )
        return field


class Rows(Field):
    """All rows of one sort, as one field of the form: its value is a list, or "" where there is none."""

    DEFAULT_CSS = "Rows { layout: vertical; margin: 0; }"
    make: Callable[[Given], Row]

    def compose(self) -> ComposeResult:
        """Nothing before there are rows."""
        yield from ()

    @property
    def rows(self) -> list[Row]:
        """The rows, in the order in which they were added."""
        return list(self.query(Row))

    @property
    def value(self) -> Any:
        """What the rows hold; a row with nothing said in it counts for nothing."""
        return [held for row in self.rows if (held := row.given()) and not self.is_blank(held)] or ""

    def is_blank(self, held: Given) -> bool:
        """Whether nothing was said in this row."""
        raise LookupError(f"{type(self).__name__} knows no blank row for {held}")

    def put(self, value: Any) -> None:
        """Show these rows, before what was added already."""
        if value:
            self.mount_all([self.make(held) for held in value], before=0 if self.children else None)

    async def add(self, given: Given, part: str) -> None:
        """One more row, the cursor in this part of it."""
        row = self.make(given)
        row.unfold()
        await self.mount(row)
        row.part(part).enter()
        row.scroll_visible(animate=False)

    @on(Field.Changed)
    def told(self, message: Field.Changed) -> None:
        """A change in a row is one of this field."""
        if message.field is not self:
            message.stop()
            self.changed()

    def lacks(self) -> Field | None:
        """The first field in any row that must still be filled in."""
        said = [row for row in self.rows if not self.is_blank(row.given())]
        return next((one for row in said if (one := row.lacks()) is not None), None)


class Raised(Rows):
    """The issues that came up."""

    make = RaisedRow

    def is_blank(self, held: Given) -> bool:
        """A kind is chosen from the beginning."""
        return not held.keys() - {"kind"}

    @property
    def given(self) -> list[dict[str, str]]:
        """As the registers take them: the department as id where one was chosen."""
        return [_by_id(held) for held in self.value or ()]


class Moved(Rows):
    """The issues that moved on."""

    make = MovedRow

    def is_blank(self, held: Given) -> bool:
        """What was chosen from the list and not written about; accepting needs no words."""
        return not held.get("first") and not held.get("second") and held.get("verb") not in _OPTIONAL

    @property
    def given(self) -> list[dict[str, str]]:
        """As the registers take them."""
        return [row.done() for row in self.rows if isinstance(row, MovedRow) and not self.is_blank(row.given())]


class OpenIssues(LongList["IssueRow"]):
    """The project's open issues. Space, enter, or the letter of an act takes the one under the cursor; no other letter
    is a command, so that nobody leaves the form by a slip. ``take`` is told the issue and the act, "" for the
    likeliest; it is awaited, so that what is typed next goes where it leads."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(LETTERS[verb], f"take('{verb}')", show=False) for verb in MOVES),
        Binding("space,ideographic_space,enter", "take('')", show=False),
    ]

    def __init__(self, now_ms: Callable[[], int], take: Callable[[IssueRow, str], Awaitable[None]]) -> None:
        super().__init__(_columns(now_ms), id="open-issues")
        self._taken = take

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Characters that mean nothing here are no commands of the app either."""
        del key
        known = {" ", "\u3000", "j", "k", "g", "G", *(LETTERS[verb] for verb in MOVES)}
        return character is not None and character.isprintable() and character not in known

    async def action_take(self, verb: str) -> None:
        """Move the issue under the cursor on."""
        if self.row is not None:
            await self._taken(self.row, verb)

    def on_long_list_opened(self, message: LongList.Opened) -> None:
        """The mouse: the likeliest act."""
        message.stop()
        self.run_worker(self._taken(message.row, ""))


def moves_on(row: IssueRow, roles: tuple[str, ...]) -> tuple[str, ...]:
    """The acts that can be done on this issue from within a visit, the likeliest first."""
    possible = {one.id for one in choices(row, roles) if one.possible}
    return tuple(verb for verb in MOVES if verb in possible)


def _columns(now_ms: Callable[[], int]) -> Sequence[Column[IssueRow]]:
    return (
        Column("", 2, lambda row: light_cell(row.light)),
        Column(N_("Open issues"), 16, lambda row: row.title, grow=4),
        Column(N_("State"), widest("state"), lambda row: word("state", row.state)),
        Column(N_("Department"), 10, lambda row: row.department or "", grow=1, from_width=64),
        Column(N_("Due"), 6, lambda row: day_shown(row.due, now_ms())),
    )


def _by_id(held: Given) -> dict[str, str]:
    given = {name: value for name, value in held.items() if name != "department_id"}
    return {**given, "department": held["department_id"]} if held.get("department_id") else given
