"""``guanjia central proposals``: what people wrote beyond their roles while they worked alone, and what the bureau
decides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import click

from sync.central.admin.proposals import ProposalJson, decide_proposals, proposals
from sync.central.writes.decisions import DecisionResult
from tui.cli.commands.central import DATA, DISTRICT, ENTRIES, central_folder, say_left
from tui.cli.errors import NEEDS_ATTENTION, OK
from tui.cli.groups import CLEAN_TEXT, Command, CommandContext
from tui.cli.output import emit, say, show, show_table
from tui.i18n.translate import _, ngettext, value_label


@click.command("proposals", cls=Command, help=next(entry.help for entry in ENTRIES if entry.name == "proposals"))
@click.option(
    "--accept", multiple=True, type=CLEAN_TEXT, metavar="ID|NAME", help=_("Accept this line, or all of this person’s.")
)
@click.option(
    "--reject", multiple=True, type=CLEAN_TEXT, metavar="ID|NAME", help=_("Decline this line, or all of this person’s.")
)
@click.option("--all", "everything", is_flag=True, help=_("Accept everything that waits."))
@click.option("--each", is_flag=True, help=_("Every line by itself, with its ID."))
@DISTRICT
@DATA
@click.pass_obj
def list_proposals(
    run: CommandContext,
    /,
    accept: tuple[str, ...],
    reject: tuple[str, ...],
    everything: bool,
    each: bool,
    district: str | None,
    data: Path | None,
) -> int:
    """Carry out the decisions, if there are any, and print what waits; exit code 3 while something does."""
    folder = central_folder(data)
    result = DecisionResult(0, 0)
    if accept or reject or everything:
        result = decide_proposals(folder, None if everything else accept, reject, district=district)
    waiting = proposals(folder, district=district)
    emit(run.output_format, waiting, _show_each if each else _show_groups)
    if result.decided:
        say(ngettext("{n} line decided.", "{n} lines decided.", result.decided).format(n=result.decided))
    say_left(result.left)
    if accept or everything:
        say(_("Grant the project to who goes on with it: guanjia central grant --name NAME --role butler --project P"))
    return NEEDS_ATTENTION if waiting else OK


def _show_groups(waiting: Sequence[ProposalJson]) -> None:
    if not waiting:
        show(_("Nothing waits for a decision."))
        return
    counts = Counter((one["person"], one["kind"], one["replaces"]) for one in waiting)
    rows = ((person, value_label("kind", kind), n, _replaces(known)) for (person, kind, known), n in counts.items())
    show_table((_("Person"), _("Kind"), _("Lines"), _("Replaces a line")), rows)
    say(_("Take in what is right: guanjia central proposals --accept NAME|ID, or --all; decline with --reject."))


def _show_each(waiting: Sequence[ProposalJson]) -> None:
    columns = ("ID", _("Person"), _("Kind"), _("Written"), _("Replaces a line"), _("What it says"))
    show_table(columns, map(_cells, waiting))


def _cells(proposal: ProposalJson) -> tuple[object, ...]:
    says = "，".join(str(value) for value in proposal["body"].values())[:80]
    kind = value_label("kind", proposal["kind"])
    return proposal["id"], proposal["person"], kind, proposal["written"], _replaces(proposal["replaces"]), says


def _replaces(known: bool) -> str:
    return _("yes") if known else ""
