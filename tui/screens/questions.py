"""What a form asks back before it writes: names that no line has, and days that are mostly slips.

`TypedValues` is what a form holds of them, `find_questions` (in a thread) what of it is doubtful, `ask` puts the first
question: which of the known ones is meant, or “add it?”. The rules are the store's: ``store/commands/new_names.py`` and
``store/commands/day_doubts.py``; the command line asks by them, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from store import commands
from store.values.name_lists import split_name_list
from store.values.times import district_time
from tui.data.suggestion import Suggestion
from tui.i18n.translate import _, error_text
from tui.screens.panels import Confirm, Menu, MenuItem
from tui.widgets.autocomplete import NameField
from tui.widgets.day_field import DayField
from tui.widgets.fields import FormField, TextField
from tui.widgets.page import PageBlock, PageTitle, Passage

if TYPE_CHECKING:
    from store.commands.new_names import NewName, TypedName
    from store.exceptions import BadTime
    from store.values.name_cores import NameKind
    from tui.app.app import GuanjiaApp
    from tui.data.reader import Reader

ADD = "add"


@dataclass
class TypedValues:
    """What was typed into a form that may be asked back. ``names`` become lines, those of ``projects`` always,
    ``remarks`` stay text; ``visited`` is the time of a visit, ``until`` the end of a wait."""

    names: list[TypedName] = field(default_factory=list)
    projects: list[TypedName] = field(default_factory=list)
    remarks: list[TypedName] = field(default_factory=list)
    visited: str | None = None
    due: list[str] = field(default_factory=list)
    until: str | None = None


@dataclass(frozen=True)
class Questions:
    """What is doubtful of it: at least one name or day."""

    names: Sequence[NewName]
    days: Sequence[BadTime]


@dataclass
class Answers:
    """What a person has said of one form's questions: names that are new, days that are meant, phones of known people
    (by id) that are corrected with what is saved."""

    names: set[TypedName] = field(default_factory=set)
    days: set[str] = field(default_factory=set)
    phones: dict[str, str] = field(default_factory=dict)


def typed_values(fields: Iterable[FormField], answers: Answers) -> TypedValues:
    """What the fields hold that is not chosen from a list nor confirmed."""
    typed = TypedValues()
    for each in fields:
        if isinstance(each, NameField):
            kind = _kind_of(each)
            held = [(kind, name) for name in _names_in(each)] if kind else []
            (typed.remarks if each.as_text else typed.names).extend(name for name in held if name not in answers.names)
        elif isinstance(each, TextField) and each.names_project:
            project: TypedName = ("project", each.value)
            typed.projects += [project] if project not in answers.names else []
        elif isinstance(each, DayField) and each.asked_back and each.touched and each.value not in answers.days:
            if each.toward == "past":
                typed.visited = each.value
            elif each.key == "until":
                typed.until = each.value
            else:
                typed.due.append(each.value)
    return typed


def _kind_of(name_field: NameField) -> NameKind | None:
    return "person" if name_field.kind == "person" else "unit" if name_field.kind == "unit" else None


def _names_in(name_field: NameField) -> Iterable[str]:
    names = split_name_list(name_field.value).names if name_field.several else (name_field.value,)
    return [name for name in names if name and name not in name_field.ids]


def find_questions(reader: Reader, typed: TypedValues) -> Questions | None:
    """What of it is doubtful; None where nothing is. A day that is none is left to the command, which refuses it. For a
    thread: loads what writing needs."""
    days: list[BadTime] = []
    if typed.visited or typed.due or typed.until:
        now = district_time(reader.corrected_now_ms())
        days = commands.day_doubts.find_day_doubts(now, visited=typed.visited, due=typed.due, until=typed.until)
    names: list[NewName] = []
    if typed.names or typed.remarks or typed.projects:
        new_projects = reader.run(commands.new_names.find_new_names, typed.projects, known=True)
        names = [new for new in new_projects if new.candidates]
        names += reader.run(commands.new_names.find_new_names, typed.names)
        names += [new for new in reader.run(commands.new_names.find_new_names, typed.remarks) if new.candidates]
    return Questions(names, days) if names or days else None


def ask(
    app: GuanjiaApp, questions: Questions, answers: Answers, fields: Sequence[FormField], go_on: Callable[[], None]
) -> None:
    """Put the first question; ``go_on`` is called when it is answered, and asks for what is left."""
    if questions.names:
        new = questions.names[0]

        def take(chosen: Suggestion | None, phone: str = "") -> None:
            if chosen is None:
                answers.names.add((new.kind, new.text))
            elif phone and chosen.id:
                answers.phones[chosen.id] = phone
            for each in fields:
                if chosen is not None and isinstance(each, NameField) and each.kind == new.kind:
                    each.replace_name(new.text, chosen)
            go_on()

        as_text = all(each.as_text for each in fields if isinstance(each, NameField) and new.text in _names_in(each))
        status = app.sync_status
        corrects = status is None or status.may_write("contact", "change")
        may_add = as_text or _may_add(app, new.kind)
        app.push_screen(NewNameMenu(new, take, may_add=may_add, as_text=as_text, corrects=corrects))
        return

    def confirm() -> None:
        answers.days.update(str(doubt.values["text"]) for doubt in questions.days)
        go_on()

    question: list[PageBlock] = [PageTitle(_("Is this day meant?"))]
    question += [Passage(error_text(doubt).what) for doubt in questions.days]
    app.push_screen(Confirm(question, confirm))


def correct_phones(reader: Reader, answers: Answers) -> None:
    """Correct the phones that were said to be corrected, as a step that can be undone; in a thread."""
    phones = {person: commands.address_book.PhoneChanges(phone) for person, phone in answers.phones.items()}
    if phones:
        reader.writer.run(
            lambda ledger: [
                commands.address_book.edit(ledger, "person", person, phones=changes)
                for person, changes in phones.items()
            ]
        )
    answers.phones.clear()


def _may_add(app: GuanjiaApp, kind: NameKind) -> bool:
    return app.sync_status is None or app.sync_status.may_write(kind, "create")


class NewNameMenu(Menu):
    """Whom a name means that no line has: one of those that it is like, also with the typed phone instead of theirs, or
    somebody new. ``take`` gets the chosen one (None for a new one) and the phone that corrects theirs; escape leads
    back to the form."""

    def __init__(
        self,
        new: NewName,
        take: Callable[[Suggestion | None, str], None],
        *,
        may_add: bool = True,
        as_text: bool = False,
        corrects: bool = True,
    ) -> None:
        self._take, self._phone, self._corrects = take, "", corrects
        known = [
            MenuItem(line.id, line.name, str(place), new.details(line), new.kind != "project")
            for place, line in enumerate(new.candidates, 1)
        ]
        label = (_("leave “{text}” as it is") if as_text else _("add “{text}” as new")).format(text=new.text)
        note = "" if may_add else _("your roles may not add names here")
        title = _("“{text}” is not known here. Which is meant?") if known else _("“{text}” is not known here. Add it?")
        if new.kind == "project":
            title = _("“{text}” is like these projects. Add it all the same?")
        super().__init__(
            title.format(text=new.text), [*self._corrections(new), *known, MenuItem(ADD, label, "n", note, may_add)]
        )

    def _corrections(self, new: NewName) -> list[MenuItem]:
        """The known people of the typed name whose phone the typed one would correct; c is for the first."""
        lines, self._phone = commands.new_names.namesakes_with_other_phone(new)
        self._to_correct = {f"phone {line.id}": line for line in lines}
        return [
            MenuItem(
                choice, _("correct the phone"), "c" if place == 0 else "",
                f"{new.candidate_text(line)} -> {self._phone}" if self._corrects
                else _("your roles may not correct phones here"), self._corrects,
            )
            for place, (choice, line) in enumerate(self._to_correct.items())
        ]  # fmt: skip

    async def run_item(self, item: MenuItem) -> None:
        """Hand over the choice."""
        if item.id in self._to_correct:
            line = self._to_correct[item.id]
            self._take(Suggestion(line.name, "", line.id), self._phone)
        else:
            self._take(None if item.id == ADD else Suggestion(item.label, item.note, item.id), "")
