"""Asks what the columns of a table are that the import does not understand: a question a column, a key an answer.

`questions_of` gives the menus for an error of the import, `screen_remedy` what to do about it on the screen, where
there are no options of a command. Nothing is written here: the answers go into the field of the import's screen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from tui.i18n.translate import N_, _, error_text, value_label
from tui.screens.panels import Menu, MenuItem

if TYPE_CHECKING:
    from store.exceptions import GuanjiaError
    from store.importing.judge import AskedColumn

SET_ASIDE = "-"
_ROLES = (
    *("lead_leader", "butler", "project_secretary", "department_contact", "enterprise_contact", "lead_unit"),
    "service_team",
)
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


def field_label(field: str) -> str:
    """What a column is, as the field below the path has it and `store.importing.judge.parse_mapping` reads it."""
    if field == SET_ASIDE:
        return SET_ASIDE
    return value_label("assignment.role", field) if field in _ROLES else value_label("import_field", field)


def questions_of(error: GuanjiaError, take: Callable[[str, str], None]) -> list[Menu]:
    """The questions that an error leaves, one for each column; ``take`` gets the column's key and what it is."""
    if error.code == "unknown_columns":
        from store.importing.judge import asked_columns  # noqa: PLC0415 - loaded by the import that has this error

        return [ColumnMenu(column, take) for column in asked_columns(error)]
    headings = error.values.get("headings")
    if error.code == "unknown_headings" and isinstance(headings, tuple):
        return [HeadingMenu([str(heading) for heading in headings], str(error.values["lacks"]), take)]
    return []


class ColumnMenu(Menu):
    """What is this column?"""

    def __init__(self, column: AskedColumn, take: Callable[[str, str], None]) -> None:
        fields = (*_ROLES, "owner")
        items = [MenuItem(field, field_label(field), str(key)) for key, field in enumerate(fields, 1)]
        items.append(MenuItem(SET_ASIDE, _("do not read this column"), "0"))
        title = _("What is the column “{column}”? ({sample})").format(column=column.heading, sample=column.sample)
        super().__init__(title, items)
        self._key, self._take = column.key, take

    async def run_item(self, item: MenuItem) -> None:
        """Take the answer."""
        self._take(self._key, item.id)


class HeadingMenu(Menu):
    """Which column names the projects, or who serves them?"""

    def __init__(self, headings: Sequence[str], field: str, take: Callable[[str, str], None]) -> None:
        items = [MenuItem(heading, heading, str(key) if key < 10 else "") for key, heading in enumerate(headings, 1)]
        title = _("Which column names the projects?") if field == "name" else _("Which column names the butlers?")
        super().__init__(title, items)
        self._field, self._take = field, take

    async def run_item(self, item: MenuItem) -> None:
        """Take the answer."""
        self._take(item.id, self._field)
