"""``guanjia join``: enrol this device at a central; a home that worked alone keeps all its lines."""

from __future__ import annotations

import click

from store.home.paths import find_home
from store.home.settings import load_settings
from sync.enrolment import join_central
from tui.cli.commands.init import show_home
from tui.cli.groups import PHRASE, Command, Run
from tui.cli.output import Form, emit, say
from tui.i18n.translate import _


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
