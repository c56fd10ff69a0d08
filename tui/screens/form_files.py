"""What forms have in common that attach files: a key for the picker, the field, and what is told of files refused."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from tui.presenters.attachments import refused_files_page
from tui.screens.base import BaseScreen
from tui.screens.panels import Notice
from tui.widgets.files_field import FilesField

if TYPE_CHECKING:
    from store.commands.attaching import AttachedFiles
    from store.writer.local_writes import Ledger


class FilesMixin(BaseScreen):
    """A form that may take files. They are chosen while it is filled in, remembered in its draft, and written with its
    line."""

    _attached: AttachedFiles | None = None

    @property
    def takes_files(self) -> bool:
        """Whether files can be attached to what it writes."""
        return False

    def project_for_suggestions(self) -> str | None:
        """The project whose folder is looked into, too."""
        return None

    def files_field(self) -> Iterable[FilesField]:
        """The field, where it takes files."""
        if self.takes_files:
            yield FilesField()

    @property
    def chosen_files(self) -> list[str]:
        """The paths of the files chosen here."""
        return [path for field in self.query(FilesField) for path in field.paths]

    async def action_attach(self) -> None:
        """Choose files; those chosen already are selected."""
        field = self.query_one(FilesField)

        def take(paths: object) -> None:
            if isinstance(paths, list):
                field.choose(paths)

        await self.app.push_screen(self.app.screen_for("picker", self.project_for_suggestions(), field.paths), take)

    @contextlib.contextmanager
    def attaching(self, ledger: Ledger, files: Sequence[str]) -> Iterator[None]:
        """What is saved inside has these files. For the thread that saves."""
        from store.commands.attaching import attaching  # noqa: PLC0415 - the models, which only saving waits for

        with attaching(ledger, files) as self._attached:
            yield

    def tell_refused_files(self) -> None:
        """After saving: which files were not kept, and why; the line is."""
        if self._attached is not None and self._attached.refused:
            self.app.push_screen(Notice(refused_files_page(self._attached.refused)))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The key is for the forms that take files."""
        return self.takes_files if action == "attach" else super().check_action(action, parameters)
