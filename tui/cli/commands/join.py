"""``guanjia join``: enrol this device at a central; a home that worked alone keeps all its lines."""

from __future__ import annotations

from pathlib import Path

import click

from store.home.paths import resolve_home
from store.home.settings import load_settings
from sync.enrolment import join_central
from tui.cli.groups import CLEAN_TEXT, PATH_PARAM, Command, CommandContext
from tui.cli.home_report import HomeIdentity, HomeReport, show_home
from tui.cli.output import OutputFormat, emit, say
from tui.cli.secret_input import read_secret
from tui.i18n.translate import _


@click.command(cls=Command, help=_("Enrol this device at a central. A home that worked alone keeps all its lines."))
@click.argument("url", metavar="URL", type=CLEAN_TEXT)
@click.option(
    "--code",
    type=CLEAN_TEXT,
    help=_("The one-time code, good for ten minutes; without it, it is asked for or read from standard input."),
)
@click.option(
    "--code-file", type=PATH_PARAM, metavar="FILE", help=_("A file whose first line is the code; - is standard input.")
)
@click.pass_obj
def join(run: CommandContext, url: str, code: str | None, code_file: Path | None) -> None:
    """Exchange the code for a token and print whose device this is."""
    if code and code_file:
        raise click.UsageError("--code --code-file")
    code = code or read_secret(code_file, _("Code"), "guanjia join")
    home = resolve_home(run.home)
    joined = join_central(home, load_settings(home), url, code)
    identity = HomeIdentity(joined.person, joined.person_name, joined.device, joined.district, joined.district_name)
    emit(run.output_format, HomeReport(identity, home, joined.roles), show_home, HomeReport.to_json)
    if joined.former_name:
        text = _(
            "This home was {former}'s until now and is {name}'s from now on. What was written here and not sent yet is "
            "sent under {name}'s name; what was sent stays as it is."
        )
        say(text.format(former=joined.former_name, name=joined.person_name))
    if run.output_format is OutputFormat.TEXT:
        say(_("Now “guanjia sync” brings what you may see."))
