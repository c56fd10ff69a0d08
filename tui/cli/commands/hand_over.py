"""``guanjia person hand-over``: the projects of one butler go to another, with a sheet of what is open (R07, R18)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from store.queries.hand_over import issues_to_hand_over
from tui.cli.groups import CLEAN_TEXT, PATH_PARAM, Command, CommandContext
from tui.cli.output import emit, show
from tui.cli.people import report_new_people
from tui.cli.session import WriteSession, write_session
from tui.i18n.translate import N_, _, ngettext

if TYPE_CHECKING:
    from store.commands.hand_over import ProjectTransfer
    from store.writer.local_writes import LineChange


class HandedOver(NamedTuple):
    """How many projects changed hands, how many of their issues are open, and the sheet that was written."""

    projects: int
    open_issues: int
    file: str | None


@click.command(
    "hand-over", cls=Command,
    help=_("Make the second the butler of all projects of the first, or of some. What is open goes on a sheet."),
)  # fmt: skip
@click.argument("giver", metavar=N_("FROM"), type=CLEAN_TEXT)
@click.argument("taker", metavar=N_("TO"), type=CLEAN_TEXT)
@click.option("--project", "projects", multiple=True, type=CLEAN_TEXT, help=_("Only this one; may be given again."))
@click.option("--out", type=PATH_PARAM, metavar="FILE", help=_("The hand-over sheet to write: .docx, .xlsx …"))
@click.option("--overwrite", is_flag=True, help=_("Replace the file where there is one already."))
@click.pass_obj
def hand_over(
    run: CommandContext, giver: str, taker: str, projects: tuple[str, ...], out: Path | None, overwrite: bool
) -> None:
    """Hand over, write the sheet and print what changed hands."""
    from store.commands.hand_over import hand_over as change_hands

    if out is not None:
        _check(out, overwrite=overwrite)
    with write_session(run.home) as writing:
        with writing.ledger.record_changes() as changes:
            done = change_hands(writing.ledger, giver, taker, projects)
        if out is not None:
            _write_sheet(writing, done, changes, out, overwrite=overwrite)
        report_new_people(run, done.added)
        with writing.session.database.read() as connection:
            issues = len(issues_to_hand_over(connection, done.projects))
    emit(
        run.output_format, HandedOver(len(done.projects), issues, None if out is None else str(out)), _show,
        HandedOver._asdict,
    )  # fmt: skip


def _check(out: Path, *, overwrite: bool) -> None:
    from tui.reports import check_target

    check_target(out, overwrite=overwrite)


def _write_sheet(
    writing: WriteSession, done: ProjectTransfer, changes: Sequence[LineChange], out: Path, *, overwrite: bool
) -> None:
    """Write the sheet; where that fails or is interrupted undo the hand-over, or the sheet could not be had by running
    it again. Raises `HandOverSheetNotWritten`."""
    from tui.reports import write_report
    from tui.reports.exceptions import HandOverSheetNotWritten, ReportNotWritten
    from tui.reports.hand_over import hand_over_sheet

    try:
        with writing.session.database.read() as connection:
            thresholds = writing.session.light_thresholds(connection)
            sheet = hand_over_sheet(connection, thresholds, done.giver, done.taker, done.projects)
            write_report(sheet, out, overwrite=overwrite)
    except BaseException as error:
        writing.ledger.undo(changes)
        if isinstance(error, ReportNotWritten):
            raise HandOverSheetNotWritten(**error.values) from None
        raise


def _show(done: HandedOver) -> None:
    show(ngettext("{n} project changed hands.", "{n} projects changed hands.", done.projects).format(n=done.projects))
    show(
        ngettext("{n} issue is open in it.", "{n} issues are open in them.", done.open_issues).format(
            n=done.open_issues
        )
    )
    if done.file is not None:
        show(_("Hand-over sheet: {file}").format(file=done.file))
