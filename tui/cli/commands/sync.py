"""``guanjia sync``: one round with the central, now."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from typing import Any

import click
from rich.cells import cell_len

from store.home.paths import find_home, open_home
from store.home.settings import load_settings
from store.home.sync_progress import Progress
from store.ledger.hlc import AHEAD_LIMIT_MS
from sync.round import sync_home
from sync.round_stats import Result
from tui.cli.errors import LOOK, OK
from tui.cli.groups import Command, Run
from tui.cli.output import Form, emit, say, show_pairs
from tui.i18n.sync_text import progress_line
from tui.i18n.translate import _


@click.command(cls=Command, help=_("One round with the central: send, receive, compare."))
@click.pass_obj
def sync(run: Run) -> int:
    """Run one round; exits 3 when a person should look: refused lines, or both sides not found equal."""
    home = open_home(find_home(run.home))
    with _narrating(run.form) as narrate:
        result = sync_home(home, load_settings(home), narrate)
    emit(run.form, result.to_json(), _show)
    if run.form is Form.TEXT:
        _narrate(result)
    return OK if result.well else LOOK


@contextlib.contextmanager
def _narrating(form: Form) -> Iterator[Callable[[Progress], None] | None]:
    """Says how far the round is, over and over in one line that is gone at the end, where a person watches stderr."""
    if form is not Form.TEXT or not sys.stderr.isatty():
        yield None
        return
    told = ""

    def tell(text: str) -> None:
        nonlocal told
        print(f"\r{text}{' ' * (cell_len(told) - cell_len(text))}\r", end="", file=sys.stderr, flush=True)
        told = text

    try:
        yield lambda progress: tell(progress_line(progress))
    finally:
        tell("")


def _show(found: dict[str, Any]) -> None:
    show_pairs(
        (
            (_("Sent"), found["pushed"]),
            (_("Received"), found["pulled"]),
            (_("Overtaken by later edits"), found["superseded"]),
            (_("Refused"), found["rejected"]),
            (_("Still unsent"), found["pending"]),
            (_("Compared equal"), _("yes") if found["verified"] else _("no")),
            (_("Clock off by"), f"{found['clock_offset_ms'] / 1000:g} s"),
            (_("Took"), f"{found['seconds']:g} s"),
        )
    )


def _narrate(result: Result) -> None:
    if abs(result.clock_offset_ms) > AHEAD_LIMIT_MS:
        off = _("This machine’s clock is off by {seconds}; what you write is stamped right all the same.")
        say(off.format(seconds=f"{result.clock_offset_ms / 1000:+g} s"))
    if result.rejected:
        say(_("The central refused lines: see “guanjia rejected”. They are kept here and can be corrected."))
    if not result.verified:
        say(_("Both sides were not found equal this time; the next round compares again."))
