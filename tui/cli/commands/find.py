"""``guanjia find`` as click sees it: help, completion and wrong usage. The lookup itself is in ``find_fast.py``."""

from __future__ import annotations

from collections.abc import Mapping

import click

from store.domain.issue_lifecycle import STATES
from store.ledger.kinds import kinds
from tui.cli.commands.find_fast import FindOptions, run_find
from tui.cli.groups import CLEAN_TEXT, Command, CommandContext, LabelChoice, WholeNumber
from tui.cli.options import DEFAULT_FIND_LIMIT, FIND_OPTIONS, MAX_FIND_LIMIT
from tui.i18n.translate import _

TYPES: Mapping[str, click.ParamType[object]] = {
    "kind": LabelChoice(sorted(kinds()), "kind"),
    "department": CLEAN_TEXT,
    "state": LabelChoice(STATES, "state"),
    "limit": WholeNumber(1, MAX_FIND_LIMIT),
}


def _find(
    run: CommandContext,
    /,
    text: tuple[str, ...],
    kind: str | None,
    department: str | None,
    state: str | None,
    limit: int,
) -> int | None:
    home = None if run.home is None else str(run.home)
    words = " ".join(text)
    return run_find(FindOptions(words, home, None, run.output_format.value, kind, department, state, limit))


find = Command(
    "find",
    callback=click.pass_obj(_find),
    params=[
        click.Argument(["text"], nargs=-1, required=True, type=CLEAN_TEXT),
        *(
            click.Option(
                [spec.flag],
                type=TYPES[spec.name],
                default=DEFAULT_FIND_LIMIT if spec.name == "limit" else None,
                show_default=spec.name == "limit",
                help=_(spec.help),
            )
            for spec in FIND_OPTIONS
        ),
    ],
    help=_(
        "Look something up: Chinese characters, from one on; pinyin initials or full pinyin; numbers; phone digits. "
        "Several words must all match. Best first, newest first among equals. @NAME, #NUMBER, dept:NAME, state:STATE "
        "and kind:KIND narrow it, alone or with words."
    ),
)
"""The command, with the options of `FIND_OPTIONS`."""
