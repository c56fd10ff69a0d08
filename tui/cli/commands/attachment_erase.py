"""``guanjia attachment erase``: a file for good, everywhere: its line, what that said before, and the bytes.

Next: ``store/commands/erasures.py``.
"""

from __future__ import annotations

import sys

import click

from store.commands.erasures import DEFAULT_BASIS, erase_files, plan_file_erasure
from store.commands.exceptions import ErasureUnconfirmed
from store.ledger.line import is_id
from store.queries.attachments import AttachmentRow
from store.writer.scrubbing import scrub_if_due
from tui.cli.commands.attachments import find_attachment
from tui.cli.groups import CLEAN_TEXT, Command, CommandContext
from tui.cli.output import emit, say, show
from tui.cli.session import write_session
from tui.i18n.translate import _, ngettext


@click.command(
    cls=Command,
    help=_("Erase a file on all devices and at the central, bytes too. For the bureau; it cannot be undone."),
)  # fmt: skip
@click.argument("file", metavar="ID", type=CLEAN_TEXT)
@click.option("--reason", required=True, type=CLEAN_TEXT, help=_("Why; it is kept, so it must not name the person."))
@click.option("--basis", default=DEFAULT_BASIS, show_default=True, type=CLEAN_TEXT, help=_("The legal basis."))
@click.option("--yes", is_flag=True, help=_("Do not ask."))
@click.pass_obj
def erase(run: CommandContext, file: str, reason: str, basis: str, yes: bool) -> None:
    """Erase the file wherever it is attached."""
    with write_session(run.home) as (session, ledger):
        ledger.require_role("erasure")
        with session.database.read() as connection:
            row = find_attachment(connection, file)
            files = plan_file_erasure(connection, row.id)
        if not yes:
            _confirm(row, files, file)
        erase_files(ledger, files, reason, basis)
        is_scrubbed = scrub_if_due(session.database)
    text = ngettext("{n} attached file erased.", "{n} attached files erased.", len(files)).format(n=len(files))
    emit(run.output_format, {"id": row.id, "files": [each.id for each in files]}, lambda _value: show(text))
    say(_("Every device and the central follow at their next round. Backups and files given out are not reached."))
    if not is_scrubbed:
        say(_("Parts are still in this device’s files; the next round tries again to remove them."))


def _confirm(row: AttachmentRow, files: list[AttachmentRow], typed: str) -> None:
    """Ask whoever sits at a terminal. A command of a script says it by the id. Raises `ErasureUnconfirmed`."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        if not is_id(typed.strip()):
            raise ErasureUnconfirmed(name=row.name)
        return
    count = len(files)
    text = ngettext("“{name}” is attached {n} time.", "“{name}” is attached {n} times.", count)
    say(text.format(name=row.name, n=count))
    if not click.confirm(_("Erase this on every device and at the central? It cannot be undone."), err=True):
        raise ErasureUnconfirmed(name=row.name)
