"""``guanjia history`` and ``guanjia restore``: the versions of a line, why each lost, and bringing one back."""

from __future__ import annotations

from collections.abc import Mapping

import click
import orjson

from store.db.connection import Connection
from store.exceptions import GuanjiaError, LineNotFound
from store.queries.lines import Version, version_history
from tui.cli.groups import CLEAN_TEXT, Command, CommandContext, WholeNumber
from tui.cli.name_lookup import find_line
from tui.cli.output import emit, rows_json, show_table
from tui.cli.session import home_session, write_session
from tui.i18n.translate import _, value_label


class NoSuchVersion(GuanjiaError):
    """A version number that the line's history does not have."""

    code = "not_found"
    what = "This line has no version {number}; it has {count}."
    data = "Nothing was changed."
    remedy = "See them with “guanjia history”."


@click.command(cls=Command, help=_("All versions of a line, the reason each lost, and which one is current."))
@click.argument("line", metavar="ID", type=CLEAN_TEXT)
@click.pass_obj
def history(run: CommandContext, line: str) -> None:
    """Print the versions of a line, numbered from the oldest."""
    with home_session(run.home) as session, session.database.read() as connection:
        versions = _versions_of(connection, find_line(connection, line))
    emit(run.output_format, versions, _show_versions, rows_json)


@click.command(cls=Command, help=_("Make a version of a line current again, as a new version: nothing is lost by it."))
@click.argument("line", metavar="ID", type=CLEAN_TEXT)
@click.option("--version", "number", required=True, type=WholeNumber(min=1), help=_("Its number in the history."))
@click.pass_obj
def restore(run: CommandContext, line: str, number: int) -> None:
    """Write the version again, as a new one that beats the present one everywhere, and print the line's history."""
    with write_session(run.home) as (session, ledger):
        with session.database.read() as connection:
            line_id = find_line(connection, line)
            versions = _versions_of(connection, line_id)
        if number > len(versions):
            raise NoSuchVersion(number=number, count=len(versions))
        version = versions[number - 1]
        if not version.current:
            ledger.restore(line_id, version.stamp, version.device)
        with session.database.read() as connection:
            versions = _versions_of(connection, line_id)
    emit(run.output_format, versions, _show_versions, rows_json)


def _versions_of(connection: Connection, line_id: str) -> list[Version]:
    """The versions of a line. Raises `LineNotFound`."""
    versions = version_history(connection, line_id)
    if not versions:
        raise LineNotFound(id=line_id)
    return versions


def _show_versions(versions: list[Version]) -> None:
    """Print versions for people: what differs from the version before."""
    rows = []
    before: Mapping[str, object] = {}
    for version in versions:
        changed = {name: value for name, value in version.body.items() if before.get(name) != value}
        removed = {name: None for name in before if name not in version.body}
        fate = _("current") if version.current else value_label("reason", version.reason or "")
        author = version.author_name or version.author
        changes = _changes_text(version.kind, {**changed, **removed})
        rows.append((version.version, fate, version.at, author, version.device[-8:], changes))
        before = version.body
    show_table((_("Version"), _("Fate"), _("Written"), _("By"), _("Device"), _("What it changed")), rows)


def _changes_text(kind: str, changed: Mapping[str, object]) -> str:
    return " · ".join(f"{value_label('field', name)}: {_text(kind, name, value)}" for name, value in changed.items())


def _text(kind: str, field: str, value: object) -> str:
    if isinstance(value, list):
        return _(", ").join(_text(kind, field, item) for item in value)
    if isinstance(value, str):
        return value_label(f"{kind}.{field}", value)
    return "—" if value is None else orjson.dumps(value).decode()
