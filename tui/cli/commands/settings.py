"""``guanjia settings``: each value and where it came from; ``settings set`` writes one to the home's file."""

from __future__ import annotations

from typing import Any

import click

from store.home.paths import find_home, write_private
from store.home.settings import TABLE, Settings, load_settings, save_setting
from sync.transport.endpoint import check_address
from tui.cli.errors import LOOK, OK
from tui.cli.groups import PHRASE, Group, Run
from tui.cli.output import emit, say, show_table
from tui.i18n.translate import _
from tui.keys.actions import ACTIONS, Action, key_name, use_keys
from tui.keys.key_docs import keymap_file, places_named
from tui.keys.keymap import Keymap, read_keymap


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
    if name == "central" and value:
        check_address(value)
    home.create()
    save_setting(home, name.replace("-", "_"), value)
    found = load_settings(home)
    emit(run.form, rows_of(found), _show)
    return _tell_misspelt(found)


@settings.command("keys", help=_("Which keys do what, and what of this home’s keymap file is not obeyed."))
@click.option("--write", is_flag=True, help=_("Write a keymap file to begin with, if there is none."))
@click.pass_obj
def keys_(run: Run, write: bool) -> int:
    """Print the action table with the keys in use."""
    home = find_home(run.home)
    if write:
        home.create()
        if not home.keys.exists():
            write_private(home.keys, keymap_file().encode())
        say(_("The keymap file: {file}").format(file=home.keys))
    keymap = read_keymap(home.keys)
    use_keys(keymap.keys)
    emit(run.form, [_row(action, keymap) for action in ACTIONS], _show_keys)
    for problem in keymap.problems:
        say(problem.told())
    return LOOK if keymap.problems else OK


def _row(action: Action, keymap: Keymap) -> dict[str, Any]:
    changed = action.id in keymap.keys
    return {
        "action": action.id,
        "keys": list(action.keys),
        "where": list(action.where),
        "what": _(action.help),
        "from": "keys.toml" if changed else "default",
    }


def _show_keys(rows: list[dict[str, Any]]) -> None:
    told = (
        (row["action"], " ".join(map(key_name, row["keys"])), row["what"], places_named(row["where"])) for row in rows
    )
    show_table((_("Action"), _("Key"), _("What it does"), _("Where")), told)


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
