"""``guanjia person hand-over``: the projects of one butler go to another, with a sheet of what is open (R07, R18)."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import click

from store.queries.hand_over import issues_to_hand_over
from tui.cli.groups import CLEAN_TEXT, PATH_PARAM, Command, CommandContext
from tui.cli.output import emit, show
from tui.cli.people import report_new_people
from tui.cli.session import write_session
from tui.i18n.translate import N_, _, ngettext


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
    from tui.data.hand_over import HandOverSheet, with_sheet

    if out is not None:
        _check(out, overwrite=overwrite)
    with write_session(run.home) as writing:
        with writing.session.database.read() as connection:
            thresholds = writing.session.light_thresholds(connection)
        sheet = None if out is None else HandOverSheet(thresholds, out, overwrite)
        done = with_sheet(writing.ledger, lambda: change_hands(writing.ledger, giver, taker, projects), sheet)
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


def _show(done: HandedOver) -> None:
    show(ngettext("{n} project changed hands.", "{n} projects changed hands.", done.projects).format(n=done.projects))
    show(
        ngettext("{n} issue is open in it.", "{n} issues are open in them.", done.open_issues).format(
            n=done.open_issues
        )
    )
    if done.file is not None:
        show(_("Hand-over sheet: {file}").format(file=done.file))
