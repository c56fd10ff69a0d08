"""Asks what the columns of a table are that the import does not understand: a question a column, a key an answer.

`questions_of` gives the menus for an error of the import, `screen_remedy` what to do about it on the screen, where
there are no options of a command. Nothing is written here: the answers go into the field of the import's screen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from tui.i18n.labels import FAMILIES
from tui.i18n.translate import N_, _, error_text, value_label
from tui.presenters.importing import ROLES, SET_ASIDE, field_label
from tui.screens.panels import Menu, MenuItem

if TYPE_CHECKING:
    from store.exceptions import GuanjiaError

RESPONSIBILITY = "responsibility"
"""The table of projects and who serves them, as `store.importing.records.guess.import_file` calls it."""
_LEDGER_KEYS = "1234567890abcdef"
_REMEDIES = {
    "unknown_columns": N_("Enter asks about each of them; the answers stand in the field below the path."),
    "unknown_headings": N_("Enter asks which column is which; the answers stand in the field below the path."),
}
_OTHER_TABLE = N_("If it is one all the same, set its other columns aside in the field below the path: COLUMN=-.")
_REGISTERS = frozenset(
    (
        *(
            "other_table",
            "issue_ledger",
            "visit_log",
            "meeting_sheet",
            "progress_table",
            "task_list",
            "procedure_table",
        ),
        *("evaluation_table", "people_list", "report"),
    )
)


def screen_remedy(error: GuanjiaError) -> str:
    """What to do about an error of an import, for somebody at the screen."""
    if error.code in _REGISTERS:
        return _(_OTHER_TABLE)
    return _(_REMEDIES[error.code]) if error.code in _REMEDIES else error_text(error).remedy


def questions_of(error: GuanjiaError, register: str | None, take: Callable[[str, str], None]) -> list[Menu]:
    """The questions that an error leaves, one for each column; ``take`` gets the column's key and what it is.
    ``register``: which the table is; None is a responsibility table."""
    if error.code == "unknown_columns":
        from store.importing.judge import asked_columns  # noqa: PLC0415 - loaded by the import that has this error

        return [
            ColumnMenu(column.key, column.heading, column.sample, register, take) for column in asked_columns(error)
        ]
    headings = error.values.get("headings")
    if error.code == "unknown_headings" and isinstance(headings, tuple):
        return [HeadingMenu([str(heading) for heading in headings], str(error.values["lacks"]), take)]
    return []


class ColumnMenu(Menu):
    """What is this column?"""

    def __init__(
        self, key: str, heading: str, sample: str, register: str | None, take: Callable[[str, str], None]
    ) -> None:
        items = [MenuItem(field, label, str(n) if n < 10 else "") for n, (field, label) in enumerate(_of(register), 1)]
        items.append(MenuItem(SET_ASIDE, _("do not read this column"), "0"))
        shown = _("What is the column “{column}”? ({sample})") if sample else _("What is the column “{column}”?")
        super().__init__(shown.format(column=heading, sample=sample), items)
        self._key, self._take = key, take

    async def run_item(self, item: MenuItem) -> None:
        """Take the answer."""
        self._take(self._key, item.id)


def _of(register: str | None) -> list[tuple[str, str]]:
    """What a column of a table can be: the word that the field below the path has for it, and its label."""
    if register is None:
        return [(field_label(field), field_label(field)) for field in (*ROLES, "owner", "name")]
    from store.importing.records.fields import REGISTERS  # noqa: PLC0415 - loaded by the import that is asked about

    return [(field.heading, field.heading) for field in REGISTERS[register].fields]


class HeadingMenu(Menu):
    """Which column is it that the table must have?"""

    def __init__(self, headings: Sequence[str], field: str, take: Callable[[str, str], None]) -> None:
        items = [MenuItem(heading, heading, str(key) if key < 10 else "") for key, heading in enumerate(headings, 1)]
        known = {"name": _("Which column names the projects?"), "butler": _("Which column names the butlers?")}
        super().__init__(known.get(field) or _("Which column is it: {field}?").format(field=field), items)
        self._field, self._take = field, take

    async def run_item(self, item: MenuItem) -> None:
        """Take the answer."""
        self._take(item.id, field_label(self._field) if self._field in ("name", "butler") else self._field)


class TableColumns(Menu):
    """The columns of a table with what each was taken for; one of them is chosen to be something else."""

    def __init__(self, pairs: Sequence[tuple[str, str]], choose: Callable[[int], None]) -> None:
        items = [
            MenuItem(str(place), heading, str(place + 1) if place < 9 else "", meaning)
            for place, (heading, meaning) in enumerate(pairs)
            if heading
        ]
        super().__init__(_("Which column is something else?"), items)
        self._choose = choose

    async def run_item(self, item: MenuItem) -> None:
        """Ask what it is."""
        self._choose(int(item.id))


class LedgerMenu(Menu):
    """Which ledger is the table?"""

    def __init__(self, take: Callable[[str], None]) -> None:
        names = (RESPONSIBILITY, *FAMILIES["register"])
        items = [MenuItem(name, ledger_label(name), _LEDGER_KEYS[n]) for n, name in enumerate(names)]
        super().__init__(_("Which ledger is the table?"), items)
        self._take = take

    async def run_item(self, item: MenuItem) -> None:
        """Take the answer."""
        self._take(item.id)


def ledger_label(name: str) -> str:
    """The name of a ledger that a table can be."""
    return _("Responsibility table") if name == RESPONSIBILITY else value_label("register", name)
