"""``guanjia attachment queue``, ``fetch`` and ``let-go``: bytes that wait to travel, and room on the disk."""

from __future__ import annotations

from typing import NamedTuple

import click

from store.home.blobs.blob_store import BlobStore
from store.home.blobs.transfers import Transfers
from store.queries.blob_queue import QueuedBlob, blob_queue
from tui.cli.commands.attachments import find_attachment, size_text
from tui.cli.groups import CLEAN_TEXT, Command, CommandContext
from tui.cli.output import emit, show, show_table
from tui.cli.session import home_session, write_session
from tui.i18n.translate import N_, _, ngettext, value_label


class QueueReport(NamedTuple):
    """What waits, and whether the queue is paused."""

    paused: bool
    waiting: list[QueuedBlob]

    def to_json(self) -> dict[str, object]:
        """As scripts read it."""
        rows = [
            {
                "id": one.line, "name": one.name, "sha256": one.ref.sha256, "bytes": one.ref.size,
                "copy": one.ref.is_copy, "direction": one.direction, "hold": one.hold,
            }
            for one in self.waiting
        ]  # fmt: skip
        return {"paused": self.paused, "waiting": rows}


@click.command(cls=Command, help=_("The files that wait to be sent to the central or fetched, in their order."))
@click.option("--pause", "paused", flag_value="yes", help=_("Let no files travel until --resume."))
@click.option("--resume", "paused", flag_value="no", help=_("Let files travel again."))
@click.pass_obj
def queue(run: CommandContext, paused: str | None) -> None:
    """Print the queue; pause or resume it first where that is asked for."""
    with home_session(run.home) as session, Transfers(session.database) as transfers:
        if paused is not None:
            transfers.pause(paused=paused == "yes")
        marks = transfers.marks()
        with session.database.read() as connection:
            waiting = blob_queue(connection, BlobStore(session.database), marks, session.wall_clock_ms())
    emit(run.output_format, QueueReport(marks.paused, waiting), _show_queue, QueueReport.to_json)


def _show_queue(report: QueueReport) -> None:
    if report.waiting:
        columns = (_("Way"), _("Name"), _("Size"), _("What"), _("Waits for"), "ID")
        show_table(columns, map(_cells, report.waiting))
    free = [one for one in report.waiting if one.hold is None]
    if report.paused:
        show(_("The queue is paused: no files travel until “guanjia attachment queue --resume”."))
    elif not free:
        show(_("No file waits for the line."))
    else:
        text = ngettext("{n} file waits for the line, {size}.", "{n} files wait for the line, {size}.", len(free))
        show(text.format(n=len(free), size=size_text(sum(waiting.ref.size for waiting in free))))


def _cells(waiting: QueuedBlob) -> tuple[object, ...]:
    what = _("working copy") if waiting.ref.is_copy else _("original")
    hold = value_label("blob_hold", waiting.hold) if waiting.hold else None
    way, size = value_label("blob_way", waiting.direction), size_text(waiting.ref.size)
    return way, waiting.name, size, what, hold, waiting.line


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
    shown = text.format(n=count, size=size_text(freed))
    emit(run.output_format, {"files": count, "bytes": freed}, lambda _value: show(shown))
