"""``guanjia central serve``: the API, until SIGTERM. Its one line on stdout is its address, when it is ready."""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

import click

from sync.central.api.serve import ListenAddress
from sync.central.api.serve import serve as serve_central
from tui.cli.commands.central import DATA, ENTRIES, folder
from tui.cli.errors import BadUsage
from tui.cli.groups import CLEAN_TEXT, PATH_PARAM, Command, CommandContext
from tui.cli.output import emit, show
from tui.i18n.translate import _

_HELP = next(entry.help for entry in ENTRIES if entry.name == "serve")


@click.command(cls=Command, help=_HELP)
@DATA
@click.option("--host", type=CLEAN_TEXT, default="127.0.0.1", show_default=True, help=_("Where to listen."))
@click.option("--port", type=click.IntRange(0, 65_535), default=8765, show_default=True, help=_("0 takes a free one."))
@click.option(
    "--tls-cert", type=PATH_PARAM, help=_("Its certificate (PEM); without one only this machine can be served.")
)
@click.option("--tls-key", type=PATH_PARAM, help=_("The certificate’s key (PEM)."))
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help=_("How many processes."))
@click.option("--end-with-input", is_flag=True, hidden=True, help=_("End when stdin is closed, as when a parent dies."))
@click.pass_obj
def serve(run: CommandContext, /, data: Path | None, workers: int, end_with_input: bool, **where: Any) -> None:
    """Serve the central in this process and its workers."""
    if (where["tls_cert"] is None) != (where["tls_key"] is None):
        raise BadUsage(detail="--tls-cert --tls-key", command="guanjia central serve")
    if end_with_input:
        threading.Thread(target=_end_with_input, daemon=True, name="input").start()

    def ready(url: str) -> None:
        emit(run.output_format, {"url": url}, lambda value: show(value["url"]))
        sys.stdout.flush()

    serve_central(folder(data), ListenAddress(**where), workers=workers, announce=ready)


def _end_with_input() -> None:
    """Whoever started us holds the other end of our input; when they are gone, so are we."""
    while sys.stdin.buffer.read(1):
        continue
    os.kill(os.getpid(), signal.SIGTERM)
