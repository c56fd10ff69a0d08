"""``guanjia settings``: each value and where it came from; ``settings set`` writes one to the home's file."""

from __future__ import annotations

from typing import Any

import click

from store.home import find_home
from store.settings import TABLE, Settings, load_settings, save_setting
from tui.commands.failing import LOOK, OK
from tui.commands.frame import PHRASE, Group, Run
from tui.commands.output import emit, say, show_table
from tui.words import _


@click.group(cls=Group, invoke_without_command=True, help=_("Each setting, its value and where it came from."))
@click.pass_context
def settings(ctx: click.Context) -> int | None:
    """Print all settings, unless one is to be set."""
    if ctx.invoked_subcommand is not None:
        return None
    run = ctx.ensure_object(Run)
    found = load_settings(find_home(run.home))
    emit(run.form, rows_of(found), _show)
    return _tell_misspelt(found)


@settings.command("set", help=_("Write a setting to this home's file; without VALUE it goes back to its default."))
@click.argument("name", type=PHRASE)
@click.argument("value", type=PHRASE, required=False)
@click.pass_obj
def set_(run: Run, name: str, value: str | None) -> int:
    """Write one setting and print what is now in force."""
    home = find_home(run.home)
    home.create()
    save_setting(home, name.replace("-", "_"), value)
    found = load_settings(home)
    emit(run.form, rows_of(found), _show)
    return _tell_misspelt(found)


def rows_of(found: Settings) -> list[dict[str, Any]]:
    """Each setting with its value, its origin and what it is."""
    values = found._asdict()
    return [
        {
            "name": setting.name,
            "value": values[setting.name],
            "from": found.origins[setting.name],
            "what": _(setting.what),
            "expected": setting.expected,
            "variable": setting.variable,
        }
        for setting in TABLE
    ]


def _show(rows: list[dict[str, Any]]) -> None:
    columns = (_("Setting"), _("Value"), _("From"), _("What it is"))
    show_table(columns, ((row["name"], row["value"], row["from"], row["what"]) for row in rows))


def _tell_misspelt(found: Settings) -> int:
    for slip in found.misspelt:
        say(_("“{name}” ({origin}) is no setting and does nothing.").format(name=slip.name, origin=slip.origin))
        if slip.suggestion:
            say(_("Did you mean “{suggestion}”?").format(suggestion=slip.suggestion))
    return LOOK if found.misspelt else OK
