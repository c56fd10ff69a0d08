"""``guanjia central files``: where attached files lie, in the central's database or in an outside store."""

from __future__ import annotations

from pathlib import Path

import click

from sync.central.admin.files import FilesReport, files_report
from tui.cli.commands.central import DATA, DISTRICT, central_folder
from tui.cli.errors import NEEDS_ATTENTION, OK
from tui.cli.groups import Command, CommandContext
from tui.cli.output import emit, say, show
from tui.i18n.sync_text import format_size
from tui.i18n.translate import _, ngettext

_NAMED = 5
"""So many missing files are named."""


@click.command(
    cls=Command,
    help=_(
        "Where attached files lie: in the central’s database, or in the store that blobs = \"s3://…\" in central.toml "
        "names. A central that serves moves them there by itself; a backup of the central does not hold what is there."
    ),
)  # fmt: skip
@click.option("--check", "look", is_flag=True, help=_("Ask the store for each file that the central moved there."))
@DISTRICT
@DATA
@click.pass_obj
def files(run: CommandContext, look: bool, district: str | None, data: Path | None) -> int:
    """Print the counts; exits 3 where files are missing."""
    report = files_report(central_folder(data), district=district, look=look)
    emit(run.output_format, report, _show, FilesReport.to_json)
    say_missing(report)
    return NEEDS_ATTENTION if report.missing else OK


def _show(report: FilesReport) -> None:
    here, outside = report.database, report.outside
    text = ngettext("{n} file in the database, {size}", "{n} files in the database, {size}", here.files)
    show(text.format(n=here.files, size=format_size(here.bytes)))
    if report.store or outside.files:
        text = ngettext("{n} file in {store}, {size}", "{n} files in {store}, {size}", outside.files)
        store = report.store or _("an outside store that central.toml does not name")
        show(text.format(n=outside.files, store=store, size=format_size(outside.bytes)))
    if report.erasing:
        text = ngettext("{n} erased file is still to go from there", "{n} erased files are still to go from there",
                        report.erasing)  # fmt: skip
        show(text.format(n=report.erasing))
    if report.missing == []:
        show(_("Each of them is there, with its length."))


def say_missing(report: FilesReport) -> None:
    """Say which files the store does not have, if anybody has looked."""
    if report.missing:
        text = ngettext(
            "{n} file is not in the store, or of another length: {names}. Bring the store back from its own backup.",
            "{n} files are not in the store, or of another length: {names}. Bring the store back from its own backup.",
            len(report.missing),
        )
        say(text.format(n=len(report.missing), names=_(", ").join(report.missing[:_NAMED])))
