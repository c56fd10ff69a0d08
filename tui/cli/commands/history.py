"""``guanjia history``: what a line was, and why each of its versions lost."""

from __future__ import annotations

from typing import Any

import click
import orjson

from store.db.connection import Connection
from store.exceptions import LineNotFound
from store.queries.lines import Version
from store.queries.lines import history as read_history
from tui.cli.groups import PHRASE, Command, Run
from tui.cli.name_lookup import find_line
from tui.cli.output import emit, show_table
from tui.cli.read_context import at_desk
from tui.i18n.translate import _, word


@click.command(cls=Command, help=_("All versions of a line, the reason each lost, and which one is current."))
@click.argument("line", metavar="ID", type=PHRASE)
@click.pass_obj
def history(run: Run, line: str) -> None:
    """Print the versions of a line, numbered from the oldest."""
    with at_desk(run.home) as desk, desk.database.read() as connection:
        found = versions_of(connection, find_line(connection, line))
    emit(run.form, [version.to_json() for version in found], show_versions)


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
        fate = _("current") if one["current"] else word("reason", one["reason"])
        who = one["author_name"] or one["author"]
        rows.append((one["version"], fate, one["at"], who, one["device"][-8:], _said({**changed, **gone})))
        before = one["body"]
    show_table((_("Version"), _("Fate"), _("Written"), _("By"), _("Device"), _("What it changed")), rows)


def _said(changed: dict[str, Any]) -> str:
    return " · ".join(f"{word('field', name)}: {_text(value)}" for name, value in changed.items())


def _text(value: Any) -> str:
    return "—" if value is None else value if isinstance(value, str) else orjson.dumps(value).decode()
