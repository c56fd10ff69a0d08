"""``guanjia person hand-over``: the projects of one butler go to another or to several, with a sheet of what is open
(R07, R18)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, cast

import click

from store.queries.hand_over import issues_to_hand_over
from tui.cli.errors import BadUsage
from tui.cli.groups import CLEAN_TEXT, PATH_PARAM, Command, CommandContext
from tui.cli.output import emit, show, show_table
from tui.cli.people import report_new_people
from tui.cli.session import write_session
from tui.i18n.translate import N_, _, ngettext

if TYPE_CHECKING:
    from store.commands.hand_over import Share


class HandedOver(NamedTuple):
    """How many projects changed hands, how many of their issues are open, the sheet that was written, and who took
    which projects (numbers, or names where they have none)."""

    projects: int
    open_issues: int
    file: str | None
    shares: list[dict[str, object]]


@click.command(
    "hand-over", cls=Command,
    help=_(
        "Make the second the butler of all projects of the first, or of some; with --give others at the same time. "
        "What is open goes on a sheet."
    ),
)  # fmt: skip
@click.argument("giver", metavar=N_("FROM"), type=CLEAN_TEXT)
@click.argument("taker", metavar=N_("TO"), type=CLEAN_TEXT, required=False)
@click.option("--project", "projects", multiple=True, type=CLEAN_TEXT, help=_("Only this one; may be given again."))
@click.option(
    "--give",
    multiple=True,
    type=CLEAN_TEXT,
    metavar=N_("NAME=PROJECT;…"),
    help=_("These to somebody else; may be given again. TO has the rest, or nobody."),
)
@click.option("--out", type=PATH_PARAM, metavar="FILE", help=_("The hand-over sheet to write: .docx, .xlsx …"))
@click.option("--overwrite", is_flag=True, help=_("Replace the file where there is one already."))
@click.pass_obj
def hand_over(
    run: CommandContext, giver: str, taker: str | None, projects: tuple[str, ...], give: tuple[str, ...],
    out: Path | None, overwrite: bool,
) -> None:  # fmt: skip
    """Hand over, write the sheet and print what changed hands."""
    from store.commands.hand_over import hand_over as change_hands
    from tui.data.hand_over import HandOverSheet, with_sheet

    shares = _shares(taker, projects, give)
    if out is not None:
        _check(out, overwrite=overwrite)
    with write_session(run.home) as writing:
        with writing.session.database.read() as connection:
            thresholds = writing.session.light_thresholds(connection)
        sheet = None if out is None else HandOverSheet(thresholds, out, overwrite)
        done = with_sheet(writing.ledger, lambda: change_hands(writing.ledger, giver, shares), sheet)
        report_new_people(run, done.added)
        with writing.session.database.read() as connection:
            issues = len(issues_to_hand_over(connection, [each.project for each in done.projects]))
    taken: list[dict[str, object]] = [
        {"taker": each.name, "projects": [one.number or one.name for one in each.projects]} for each in done.transfers
    ]
    handed = HandedOver(len(done.projects), issues, None if out is None else str(out), taken)
    emit(run.output_format, handed, _show, HandedOver._asdict)


def _shares(taker: str | None, projects: Sequence[str], give: Sequence[str]) -> list[Share]:
    """Who takes what, as the command says. Raises `BadUsage` where nobody is named, or a share says no project."""
    from store.commands.hand_over import Share

    shares = [] if taker is None else [Share(taker, projects)]
    for text in give:
        name, sign, named = text.replace("＝", "=").partition("=")
        chosen = [part.strip() for part in re.split("[;；]", named) if part.strip()]
        if not (sign and name.strip() and chosen):
            detail = _("--give says a name and projects: --give “NAME=PROJECT;PROJECT”.")
            raise BadUsage(detail=detail, command="guanjia person hand-over")
        shares.append(Share(name.strip(), chosen))
    if not shares or (projects and taker is None):
        detail = _("Say who takes over: a second name, or --give.")
        raise BadUsage(detail=detail, command="guanjia person hand-over")
    return shares


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
    if len(done.shares) > 1:
        rows = ((each["taker"], "、".join(map(str, cast(list[str], each["projects"])))) for each in done.shares)
        show_table((_("New butler"), _("Projects")), rows)
    if done.file is not None:
        show(_("Hand-over sheet: {file}").format(file=done.file))
