"""``guanjia sync``: one round with the central, now."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from typing import Any

import click
from rich.cells import cell_len

from store.home.paths import require_home, resolve_home
from store.home.settings import load_settings
from store.home.sync_progress import RoundProgress
from store.ledger.hlc import MAX_CLOCK_AHEAD_MS
from sync.round import sync_home
from sync.round_stats import RoundResult
from tui.cli.errors import NEEDS_ATTENTION, OK
from tui.cli.groups import Command, CommandContext
from tui.cli.output import OutputFormat, emit, say, show_pairs
from tui.i18n.sync_text import progress_text
from tui.i18n.translate import _


@click.command(cls=Command, help=_("One round with the central: send, receive, compare."))
@click.pass_obj
def sync(run: CommandContext) -> int:
    """Run one round; exits 3 when a person should look: refused lines, or both sides not found equal."""
    home = require_home(resolve_home(run.home))
    with _progress_writer(run.output_format) as narrate:
        result = sync_home(home, load_settings(home), narrate)
    emit(run.output_format, result.to_json(), _show)
    if run.output_format is OutputFormat.TEXT:
        _narrate(result)
    return OK if result.needs_no_attention else NEEDS_ATTENTION


@contextlib.contextmanager
def _progress_writer(form: OutputFormat) -> Iterator[Callable[[RoundProgress], None] | None]:
    """Says how far the round is, over and over in one line that is gone at the end, where a person watches stderr."""
    if form is not OutputFormat.TEXT or not sys.stderr.isatty():
        yield None
        return
    told = ""

    def tell(text: str) -> None:
        nonlocal told
        print(f"\r{text}{' ' * (cell_len(told) - cell_len(text))}\r", end="", file=sys.stderr, flush=True)
        told = text

    try:
        yield lambda progress: tell(progress_text(progress))
    finally:
        tell("")


def _show(result: dict[str, Any]) -> None:
    show_pairs(
        (
            (_("Sent"), result["pushed"]),
            (_("Received"), result["pulled"]),
            (_("Overtaken by later edits"), result["superseded"]),
            (_("Refused"), result["rejected"]),
            (_("Still unsent"), result["pending"]),
            (_("Compared equal"), _("yes") if result["verified"] else _("no")),
            (_("Clock off by"), f"{result['clock_offset_ms'] / 1000:g} s"),
            (_("Took"), f"{result['seconds']:g} s"),
        )
    )


def _narrate(result: RoundResult) -> None:
    if abs(result.clock_offset_ms) > MAX_CLOCK_AHEAD_MS:
        off = _("This machine’s clock is off by {seconds}; what you write is stamped right all the same.")
        say(off.format(seconds=f"{result.clock_offset_ms / 1000:+g} s"))
    if result.rejected:
        say(_("The central refused lines: see “guanjia rejected”. They are kept here and can be corrected."))
    if not result.verified:
        say(_("Both sides were not found equal this time; the next round compares again."))
