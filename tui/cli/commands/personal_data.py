"""``guanjia person export`` and ``person erase``: what is held on one person, given out, or erased everywhere.

Next: ``store/queries/personal_data.py``, ``store/commands/erasures.py``, ``tui/reports/personal_data.py``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import click

from store.commands.erasures import DEFAULT_BASIS, ErasurePlan, erase, files_with, plan_erasure
from store.commands.exceptions import ErasureUnconfirmed
from store.db.device_facts import read_device_facts
from store.exceptions import GuanjiaError
from store.home.device_state import DeviceState
from store.ledger.line import is_id
from store.queries.attachments import AttachmentRow
from store.queries.people import contact
from store.queries.personal_data import NamingLine, PersonalData, personal_data
from store.queries.referenced_names import referenced_names
from store.values.times import district_time, format_moment
from store.writer.scrubbing import scrub_if_due
from sync import admin_protocol as protocol
from sync.exceptions import NotEnrolled, NotForThisRole
from sync.round import call_central
from tui.cli.errors import NEEDS_ATTENTION, OK, print_error
from tui.cli.export_note import note_export
from tui.cli.groups import CLEAN_TEXT, PATH_PARAM, Command, CommandContext
from tui.cli.name_lookup import find_one
from tui.cli.output import OutputFormat, emit, say, show, show_pairs, show_table
from tui.cli.session import HomeSession, home_session, write_session
from tui.i18n.translate import N_, _, ngettext, value_label
from tui.reports import check_target, write_report
from tui.reports.personal_data import CentralPart, Names, body_text, personal_data_report

_SHOWN_TEXTS = 20
_MAX_PAGES = 200
"""So many pages of what the central holds are asked for: some 200 MB."""


class Exported(NamedTuple):
    """The file that was written, how many entries it has, and whether the central told its part."""

    file: str
    rows: int
    central: bool


@click.command("export", cls=Command, help=_("Write all that is held on one person to a file, for that person."))
@click.argument("who", metavar=N_("NAME"), type=CLEAN_TEXT)
@click.option(
    "--out", required=True, type=PATH_PARAM, metavar="FILE", help=_("The file: .docx, .xlsx, .csv, .json, .md")
)
@click.option("--overwrite", is_flag=True, help=_("Replace the file where there is one already."))
@click.pass_obj
def export(run: CommandContext, who: str, out: Path, overwrite: bool) -> int:
    """Write the file; exit code 3 where the central holds something too and could not be asked."""
    check_target(out, overwrite=overwrite)
    with home_session(run.home) as session:
        with session.database.read() as connection:
            person = find_one(connection, "person", who)
            held = personal_data(connection, DeviceState(session.database), person)
            entry = contact(connection, "person", person, "")
            bodies = [each.version.body for each in held.versions]
            bodies += [line.body for line in (*held.named, *held.written)]
            projects = [{"project_id": line.project_id} for line in (*held.named, *held.written) if line.project_id]
            names = referenced_names(connection, [*bodies, *projects])
            day = session.district_now(connection).date().isoformat()
        central, is_missing = _ask_central(run, session, held, names)
        report = personal_data_report(held, entry.name if entry else who, names, day, central)
        rows = write_report(report, out, overwrite=overwrite, note=partial(note_export, session))
    done = Exported(str(out), rows, central is not None)
    emit(run.output_format, done, _show_exported, Exported._asdict)
    return NEEDS_ATTENTION if is_missing else OK


def _show_exported(done: Exported) -> None:
    show_pairs(((_("File"), done.file), (_("Entries"), done.rows)))


def _ask_central(
    run: CommandContext, session: HomeSession, held: PersonalData, names: Names
) -> tuple[CentralPart | None, bool]:
    """What the central holds, where this device may ask it; and whether that is missing, of which the reason is said on
    stderr."""
    facts = read_device_facts(session.database.connection())
    if not facts.central:
        return None, False
    try:
        pages = list(_pages(session, held.people))
    except (NotForThisRole, NotEnrolled):
        say(_("Of this device alone: what the central holds is told to the bureau."))
        return None, False
    except GuanjiaError as error:
        print_error(error, json_form=run.output_format is not OutputFormat.TEXT)
        say(_("The file has what this device holds; the central’s part is missing. Export again when it answers."))
        return None, True
    return CentralPart([row for page in pages for row in _central_rows(page, names)]), pages[-1].more


def _pages(session: HomeSession, people: Sequence[str]) -> Iterator[protocol.PersonAnswer]:
    """What the central holds, page by page, then the devices that the first one had no room for; the last page says
    whether more would follow."""
    request = protocol.PersonRequest(people=list(people))
    further_devices: str | None = None
    for _page in range(_MAX_PAGES):
        told = call_central(session.home, session.settings, protocol.PERSON, request, protocol.PersonAnswer)
        yield told
        further_devices = told.devices_next or further_devices
        if told.next is not None and told.next > request.after:
            request = request.model_copy(update={"after": told.next})
        elif further_devices is not None and further_devices > (request.devices_after or ""):
            request = request.model_copy(update={"devices_after": further_devices})
        else:
            return


def _moment(ms: int) -> str:
    return format_moment(district_time(ms))


def _central_rows(told: protocol.PersonAnswer, names: Names) -> Iterator[tuple[str, str | None, str]]:
    for account in told.accounts:
        roles = "、".join(dict.fromkeys(value_label("role", each.role) for each in account.roles))
        yield _("Account"), _moment(account.created_at), f"{account.name} · {roles} · {account.id}"
    for device in told.devices:
        yield _("Device"), _moment(device.seen_at), f"{device.name} · {device.program or ''} · {device.id}"
    for code in told.codes:
        yield _("One-time code"), _moment(code.created_at), code.name
    for version in told.versions:
        kind, body = str(version.line.get("kind", "")), version.line.get("body")
        text = body_text(kind, body, names) if isinstance(body, dict) else ""
        yield value_label("kind", kind), _moment(version.received_at), text
    for entry in told.entries:
        text = body_text("", entry.detail) if entry.detail else entry.line or ""
        yield " · ".join((_("Audit"), value_label("audit_action", entry.action))), _moment(entry.at), text


class Erased(NamedTuple):
    """Whose records were emptied, how many lines, how many attached ``files`` with them, and which other records name
    the person in words."""

    people: tuple[str, ...]
    lines: int
    files: int
    texts: list[dict[str, object]]


@click.command(
    "erase", cls=Command,
    help=_("Erase what is held on one person, on all devices and at the central. For the bureau; it cannot be undone."),
)  # fmt: skip
@click.argument("who", metavar=N_("NAME"), type=CLEAN_TEXT)
@click.option("--reason", required=True, type=CLEAN_TEXT, help=_("Why; it is kept, so it must not name the person."))
@click.option("--basis", default=DEFAULT_BASIS, show_default=True, type=CLEAN_TEXT, help=_("The legal basis."))
@click.option("--files", is_flag=True, help=_("Attached files too whose names or words name the person."))
@click.option("--yes", is_flag=True, help=_("Do not ask."))
@click.pass_obj
def erase_person(run: CommandContext, who: str, reason: str, basis: str, files: bool, yes: bool) -> int:
    """Erase; exit code 3 where other records name the person in words, which stay, and are listed."""
    with write_session(run.home) as writing:
        ledger, database = writing.ledger, writing.session.database
        ledger.require_role("erasure")
        with database.read() as connection:
            plan = plan_erasure(connection, who)
            entry = contact(connection, "person", plan.people[0], "")
            going = files_with(connection, plan.files) if files else []
        name = entry.name if entry else who
        if not yes:
            _confirm(plan, name, who, going)
        gone = {row.id for row in going}
        erase(ledger, plan, reason, basis, files=sorted(gone))
        is_scrubbed = scrub_if_due(database)
    left = [line for line in plan.texts if line.id not in gone]
    done = Erased(plan.people, len(plan.lines), len(gone), [_text_json(line) for line in left])
    emit(run.output_format, done, _show_erased, Erased._asdict)
    say(_("Every device and the central follow at their next round. Backups and files given out are not reached."))
    if not is_scrubbed:
        say(_("Parts are still in this device’s files; the next round tries again to remove them."))
    return NEEDS_ATTENTION if left else OK


def _confirm(plan: ErasurePlan, name: str, typed: str, files: Sequence[AttachmentRow]) -> None:
    """Ask whoever sits at a terminal. A command of a script says it by the id; a name alone may be a slip. Raises
    `ErasureUnconfirmed`."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        if not is_id(typed.strip()):
            raise ErasureUnconfirmed(name=name)
        return
    say(_("{name}: {lines} records and phones, with all their versions.").format(name=name, lines=len(plan.lines)))
    staying = plan.references - len({row.id for row in files} & {*plan.files})
    say(_("{n} other records name the person by id or in words; they stay.").format(n=staying))
    if files:
        text = ngettext("{n} attached file goes with them.", "{n} attached files go with them.", len(files))
        say(text.format(n=len(files)))
        for row in files:  # a short name may be part of another person's
            say(f"  {row.id}  {row.name}")
    if not click.confirm(_("Erase this on every device and at the central? It cannot be undone."), err=True):
        raise ErasureUnconfirmed(name=name)


def _text_json(line: NamingLine) -> dict[str, object]:
    return {"kind": line.kind, "id": line.id, "fields": list(line.fields)}


def _show_erased(done: Erased) -> None:
    show(ngettext("{n} record emptied.", "{n} records emptied.", done.lines).format(n=done.lines))
    if done.files:
        show(ngettext("{n} attached file erased.", "{n} attached files erased.", done.files).format(n=done.files))
    if done.texts:
        n = len(done.texts)
        text = ngettext(
            "{n} other record has the name or a phone in its text, which stays. Correct it where nobody may be named:",
            "{n} other records have the name or a phone in their text, which stays. Correct them where nobody may be "
            "named:",
            n,
        )
        show(text.format(n=n))
        rows = ((value_label("kind", str(each["kind"])), str(each["id"])) for each in done.texts[:_SHOWN_TEXTS])
        show_table((_("Kind"), "ID"), rows)
