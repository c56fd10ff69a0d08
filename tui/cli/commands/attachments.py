"""``guanjia attach`` and ``guanjia attachment``: files of lines; attach, list, show, save, describe, remove them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from store.commands.exceptions import AttachmentUnknown
from store.db.connection import Connection
from store.home.blobs.blob_store import BlobStore
from store.home.blobs.transfers import read_marks
from store.queries.attachments import (
    AttachmentRow,
    attachments_of,
    attachments_of_issue,
    attachments_of_project,
    find_attachments,
    latest_attachments,
)
from store.queries.lines import current_line
from store.values.media.file_names import safe_name
from tui.cli.errors import NEEDS_ATTENTION, OK, print_error
from tui.cli.export_note import note_export
from tui.cli.groups import CLEAN_TEXT, PATH_PARAM, Command, CommandContext, LazyCommand, LazyGroup, WholeNumber
from tui.cli.name_lookup import find_line
from tui.cli.output import OutputFormat, emit, show, show_pairs, show_table
from tui.cli.session import HomeSession, home_session, write_session
from tui.i18n.sync_text import format_size
from tui.i18n.translate import N_, _, ngettext, value_label
from tui.reports import require_free, written_aside

if TYPE_CHECKING:
    from store.commands.attachments import AttachResult


class ShownAttachment(NamedTuple):
    """An attachment with what only this device knows: whether the original and the working copy are here, and whether
    the central has confirmed that it has both (``sent``)."""

    row: AttachmentRow
    here: bool
    copy_here: bool
    sent: bool

    def to_json(self) -> Mapping[str, object]:
        """As scripts read it."""
        return {**self.row.to_json(), "here": self.here, "copy_here": self.copy_here, "sent": self.sent}


def _shown(session: HomeSession, rows: Iterable[AttachmentRow]) -> list[ShownAttachment]:
    blobs, confirmed = BlobStore(session.database), read_marks(session.database).confirmed
    here = blobs.names()
    return [
        ShownAttachment(
            row,
            _is_here(blobs, here, row, copy=False),
            _is_here(blobs, here, row, copy=True),
            all(ref[:2] in confirmed for ref in row.blobs),
        )
        for row in rows
    ]


def _is_here(blobs: BlobStore, here: set[str], row: AttachmentRow, *, copy: bool) -> bool:
    sha256 = row.copy_sha256 if copy else row.sha256
    return sha256 is not None and blobs.name_of(row.bucket, sha256) in here


@click.command(cls=Command, help=_("Attach files to a line: an issue, a visit, a step … by id, number or name."))
@click.argument("line", metavar="ID|NAME", type=CLEAN_TEXT)
@click.argument("files", metavar=N_("FILE…"), type=PATH_PARAM, nargs=-1, required=True)
@click.option("--words", type=CLEAN_TEXT, metavar="TEXT", help=_("What they show."))
@click.pass_obj
def attach(run: CommandContext, line: str, files: tuple[Path, ...], words: str | None) -> int:
    """Attach files and print what was attached; what cannot be kept is told, and keeps the others from nothing."""
    from store.commands.attachments import attach as attach_files

    with write_session(run.home) as (session, ledger):
        with session.database.read() as connection:
            line_id = find_line(connection, line)
        done = attach_files(ledger, line_id, files, words=words)
        with session.database.read() as connection:
            ids = {line.id for line in done.lines} | {row.id for row in done.already}
            rows = [row for row in attachments_of(connection, [line_id]) if row.id in ids]
        shown = _shown(session, rows)
    emit(run.output_format, shown, lambda value: _show_attached(value, done), _to_json)
    for refused in done.refused:
        print_error(refused.error, json_form=run.output_format is not OutputFormat.TEXT)
    return _exit_code(done)


def _exit_code(done: AttachResult) -> int:
    if done.refused:
        return NEEDS_ATTENTION if done.lines or done.already else 1
    return OK


def _show_attached(shown: list[ShownAttachment], done: AttachResult) -> None:
    if shown:
        _show_list(shown)
    count = len(done.lines)
    show(ngettext("{n} file was attached.", "{n} files were attached.", count).format(n=count))
    if done.already:
        count = len(done.already)
        text = ngettext("{n} was attached to it before.", "{n} were attached to it before.", count)
        show(text.format(n=count))


def _to_json(shown: list[ShownAttachment]) -> list[object]:
    return [each.to_json() for each in shown]


ENTRIES = (
    LazyCommand("open", "tui.cli.commands.attachment_open:open_", _("Look at a file with the system’s viewer.")),
    LazyCommand(
        "erase",
        "tui.cli.commands.attachment_erase:erase",
        _("Erase a file on all devices and at the central, bytes too. For the bureau; it cannot be undone."),
    ),
    LazyCommand("queue", "tui.cli.commands.attachment_queue:queue", _("What waits to be sent or fetched; pause it.")),
    LazyCommand("fetch", "tui.cli.commands.attachment_queue:fetch", _("Ask for files that are at the central only.")),
    LazyCommand(
        "let-go", "tui.cli.commands.attachment_queue:let_go", _("Free room: delete originals that the central has.")
    ),
)


@click.group(cls=LazyGroup, entries=ENTRIES, help=_("Attached files: list, show, open, save, describe, remove, queue."))
def attachment() -> None:
    """The group of commands on attached files."""


@attachment.command(
    "list", cls=Command, help=_("The files of a line, of an issue with its steps, of a project; or all.")
)
@click.argument("line", metavar="[ID]", type=CLEAN_TEXT, required=False)
@click.option("--limit", type=WholeNumber(min=1), help=_("At most so many."))
@click.pass_obj
def list_(run: CommandContext, line: str | None, limit: int | None) -> None:
    """List attachments."""
    with home_session(run.home) as session:
        with session.database.read() as connection:
            rows = _rows_of(connection, line, limit or -1)
        shown = _shown(session, rows)
    emit(run.output_format, shown, _show_list, _to_json)


def _rows_of(connection: Connection, line: str | None, limit: int) -> list[AttachmentRow]:
    if line is None:
        return latest_attachments(connection, limit)
    line_id = find_line(connection, line)
    known = current_line(connection, line_id)
    if known is not None and known.kind == "project":
        return attachments_of_project(connection, line_id, limit)
    issue = known is not None and known.kind == "issue"
    rows = attachments_of_issue(connection, line_id) if issue else attachments_of(connection, [line_id])
    return rows if limit < 0 else rows[:limit]


@attachment.command("show", cls=Command, help=_("What is known of an attached file."))
@click.argument("file", metavar="ID", type=CLEAN_TEXT)
@click.pass_obj
def show_(run: CommandContext, file: str) -> None:
    """Show one attachment."""
    with home_session(run.home) as session:
        shown = find_shown_attachment(session, file)
    emit(run.output_format, shown, _show_one, ShownAttachment.to_json)


def find_shown_attachment(session: HomeSession, text: str) -> ShownAttachment:
    """The attachment that was named, with what is here of it. Raises `AttachmentUnknown`."""
    with session.database.read() as connection:
        row = find_attachment(connection, text)
    return _shown(session, [row])[0]


def find_attachment(connection: Connection, text: str) -> AttachmentRow:
    """The attachment that was named. Raises `AttachmentUnknown`."""
    found = find_attachments(connection, text.strip())
    if len(found) != 1:
        raise AttachmentUnknown(text=text)
    return found[0]


@attachment.command("save", cls=Command, help=_("Write an attached file, decrypted, to a place of your own."))
@click.argument("file", metavar="ID", type=CLEAN_TEXT)
@click.option("--out", required=True, type=PATH_PARAM, metavar="FILE|DIR", help=_("The file to write, or its folder."))
@click.option("--copy", is_flag=True, help=_("The small working copy of it."))
@click.option("--overwrite", is_flag=True, help=_("Replace the file where there is one already."))
@click.pass_obj
def save(run: CommandContext, file: str, out: Path, copy: bool, overwrite: bool) -> None:
    """Decrypt an attachment into a file."""
    with home_session(run.home) as session:
        with session.database.read() as connection:
            row = find_attachment(connection, file)
        target = out / safe_name(row.name, row.media_type) if out.is_dir() else out
        write_decrypted(session, row, target, copy=copy, overwrite=overwrite)
    value = {"id": row.id, "file": str(target)}
    emit(run.output_format, value, lambda _value: show(_("Written: {file}").format(file=target)))


def write_decrypted(
    session: HomeSession, row: AttachmentRow, target: Path, *, copy: bool = False, overwrite: bool = False
) -> None:
    """Write the original, or the working ``copy``, into a file: whole or not at all. Raises `BlobMissing`,
    `BlobDamaged`, or a `ReportError` about the file."""
    sha256 = row.copy_sha256 if copy else row.sha256
    kind = target.suffix.lower()[1:] or "file"
    with BlobStore(session.database).open(row.bucket, sha256 or "", row.name) as reader:
        require_free(target, overwrite=overwrite)
        note = partial(note_export, session, "attachment", kind, 1)
        with written_aside(target, note, overwrite=overwrite) as temporary, temporary.open("wb") as file:
            file.writelines(reader.chunks())


@attachment.command(
    "describe", cls=Command, help=_("Say in words what an attached file shows; an empty text removes them.")
)
@click.argument("file", metavar="ID", type=CLEAN_TEXT)
@click.argument("words", metavar="TEXT", type=CLEAN_TEXT)
@click.pass_obj
def describe(run: CommandContext, file: str, words: str) -> None:
    """Change the words of an attachment."""
    from store.commands.attachments import describe as describe_file

    with write_session(run.home) as (session, ledger):
        row = find_attachment(session.database.connection(), file)
        describe_file(ledger, row.id, words)
        shown = find_shown_attachment(session, row.id)
    emit(run.output_format, shown, _show_one, ShownAttachment.to_json)


@attachment.command("remove", cls=Command, help=_("Remove a file from its line; the bin brings it back."))
@click.argument("file", metavar="ID", type=CLEAN_TEXT)
@click.pass_obj
def remove(run: CommandContext, file: str) -> None:
    """Remove an attachment."""
    from store.commands.attachments import remove as remove_file

    with write_session(run.home) as (session, ledger):
        row = find_attachment(session.database.connection(), file)
        remove_file(ledger, row.id)
    text = _("Removed: {name}. “guanjia bin restore {id}” brings it back.").format(name=row.name, id=row.id)
    emit(run.output_format, {"id": row.id, "removed": True}, lambda _value: show(text))


def _show_list(shown: Iterable[ShownAttachment]) -> None:
    columns = (
        _("When"),
        _("Name"),
        _("Type"),
        _("Size"),
        _("Belongs to"),
        _("What it shows"),
        _("On this device"),
        "ID",
    )
    show_table(columns, map(_cells, shown))


def _cells(shown: ShownAttachment) -> tuple[object, ...]:
    row = shown.row
    when = (row.taken_at or row.at)[:16].replace("T", " ")
    kind = value_label("kind", row.of_kind)
    return when, row.name, row.media_type, format_size(row.size), kind, row.words, here_text(shown), row.id


def here_text(shown: ShownAttachment) -> str:
    """What of an attachment is on this device."""
    if shown.here:
        return _("whole")
    return _("working copy") if shown.copy_here else _("not yet")


def _show_one(shown: ShownAttachment) -> None:
    row = shown.row
    pixels = f"{row.width} × {row.height}" if row.width and row.height else None
    show_pairs(
        (
            (_("Name"), row.name),
            (_("Belongs to"), value_label("kind", row.of_kind)),
            (_("Type"), row.media_type),
            (_("Size"), format_size(row.size)),
            (_("Pixels"), pixels),
            (_("Taken"), row.taken_at and row.taken_at[:16].replace("T", " ")),
            (_("Place"), row.place),
            (_("What it shows"), row.words),
            (_("Attached"), row.at[:16].replace("T", " ")),
            (_("By"), row.author),
            (_("On this device"), here_text(shown)),
            (_("At the central"), _("whole") if shown.sent else _("not confirmed")),
            ("SHA-256", row.sha256),
            ("ID", row.id),
        )
    )
