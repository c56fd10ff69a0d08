"""``guanjia sync``: one round with the central, now."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator

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
from tui.cli.pin_prompt import unlock_home
from tui.i18n.sync_text import progress_text, signed_duration_text
from tui.i18n.translate import _, error_text, ngettext


@click.command(cls=Command, help=_("One round with the central: send, receive, compare."))
@click.pass_obj
def sync(run: CommandContext) -> int:
    """Run one round; exits 3 when a person should look: lines wait or were refused, or both sides were not found
    equal."""
    home = require_home(resolve_home(run.home))
    unlock_home(home, unattended=True)
    with _progress_writer(run.output_format) as write_progress:
        result = sync_home(home, load_settings(home), write_progress)
    emit(run.output_format, result, _show, RoundResult.to_json)
    if run.output_format is OutputFormat.TEXT:
        _say_remarks(result)
    return OK if result.needs_no_attention else NEEDS_ATTENTION


@contextlib.contextmanager
def _progress_writer(output_format: OutputFormat) -> Iterator[Callable[[RoundProgress], None] | None]:
    """Writes the progress of the round into one line of stderr, erased at the end; None where that is no terminal."""
    if output_format is not OutputFormat.TEXT or not sys.stderr.isatty():
        yield None
        return
    written = ""

    def write(text: str) -> None:
        nonlocal written
        print(f"\r{text}{' ' * (cell_len(written) - cell_len(text))}\r", end="", file=sys.stderr, flush=True)
        written = text

    try:
        yield lambda progress: write(progress_text(progress))
    finally:
        write("")


def _show(result: RoundResult) -> None:
    show_pairs(
        (
            (_("Sent"), result.pushed),
            (_("Received"), result.pulled),
            (_("Overtaken by later edits"), result.superseded),
            (_("Refused"), result.rejected),
            (_("Still unsent"), result.pending),
            (_("Compared equal"), _("yes") if result.verified else _("no")),
            (_("In agreement"), _("yes") if result.in_agreement else _("no")),
            (_("Clock off by"), signed_duration_text(result.clock_offset_ms)),
            (_("Took"), f"{result.seconds:g} s"),
        )
    )


def _say_remarks(result: RoundResult) -> None:
    if abs(result.clock_offset_ms) > MAX_CLOCK_AHEAD_MS:
        off = _("This machine’s clock is off by {seconds}; what you write is stamped right all the same.")
        say(off.format(seconds=signed_duration_text(result.clock_offset_ms)))
    if result.rejected:
        say(_("Lines were refused, or wait for the bureau’s decision: see “guanjia rejected”. They are kept here."))
    if result.pending:
        wait = ngettext(
            "{n} line still waits here: both sides are not in agreement.",
            "{n} lines still wait here: both sides are not in agreement.",
            result.pending,
        )
        say(wait.format(n=result.pending))
    if not result.verified:
        say(_("Both sides were not found equal this time; the next round compares again."))
    if result.files_failure is not None:
        say(_("All records were exchanged; attached files could not travel:"))
        say("\n".join(error_text(result.files_failure)))
