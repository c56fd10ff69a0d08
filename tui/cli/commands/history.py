"""``guanjia history`` and ``guanjia restore``: the versions of a line, why each lost, and bringing one back."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import click

from store.db.connection import Connection
from store.exceptions import GuanjiaError, LineNotFound
from store.queries.lines import Version, version_history
from store.queries.referenced_names import referenced_names
from tui.cli.groups import CLEAN_TEXT, Command, CommandContext, WholeNumber
from tui.cli.name_lookup import find_line
from tui.cli.output import emit, rows_json, show_table
from tui.cli.session import home_session, write_session
from tui.i18n.translate import _, value_label
from tui.i18n.value_text import moment_text, value_text


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
        versions, names = _versions_of(connection, find_line(connection, line))
    emit(run.output_format, versions, partial(_show_versions, names), rows_json)


@click.command(cls=Command, help=_("Make a version of a line current again, as a new version: nothing is lost by it."))
@click.argument("line", metavar="ID", type=CLEAN_TEXT)
@click.option("--version", "number", required=True, type=WholeNumber(min=1), help=_("Its number in the history."))
@click.pass_obj
def restore(run: CommandContext, line: str, number: int) -> None:
    """Write the version again, as a new one that beats the present one everywhere, and print the line's history."""
    with write_session(run.home) as (session, ledger):
        with session.database.read() as connection:
            line_id = find_line(connection, line)
            versions, names = _versions_of(connection, line_id)
        if number > len(versions):
            raise NoSuchVersion(number=number, count=len(versions))
        version = versions[number - 1]
        if not version.current:
            ledger.restore(line_id, version.stamp, version.device)
        with session.database.read() as connection:
            versions, names = _versions_of(connection, line_id)
    emit(run.output_format, versions, partial(_show_versions, names), rows_json)


def _versions_of(connection: Connection, line_id: str) -> tuple[list[Version], dict[str, str]]:
    """The versions of a line, with the names of the lines that they mention. Raises `LineNotFound`."""
    versions = version_history(connection, line_id)
    if not versions:
        raise LineNotFound(id=line_id)
    return versions, referenced_names(connection, (version.body for version in versions))


def _show_versions(names: Mapping[str, str], versions: list[Version]) -> None:
    """Print versions for people: what differs from the version before."""
    rows = []
    before: Mapping[str, object] = {}
    for version in versions:
        changed = {name: value for name, value in version.body.items() if before.get(name) != value}
        removed = {name: None for name in before if name not in version.body}
        fate = _("current") if version.current else value_label("reason", version.reason or "")
        author = version.author_name or (_("the central") if version.author == version.device else version.author)
        changes = _changes_text(version.kind, {**changed, **removed}, names)
        rows.append(
            (version.version, fate, moment_text(version.at) or version.at, author, version.device[-8:], changes)
        )
        before = version.body
    show_table((_("Version"), _("Fate"), _("Written"), _("By"), _("Device"), _("What it changed")), rows)


def _changes_text(kind: str, changed: Mapping[str, object], names: Mapping[str, str]) -> str:
    return " · ".join(
        f"{value_label('field', name)}: {value_text(kind, name, value, names)}" for name, value in changed.items()
    )
