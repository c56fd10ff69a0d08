"""``guanjia join``: enrol this device at a central; a home that worked alone keeps all its lines."""

from __future__ import annotations

import click

from store.home import find_home
from store.settings import load_settings
from sync.joining import join_central
from tui.commands.frame import PHRASE, Command, Run
from tui.commands.homes import show_home
from tui.commands.output import Form, emit, say
from tui.words import _


@click.command(cls=Command, help=_("Enrol this device at a central. A home that worked alone keeps all its lines."))
@click.argument("url", metavar="URL", type=PHRASE)
@click.option("--code", required=True, type=PHRASE, help=_("The one-time code, good for ten minutes."))
@click.pass_obj
def join(run: Run, url: str, code: str) -> None:
    """Trade the code for a token and print whose device this is."""
    home = find_home(run.home)
    joined = join_central(home, load_settings(home), url, code)
    emit(run.form, {**joined._asdict(), "home": str(home.path)}, show_home)
    if run.form is Form.TEXT:
        say(_("Now “guanjia sync” brings what you may see."))
