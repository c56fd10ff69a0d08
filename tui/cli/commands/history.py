"""``guanjia history``: what a line was, and why each of its versions lost."""

from __future__ import annotations

from typing import Any

import click
import orjson

from store.db.connection import Connection
from store.exceptions import LineNotFound
from store.queries.lines import Version
from store.queries.lines import version_history as read_history
from tui.cli.groups import CLEAN_TEXT, Command, CommandContext
from tui.cli.name_lookup import find_line
from tui.cli.output import emit, show_table
from tui.cli.read_context import home_session
from tui.i18n.translate import _, value_label


@click.command(cls=Command, help=_("All versions of a line, the reason each lost, and which one is current."))
@click.argument("line", metavar="ID", type=CLEAN_TEXT)
@click.pass_obj
def history(run: CommandContext, line: str) -> None:
    """Print the versions of a line, numbered from the oldest."""
    with home_session(run.home) as desk, desk.database.read() as connection:
        found = versions_of(connection, find_line(connection, line))
    emit(run.output_format, [version.to_json() for version in found], show_versions)


def versions_of(connection: Connection, line_id: str) -> list[Version]:
    """The versions of a line. Raises `LineNotFound`."""
    found = read_history(connection, line_id)
    if not found:
        raise LineNotFound(id=line_id)
    return found


def show_versions(versions: list[dict[str, Any]]) -> None:
    """Versions for people: what differs from the version before."""
    rows = []
    before: dict[str, Any] = {}
    for one in versions:
        changed = {name: value for name, value in one["body"].items() if before.get(name) != value}
        gone = {name: None for name in before if name not in one["body"]}
        fate = _("current") if one["current"] else value_label("reason", one["reason"])
        who = one["author_name"] or one["author"]
        rows.append((one["version"], fate, one["at"], who, one["device"][-8:], _changes_text({**changed, **gone})))
        before = one["body"]
    show_table((_("Version"), _("Fate"), _("Written"), _("By"), _("Device"), _("What it changed")), rows)


def _changes_text(changed: dict[str, Any]) -> str:
    return " · ".join(f"{value_label('field', name)}: {_text(value)}" for name, value in changed.items())


def _text(value: Any) -> str:
    return "—" if value is None else value if isinstance(value, str) else orjson.dumps(value).decode()
