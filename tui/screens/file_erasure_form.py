"""Erasing an attached file for good: why and on which basis, then two questions, since it cannot be undone."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from store import commands
from tui.data.form_values import FormValues
from tui.i18n.translate import _
from tui.presenters.erasure import file_erasure_question, files_erased_blocks
from tui.screens.erasure_form import ErasureForm
from tui.screens.form_state import FormState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from store.queries.attachments import AttachmentRow
    from tui.data.reader import Reader
    from tui.widgets.fields import FormField
    from tui.widgets.page import PageBlock


class _FilePreview(NamedTuple):
    """Which file would be erased, by name, and wherever it is attached."""

    name: str
    files: list[AttachmentRow]

    def question(self, said: Mapping[str, str]) -> Sequence[PageBlock]:
        """What erasing it would do."""
        return file_erasure_question(self.name, len(self.files), said["reason"], said["basis"])


class FileErasureForm(ErasureForm):
    """The reason and the legal basis of erasing an attachment."""

    @property
    def heading(self) -> str:
        """The act."""
        return _("Erase an attached file")

    def make_fields(self) -> Sequence[FormField]:
        """Why, and by which law."""
        return self.reason_fields()

    def load_state(self, reader: Reader) -> FormState:
        """The usual basis."""
        return FormState({"basis": commands.erasures.DEFAULT_BASIS}, head=self.preview(reader).name)

    def preview(self, reader: Reader) -> _FilePreview:
        """The file, and its other lines."""
        files = reader.run(commands.erasures.plan_file_erasure, self.erased_id)
        return _FilePreview(next(row.name for row in files if row.id == self.erased_id), files)

    def save(self, reader: Reader, values: FormValues) -> str:
        """Erase the file as of now, and write the files anew."""
        reason, basis = str(values["reason"]), str(values["basis"])
        files = self.preview(reader).files
        reader.writer.run_final(lambda ledger: commands.erasures.erase_files(ledger, files, reason, basis))
        self.told = files_erased_blocks(len(files), is_scrubbed=reader.writer.scrub())
        return self.erased_id
