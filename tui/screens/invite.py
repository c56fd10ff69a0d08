"""Invite somebody: a form that makes a one-time code, and the code itself, shown once and printable on a slip."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical

from store.home.paths import write_private
from tui.data.bureau_seat import SeatRow, run_admin
from tui.i18n.labels import FAMILIES
from tui.i18n.translate import N_, _, value_label
from tui.keys.actions import bindings_in
from tui.presenters.seat import slip_text
from tui.reports import personal_file
from tui.screens.bars import KeyBar
from tui.screens.base import Panel
from tui.screens.settings import FileWorkerMixin
from tui.screens.setup import SetupForm
from tui.widgets.fields import ChoiceField, FormField, TextField
from tui.widgets.page import BlankLine, PageBlock, PageTitle, PageView, Passage

if TYPE_CHECKING:
    from tui.data.form_values import FormValues
    from tui.data.subprocess import CommandResult

DEFAULT_HOURS, MAX_HOURS = 24, 168
BY_TABLE = "table"
"""No role of its own: what the responsibility table gives the person."""
_WHICH = ("", "again", "new")


class InviteForm(SetupForm):
    """Who, for how long, and as what. A name and enter are enough."""

    required_fields = ("name",)
    progress_text = N_("Asking the central")

    @property
    def heading(self) -> str:
        """The form's title."""
        return _("Invite somebody")

    def make_fields(self) -> Sequence[FormField]:
        """The name first; all else has a usual value."""
        return (
            TextField("name", N_("Full name")),
            ChoiceField("role", N_("Role"), (BY_TABLE, *FAMILIES["role"]), _role_label),
            TextField(
                "place", N_("For which"), hint=N_("the projects of the role, or its department; several with ；")
            ),
            TextField("hours", N_("Hours valid"), hint=N_("24; up to 168, which is seven days")),
            ChoiceField("which", N_("Known already"), _WHICH, _which_label),
        )

    def about(self) -> Sequence[str]:
        """What a code is."""
        return (
            _("The code is shown once, and is good once: on the device of the person whom it is for."),
            _("A person has one code at a time: a new one ends the one before."),
        )

    def validation_error(self) -> tuple[str, str] | None:
        """Hours that no code is good for."""
        hours = self.query_one("#field-hours", FormField).value or str(DEFAULT_HOURS)
        if re.fullmatch("[0-9]{1,3}", hours) and 1 <= int(hours) <= MAX_HOURS:
            return None
        return "hours", _("A code is good for 1 to 168 hours.")

    def run_command(self, values: FormValues) -> CommandResult:
        """Make the code."""
        arguments = ["invite", str(values["name"]), "--hours", str(values["hours"] or DEFAULT_HOURS)]
        role, which = str(values["role"]), str(values["which"] or "")
        if role != BY_TABLE:
            arguments += ["--role", role]
        places = [place.strip() for place in re.split("[;；、]", str(values["place"] or "")) if place.strip()]
        option = "--department" if role == "department" else "--project"
        for place in places:
            arguments += [option, place]
        return run_admin(self.app.program_command, self.app.home, *arguments, *([f"--{which}"] if which else []))

    def action_back(self) -> None:
        """Back, but not while the central is asked: a code that nobody has seen would wait for its person."""
        if self._busy:
            self.show_message(_("The central is asked already; the code comes in a moment."))
            return
        super().action_back()

    async def after_success(self, result: CommandResult) -> None:
        """Show the code in the place of the form."""
        self.app.pending_drafts.pop(type(self).__name__, None)
        facts = result.value if isinstance(result.value, dict) else {}
        self.dismiss()
        made = SeatRow(str(facts.get("id")), "code", result.fact("name"), "", facts)
        await self.app.open_screen("code_panel", made)


def _role_label(role: str) -> str:
    return _("as the responsibility table says") if role == BY_TABLE else value_label("role", role)


def _which_label(which: str) -> str:
    labels = {"": _("ask me"), "again": _("the same person, one device more"), "new": _("another person of that name")}
    return labels[which]


class CodePanel(Panel, FileWorkerMixin):
    """The code, until it is put away."""

    key_scope = "code"
    CSS_PATH = "panels.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_in("code")]

    def __init__(self, made: SeatRow) -> None:
        super().__init__()
        self._made = made

    def compose(self) -> ComposeResult:
        """For whom, the code, and until when."""
        with Vertical(classes="panel"):
            yield PageView(self._blocks(), id="question")
            yield KeyBar(self.key_scope)

    def _blocks(self) -> list[PageBlock]:
        until = self._made.text("expires_at")[:16].replace("T", " ")
        return [
            PageTitle(_("For: {name}").format(name=self._made.name)),
            BlankLine(),
            PageTitle(self._made.text("code")),
            BlankLine(),
            Passage(_("Good once, until {time}.").format(time=until)),
            Passage(_("It cannot be shown again."), "muted"),
        ]

    def action_write_slip(self) -> None:
        """Write the slip to a text file that only we can read."""
        status = self.app.sync_status
        central, district = (status.told_address or "", status.district) if status else ("", "")
        text = slip_text(self._made, central, district)
        self.run_file_job(partial(_write_slip, self._made.name, text), self._handle_written)

    def _handle_written(self, path: Path) -> None:
        self.app.show_message(_("Written: {file}").format(file=path))


def _write_slip(name: str, text: str) -> Path:
    path = personal_file(".txt", _("Code to join"), name)
    write_private(path, text.encode())
    return path
