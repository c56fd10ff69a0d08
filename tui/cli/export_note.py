"""Commands keep for the central's audit what they write to files, or print whole."""

from __future__ import annotations

from store.writer.export_records import record_export
from tui.cli.output import say
from tui.cli.session import HomeSession
from tui.i18n.translate import _


def note_export(session: HomeSession, what: str, file_kind: str, rows: int) -> None:
    """Keep it, or say why not: a disk that takes nothing in keeps nobody from reading."""
    if not record_export(session.database, session.wall_clock_ms, what, file_kind, rows):
        say(_("This export could not be noted for the audit: the disk takes nothing in."))
