"""``guanjia central partition``: the big tables of a PostgreSQL central in one partition a district."""

from __future__ import annotations

from pathlib import Path

import click

from sync.central.admin.partition import partition
from tui.cli.commands.central import DATA, ENTRIES, central_folder
from tui.cli.groups import Command, CommandContext
from tui.cli.output import emit, say, show_pairs
from tui.i18n.translate import _, ngettext

_MB = 1_000_000


@click.command("partition", cls=Command, help=next(entry.help for entry in ENTRIES if entry.name == "partition"))
@click.option("--apply", is_flag=True, help=_("Do it; else only say what would be done."))
@DATA
@click.pass_obj
def partition_tables(run: CommandContext, apply: bool, data: Path | None) -> None:
    """Print what partitioning would do, or has done."""
    plan = partition(central_folder(data), apply=apply)
    emit(run.output_format, plan.to_json(), _show)
    if plan.done:
        say(
            ngettext(
                "{n} row is in its district’s partition, and all sums are as before.",
                "{n} rows are in their districts’ partitions, and all sums are as before.",
                plan.rows,
            ).format(n=plan.rows)
        )
    elif not plan.missing:
        say(_("Every district has its partitions: there is nothing to do."))
    else:
        text = _(
            "This was a rehearsal: nothing was written. With --apply all rows are copied in one transaction, which "
            "needs {mb} MB more room in the database; devices wait meanwhile, so stop the central first."
        )
        say(text.format(mb=f"{plan.size / _MB:.0f}"))
        if plan.no_backup:
            say(_("Before that a backup of the last day is needed: guanjia central backup FILE"))


def _show(facts: dict[str, object]) -> None:
    words = {"tables": _("Tables"), "districts": _("Districts"), "missing": _("Districts without partitions")}
    lists = {word: facts[name] for name, word in words.items()}
    show_pairs((word, ", ".join(map(str, each)) or "—") for word, each in lists.items() if isinstance(each, list))
