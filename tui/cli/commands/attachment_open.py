"""``guanjia attachment open``: look at an attached file with the system's viewer."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from store.home.viewing import ViewingFolder
from store.values.media.content_types import EXTENSIONS
from tui.cli.commands.attachments import find_shown_attachment
from tui.cli.groups import CLEAN_TEXT, Command, CommandContext
from tui.cli.output import emit, say, show
from tui.cli.session import home_session
from tui.data.attached_files import decrypted_copy
from tui.data.viewer import open_with_viewer
from tui.exceptions import NobodyWaits, NoViewer, UnknownFileType
from tui.i18n.translate import _

if TYPE_CHECKING:
    from pathlib import Path

    from store.queries.attachments import AttachmentRow


@click.command(
    "open", cls=Command,
    help=_("Open an attached file with the system’s viewer; the decrypted copy goes when you press enter."),
)  # fmt: skip
@click.argument("file", metavar="ID", type=CLEAN_TEXT)
@click.pass_obj
def open_(run: CommandContext, file: str) -> None:
    """Open a decrypted copy, and remove it when enter is pressed or the command ends. Raises `NobodyWaits`,
    `UnknownFileType`, `NoViewer`, `BlobMissing`, `BlobDamaged`."""
    with home_session(run.home) as session:
        shown = find_shown_attachment(session, file)
        row, is_copy = shown.row, shown.copy_here and not shown.here
        if row.media_type not in EXTENSIONS:
            raise UnknownFileType(name=row.name, id=row.id)
        if not sys.stdin.isatty():  # nobody could say when the copy may go
            raise NobodyWaits(id=row.id)
        folder = ViewingFolder(session.home.path)
        folder.remove_leftovers()
        try:
            _show_until_enter(row, decrypted_copy(session.database, row, folder, working_copy=is_copy), is_copy=is_copy)
        finally:
            folder.empty()
    value = {"id": row.id, "copy": is_copy}
    emit(run.output_format, value, lambda _value: show(_("The decrypted copy is removed.")))


def _show_until_enter(row: AttachmentRow, path: Path, *, is_copy: bool) -> None:
    if not open_with_viewer(path):
        raise NoViewer(name=row.name, id=row.id)
    if is_copy:
        say(_("Only the small picture is here; “guanjia attachment fetch ID” asks for the original."))
    say(_("“{name}” is open. Press enter when you have seen it: the decrypted copy then goes.").format(name=row.name))
    sys.stdin.readline()
