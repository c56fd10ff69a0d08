"""Erasing what is held on one person: why and on which basis, then two questions, since it cannot be undone.

Next: ``store/commands/erasures.py`` (what is emptied), ``tui/presenters/erasure.py`` (what is asked and told).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, Protocol

from store import commands, queries
from tui.data.form_values import FormValues
from tui.i18n.translate import N_, _
from tui.presenters.erasure import erased_blocks, erasure_question, last_question
from tui.screens.form import Form
from tui.screens.form_state import FormState
from tui.screens.panels import Confirm, Notice
from tui.widgets.fields import ChoiceField, FormField, TextField

if TYPE_CHECKING:
    from store.commands.erasures import ErasurePlan
    from store.queries.attachments import AttachmentRow
    from tui.data.reader import Reader
    from tui.widgets.page import PageBlock


_STAYING, _GOING = "stay", "go"
_CHOICES = {
    _STAYING: N_("all stay"),
    _GOING: N_("those that name the person go too"),
}


class _Preview(NamedTuple):
    """Who would be erased, by name, and what; and the attached files that name them, which may go with them."""

    name: str
    plan: ErasurePlan
    files: list[AttachmentRow]

    def question(self, said: Mapping[str, str]) -> Sequence[PageBlock]:
        """What erasing them would do."""
        return erasure_question(self.name, self.plan, self.going(said), said["reason"], said["basis"])

    def going(self, said: Mapping[str, object]) -> list[AttachmentRow]:
        """The files that go with them, as was chosen."""
        return self.files if said["with_files"] == _GOING else []


class ErasurePreview(Protocol):
    """What would be erased: its name, and the question about it."""

    @property
    def name(self) -> str:
        """How people call it."""
        ...

    def question(self, said: Mapping[str, str]) -> Sequence[PageBlock]:
        """What erasing it would do, as the form's fields say it."""
        ...


class ErasureForm(Form):
    """The reason and the legal basis of an erasure; ``erased_id`` is the id of what is erased, here of a person."""

    first_field = "reason"
    required_fields = ("reason", "basis")

    def __init__(self, erased_id: str) -> None:
        super().__init__()
        self.erased_id = erased_id
        self.told: Sequence[PageBlock] = ()
        """What is said once it is done."""

    @property
    def heading(self) -> str:
        """The act."""
        return _("Erase personal information")

    @property
    def draft_key(self) -> str:
        """One draft for each of them."""
        return f"erasure:{self.erased_id}"

    def make_fields(self) -> Sequence[FormField]:
        """Why, by which law, and whether attached files that name the person go with them."""
        return *self.reason_fields(), ChoiceField("with_files", N_("Attached files"), tuple(_CHOICES), _choice)

    def reason_fields(self) -> Sequence[FormField]:
        """Why, and by which law."""
        hint = N_("it is kept, so it must not name the person")
        return TextField("reason", N_("Reason"), hint=hint), TextField("basis", N_("Legal basis"))

    def load_state(self, reader: Reader) -> FormState:
        """The usual basis."""
        (name,) = reader.run(queries.hand_over.names_of_people, [self.erased_id])
        return FormState({"basis": commands.erasures.DEFAULT_BASIS}, head=name or "?")

    def action_save(self) -> None:
        """Read what it would empty, then ask twice."""
        if self._initial_state is None or self._saving or self._report_missing_fields():
            return
        self.read_in_thread(self.preview, self._ask, "preview")

    def preview(self, reader: Reader) -> ErasurePreview:
        """What it would empty."""
        return _preview(reader, self.erased_id)

    def _ask(self, preview: ErasurePreview) -> None:
        said = {field.key: field.value for field in self.fields}
        blocks = preview.question(said)
        self.app.push_screen(Confirm(blocks, partial(self._ask_again, preview.name), danger=True))

    def _ask_again(self, name: str) -> None:
        self.app.push_screen(Confirm(last_question(name), super().action_save, danger=True))

    def save(self, reader: Reader, values: FormValues) -> str:
        """Erase the person as of now, and write the files anew."""
        reason, basis = str(values["reason"]), str(values["basis"])
        preview = _preview(reader, self.erased_id)
        files = [row.id for row in preview.going(values)]
        reader.writer.run_final(
            lambda ledger: commands.erasures.erase(ledger, preview.plan, reason, basis, files=files)
        )
        is_scrubbed = reader.writer.scrub()
        self.told = erased_blocks(preview.plan, files, is_scrubbed=is_scrubbed)
        return self.erased_id

    def after_save(self, line_id: str | None) -> None:
        """Say what was emptied and what stays."""
        del line_id
        self.dismiss(None)
        self.app.push_screen(Notice(self.told))


def _preview(reader: Reader, person: str) -> _Preview:
    plan = reader.run(commands.erasures.plan_erasure, person)
    (name,) = reader.run(queries.hand_over.names_of_people, [person])
    return _Preview(name or "?", plan, reader.run(commands.erasures.files_with, plan.files))


def _choice(value: str) -> str:
    return _(_CHOICES[value])
