"""``guanjia find`` as click sees it: help, completion and slips of the pen; the lookup itself is in ``quick.py``."""

from __future__ import annotations

from typing import Any

import click

from store.domain.issue_lifecycle import STATES
from store.ledger.kinds import kinds
from tui.cli.commands.find_fast import DEFAULT_LIMIT, FindOptions, run_find
from tui.cli.groups import CLEAN_TEXT, Command, CommandContext
from tui.i18n.translate import _


@click.command(
    cls=Command,
    help=_(
        "Look something up: Chinese characters, from one on; pinyin initials or full pinyin; numbers; phone digits. "
        "Several words must all match. Best first, newest first among equals. @NAME, #NUMBER, dept:NAME, state:STATE "
        "and kind:KIND narrow it, alone or with words."
    ),
)
@click.argument("text", nargs=-1, required=True, type=CLEAN_TEXT)
@click.option("--kind", type=click.Choice(sorted(kinds())), help=_("Only this kind of line."))
@click.option("--department", type=CLEAN_TEXT, help=_("Only issues of this department."))
@click.option("--state", type=click.Choice(STATES), help=_("Only issues in this state."))
@click.option(
    "--limit", type=click.IntRange(1, 100_000), default=DEFAULT_LIMIT, show_default=True, help=_("At most so many.")
)
@click.pass_obj
def find(run: CommandContext, /, text: tuple[str, ...], **narrowed: Any) -> int | None:
    """Look up what was typed."""
    home = None if run.home is None else str(run.home)
    return run_find(FindOptions(text=" ".join(text), home=home, form=run.output_format.value, **narrowed))
