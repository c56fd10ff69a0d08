"""``guanjia attachment queue``, ``fetch`` and ``let-go``: bytes that wait to travel, and room on the disk."""

from __future__ import annotations

import click

from store.home.blobs.blob_store import BlobStore
from store.home.blobs.transfers import Transfers
from store.queries.blob_queue import QueuedBlob
from tui.cli.commands.attachments import find_attachment
from tui.cli.groups import CLEAN_TEXT, Command, CommandContext
from tui.cli.output import emit, show, show_table
from tui.cli.session import home_session, write_session
from tui.data.file_queue import FileQueue, pause_files, read_file_queue
from tui.i18n.sync_text import format_size
from tui.i18n.translate import N_, _, ngettext, value_label
from tui.presenters.file_queue import budget_texts


def _to_json(files: FileQueue) -> dict[str, object]:
    rows = [
        {
            "id": one.line, "name": one.name, "sha256": one.ref.sha256, "bytes": one.ref.size, "done": one.done,
            "copy": one.ref.is_copy, "direction": one.direction, "hold": one.hold, "why": one.why or None,
        }
        for one in files.waiting
    ]  # fmt: skip
    budget = {
        "stop": files.stop, "bytes_an_hour": files.budget.bytes_an_hour, "bytes_a_day": files.budget.bytes_a_day,
        "spent_hour": files.spent.hour, "spent_day": files.spent.day, "only_small": files.budget.only_small,
        "hours": files.budget.hours, "reserve_bytes": files.budget.reserve_bytes,
    }  # fmt: skip
    return {"paused": files.paused, "budget": budget, "waiting": rows}


@click.command(cls=Command, help=_("The files that wait to be sent to the central or fetched, in their order."))
@click.option("--pause", "paused", flag_value="yes", help=_("Let no files travel until --resume."))
@click.option("--resume", "paused", flag_value="no", help=_("Let files travel again."))
@click.pass_obj
def queue(run: CommandContext, paused: str | None) -> None:
    """Print the queue; pause or resume it first where that is asked for."""
    with home_session(run.home) as session:
        if paused is not None:
            pause_files(session.database, paused=paused == "yes")
        with session.database.read() as connection:
            files = read_file_queue(connection, session.database, session.wall_clock_ms())
    emit(run.output_format, files, _show_queue, _to_json)


def _show_queue(files: FileQueue) -> None:
    if files.waiting:
        columns = (_("Way"), _("Name"), _("Size"), _("Travelled"), _("What"), _("Waits for"), "ID")
        show_table(columns, map(_cells, files.waiting))
    count = len(files.free)
    if files.paused:
        show(_("The queue is paused: no files travel until “guanjia attachment queue --resume”."))
    elif not count:
        show(_("No file waits for the line."))
    else:
        text = ngettext("{n} file waits for the line, {size}.", "{n} files wait for the line, {size}.", count)
        show(text.format(n=count, size=format_size(files.bytes_left)))
    for text in budget_texts(files) if files.waiting else ():
        show(text)


def _cells(waiting: QueuedBlob) -> tuple[object, ...]:
    what = _("working copy") if waiting.ref.is_copy else _("original")
    hold = value_label("blob_hold", waiting.hold) if waiting.hold else None
    way, size = value_label("blob_way", waiting.direction), format_size(waiting.ref.size)
    done = format_size(waiting.done) if waiting.done else None
    return way, waiting.name, size, done, what, hold, waiting.line


@click.command(cls=Command, help=_("Ask for the originals of attached files; they come with the next rounds."))
@click.argument("files", metavar=N_("ID…"), type=CLEAN_TEXT, nargs=-1, required=True)
@click.pass_obj
def fetch(run: CommandContext, files: tuple[str, ...]) -> None:
    """Mark originals as wanted."""
    with home_session(run.home) as session, Transfers(session.database) as transfers:
        blobs = BlobStore(session.database)
        with session.database.read() as connection:
            rows = [find_attachment(connection, text) for text in files]
        wanted = [row for row in rows if not blobs.has(row.bucket, row.sha256)]
        transfers.want([(row.bucket, row.sha256) for row in wanted])
    text = ngettext("{n} file is asked for.", "{n} files are asked for.", len(wanted)).format(n=len(wanted))
    emit(run.output_format, {"wanted": [row.id for row in wanted]}, lambda _value: show(text))


@click.command(
    "let-go", cls=Command,
    help=_(
        "Delete the originals of pictures that the central has confirmed to have; the small copies stay, and the "
        "originals come back on demand."
    ),
)  # fmt: skip
@click.pass_obj
def let_go(run: CommandContext) -> None:
    """Make room on the disk."""
    from store.commands.attachments import let_go as let_originals_go

    with write_session(run.home) as writing:
        count, freed = let_originals_go(writing.ledger)
    text = ngettext("{n} original was deleted: {size} are free.", "{n} originals were deleted: {size} are free.", count)
    shown = text.format(n=count, size=format_size(freed))
    emit(run.output_format, {"files": count, "bytes": freed}, lambda _value: show(shown))
