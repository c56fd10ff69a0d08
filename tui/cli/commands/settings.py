"""``guanjia settings``: each value and where it came from; ``settings set`` writes one to the home's file."""

from __future__ import annotations

from typing import TypedDict

import click

from store.home.exceptions import BadTypedSetting
from store.home.paths import resolve_home, write_private
from store.home.setting_table import ALL_SETTINGS
from store.home.settings import Settings, load_settings, save_setting
from tui.cli.errors import NEEDS_ATTENTION, OK
from tui.cli.groups import CLEAN_TEXT, CommandContext, LazyGroup
from tui.cli.output import emit, say, show_table
from tui.i18n.labels import FAMILIES
from tui.i18n.translate import _, value_label
from tui.keys.actions import ACTIONS, Action, apply_keymap, format_key
from tui.keys.key_docs import keymap_template, scope_labels
from tui.keys.keymap import Keymap, read_keymap

KeyRow = TypedDict("KeyRow", {"action": str, "keys": list[str], "where": list[str], "what": str, "from": str})
"""An action with the keys in use, as it is printed."""
SettingRow = TypedDict(
    "SettingRow",
    {"name": str, "value": object, "from": str, "what": str, "expected": str, "variable": str},
)
"""A setting with its value and origin, as it is printed."""


@click.group(cls=LazyGroup, invoke_without_command=True, help=_("Each setting, its value and where it came from."))
@click.pass_context
def settings(ctx: click.Context) -> int | None:
    """Print all settings, unless one is to be set."""
    if ctx.invoked_subcommand is not None:
        return None
    run = ctx.ensure_object(CommandContext)
    loaded = load_settings(resolve_home(run.home))
    emit(run.output_format, setting_values(loaded), _show)
    return _warn(loaded)


@settings.command("set", help=_("Write a setting to this home's file; without VALUE it goes back to its default."))
@click.argument("name", type=CLEAN_TEXT)
@click.argument("value", type=CLEAN_TEXT, required=False)
@click.pass_obj
def set_(run: CommandContext, name: str, value: str | None) -> int:
    """Write one setting and print all settings as they are then."""
    home = resolve_home(run.home)
    if name == "central" and value:
        from sync.transport.endpoint import check_address

        check_address(value)
    name = name.replace("-", "_")
    stored = _stored_value(name, value)
    if name == "theme" and stored and stored not in FAMILIES["theme"]:
        raise BadTypedSetting(name=name, value=stored, expected=_(", ").join(FAMILIES["theme"]))
    home.create()
    save_setting(home, name, stored)
    loaded = load_settings(home)
    emit(run.output_format, setting_values(loaded), _show)
    return _warn(loaded)


@settings.command("keys", help=_("Which keys do what, and what of this home’s keymap file is not obeyed."))
@click.option("--write", is_flag=True, help=_("Write a keymap file to begin with, if there is none."))
@click.pass_obj
def keys_(run: CommandContext, write: bool) -> int:
    """Print the action table with the keys in use."""
    home = resolve_home(run.home)
    if write:
        home.create()
        if not home.keymap.exists():
            write_private(home.keymap, keymap_template().encode())
        say(_("The keymap file: {file}").format(file=home.keymap))
    keymap = read_keymap(home.keymap)
    apply_keymap(keymap.keys)
    emit(run.output_format, [_key_row(action, keymap) for action in ACTIONS], _show_keys)
    for problem in keymap.problems:
        say(problem.message())
    return NEEDS_ATTENTION if keymap.problems else OK


def _key_row(action: Action, keymap: Keymap) -> KeyRow:
    changed = action.id in keymap.keys
    return {
        "action": action.id,
        "keys": list(action.keys),
        "where": list(action.scopes),
        "what": _(action.help),
        "from": "keys.toml" if changed else "default",
    }


def _show_keys(rows: list[KeyRow]) -> None:
    cells = (
        (row["action"], " ".join(map(format_key, row["keys"])), row["what"], scope_labels(row["where"])) for row in rows
    )
    show_table((_("Action"), _("Key"), _("What it does"), _("Where")), cells)


def setting_values(settings: Settings) -> list[SettingRow]:
    """Each setting with its value, its origin and what it is."""
    values = settings._asdict()
    return [
        {
            "name": setting.name,
            "value": values[setting.name],
            "from": settings.origins[setting.name],
            "what": _(setting.description),
            "expected": setting.expected,
            "variable": setting.variable,
        }
        for setting in ALL_SETTINGS
    ]


def _show(rows: list[SettingRow]) -> None:
    columns = (_("Setting"), _("Value"), _("Where from"), _("What it is"))
    show_table(columns, map(_cells, rows))


def _cells(row: SettingRow) -> tuple[object, ...]:
    value, origin = row["value"], value_label("origin", row["from"])
    if isinstance(value, bool):
        return row["name"], _("on") if value else _("off"), origin, row["what"]
    return row["name"], value_label(row["name"], str(value)) if isinstance(value, str) else value, origin, row["what"]


def _stored_value(name: str, typed: str | None) -> str | None:
    """What is stored for a value that may be typed by its words."""
    setting = next((known for known in ALL_SETTINGS if known.name == name), None)
    if setting is None or typed is None:
        return typed
    words = {_("on"): "true", _("off"): "false"} if setting.type == "switch" else {}
    choices = FAMILIES["theme"] if name == "theme" else setting.choices
    words |= {value_label(name, choice): choice for choice in choices}
    return words.get(typed.strip(), typed)


def _warn(settings: Settings) -> int:
    for problem in settings.problems:
        say(problem.localized(_))
    for misspelt in settings.misspelt:
        say(_("“{name}” ({origin}) is no setting and does nothing.").format(name=misspelt.name, origin=misspelt.origin))
        if misspelt.suggestion:
            say(_("Did you mean “{suggestion}”?").format(suggestion=misspelt.suggestion))
    return NEEDS_ATTENTION if settings.misspelt or settings.problems else OK
