"""``guanjia central backup`` and ``restore``: a verified backup while it serves, and a central made from one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from sync.central.backup.create import CentralBackup, create_backup
from sync.central.backup.restore import RestoredCentral, restore_backup
from tui.cli.commands.central import DATA, ENTRIES, central_folder
from tui.cli.groups import PATH_PARAM, Command, CommandContext, WholeNumber
from tui.cli.output import OutputFormat, emit, say, show
from tui.i18n.sync_text import format_size
from tui.i18n.translate import _, ngettext

_HELP_BY_NAME = {entry.name: entry.help for entry in ENTRIES}


@click.command(
    cls=Command,
    help=_(
        "Write a verified backup of all districts to FILE, while the central serves; into a folder, under a name with "
        "district and time.\n\n"
        "A plain copy of central.db is no backup: what was written last is in other files beside it. The backup holds "
        "everything in plain text, with roles, audit and keys: keep it where only you can read it."
    ),
)
@click.argument("file", type=PATH_PARAM)
@click.option(
    "--keep",
    type=WholeNumber(min=1),
    metavar="N",
    help=_("Of the backups made with --keep in this folder, keep the newest N; nothing else is ever deleted."),
)
@DATA
@click.pass_obj
def backup(run: CommandContext, file: Path, keep: int | None, data: Path | None) -> None:
    """Write the backup and print its file."""
    made = create_backup(central_folder(data), file, keep)
    emit(run.output_format, made, _show_backup, CentralBackup.to_json)
    if keep is None and run.output_format is OutputFormat.TEXT:
        say(_("To have one made every day: guanjia central install (with --dry-run it only shows the timer)."))


def _show_backup(made: CentralBackup) -> None:
    show(str(made.file))
    lines, accounts = made.manifest.lines, made.manifest.accounts
    counted = ngettext("Verified: {n} line", "Verified: {n} lines", lines).format(n=lines)
    say(counted + _(", ") + ngettext("{n} account", "{n} accounts", accounts).format(n=accounts))
    if made.outside.files:
        text = ngettext(
            "{n} attached file, {size}, is in the store that central.toml names and not in this backup: back up the "
            "store too.",
            "{n} attached files, {size}, are in the store that central.toml names and not in this backup: back up the "
            "store too.",
            made.outside.files,
        )
        say(text.format(n=made.outside.files, size=format_size(made.outside.bytes)))
    for path in made.removed:
        say(_("Removed an older one: {file}").format(file=path))


@click.command(cls=Command, help=_HELP_BY_NAME["restore"])
@click.argument("file", type=PATH_PARAM)
@DATA
@click.option("--database", metavar="URL", help=_("An empty postgresql://…; without it an SQLite file in the folder."))
@click.pass_obj
def restore(run: CommandContext, file: Path, data: Path | None, database: str | None) -> None:
    """Make the central and say what follows."""
    restored = restore_backup(file, central_folder(data), database)
    emit(run.output_format, restored, _show_restored, RestoredCentral.to_json)
    if run.output_format is OutputFormat.TEXT:
        say(_("One-time codes that were open are void: invite again. What was written since is on the devices."))


def _show_restored(restored: RestoredCentral) -> None:
    facts = restored.to_json()
    show(str(restored.data_dir))
    lines = restored.manifest.lines
    counted = ngettext("{n} line, as of {time}", "{n} lines, as of {time}", lines)
    say(counted.format(n=lines, time=facts["made_at"]))
    if restored.outside.files:
        text = ngettext(
            '{n} attached file, {size}, was in an outside store: write blobs = "s3://…" into central.toml as '
            "before, then “guanjia central files --check” says whether it is there.",
            '{n} attached files, {size}, were in an outside store: write blobs = "s3://…" into central.toml as '
            "before, then “guanjia central files --check” says whether they are there.",
            restored.outside.files,
        )
        say(text.format(n=restored.outside.files, size=format_size(restored.outside.bytes)))


def condition_warnings(facts: Mapping[str, object]) -> Iterator[str]:
    """What an operator should look at, as `Condition.to_json` has it."""
    if facts["gap"] == "log_missing":
        yield _(
            "This central.db is a plain copy of a serving central, without its central.db-wal: it lacks the newest, or "
            "all. Use the original, or restore a backup."
        )
    elif facts["gap"] == "set_back":
        yield _(
            "The central’s database is older than what was served from this folder. Put the newer one back, or serve "
            "it: a new epoch begins, and the devices send again what it lacks."
        )
    if facts["database_guarded"] is False:
        yield _(
            "The central serves with the role that owns its tables: whoever takes over the serving process can remove "
            "the audit's protection. How to give it a role of its own: sync/README.md, “Two roles”."
        )
    backup = facts["backup"]
    if backup is None:
        yield _(
            "There is no verified backup of this central: guanjia central backup FOLDER --keep 14. A plain copy of "
            "central.db is none: it may lack everything."
        )
    elif facts["backup_overdue"] and isinstance(backup, dict):
        overdue = _("The newest verified backup is from {time}: older than a day. Run “guanjia central backup”.")
        yield overdue.format(time=backup["made_at"])


COMMANDS: dict[str, click.Command] = {command.name or "": command for command in (backup, restore)}
"""The commands by their names."""
