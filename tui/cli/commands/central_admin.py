"""``guanjia central init``, ``invite``, ``people`` …: administration of a central, each command on its folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TypedDict, Unpack

import click

from sync.central.accounts.invitees import WhichPerson
from sync.central.accounts.scope import ROLES
from sync.central.admin import admin
from sync.central.admin.files import FilesReport, files_report
from sync.central.admin.own_certificate import certificate_end
from sync.central.admin.set_back import accept_incomplete
from sync.central.admin.setup import gap_of
from sync.central.audit import TimeRange
from sync.central.audit_chain import ChainBreak
from sync.central.db.settings import load_central_settings
from sync.central.exceptions import (
    NoObjectCredentials,
    ObjectsNotInstalled,
    ObjectsNotNamed,
    ObjectsUnreachable,
)
from sync.central.intake_check import IntakeReport
from sync.exceptions import SyncError
from sync.transport.authority import parse_join_address
from tui.cli.commands import audit_file, central_clock
from tui.cli.commands.admin_tables import show_audit, show_named
from tui.cli.commands.central import DATA, DISTRICT, ENTRIES, central_folder
from tui.cli.commands.central_backup import condition_warnings
from tui.cli.commands.central_files import say_missing
from tui.cli.errors import NEEDS_ATTENTION, OK
from tui.cli.groups import CLEAN_TEXT, PATH_PARAM, Command, CommandContext, LabelChoice, WholeNumber, with_options
from tui.cli.output import emit, say, show, show_pairs, show_table
from tui.cli.secret_input import read_secret
from tui.cli.time_range import parse_period
from tui.i18n.translate import _, error_text, value_label

_HELP_BY_NAME = {entry.name: entry.help for entry in ENTRIES}


JsonObject = Mapping[str, object]


class RoleOptions(TypedDict):
    """Which account, as what, and where."""

    name: str
    role: str
    department: str | None
    projects: tuple[str, ...]
    district: str | None


role_options = with_options(
    click.option("--name", required=True, type=CLEAN_TEXT, help=_("The person’s name.")),
    click.option("--role", required=True, type=LabelChoice(ROLES, "role"), help=_("What they are.")),
    click.option("--department", type=CLEAN_TEXT, help=_("Which department, for role department.")),
    click.option("--project", "projects", multiple=True, type=CLEAN_TEXT, help=_("Which project; may be repeated.")),
    DISTRICT,
    DATA,
)


@click.command(cls=Command, help=_HELP_BY_NAME["init"])
@DATA
@click.option(
    "--district", required=True, type=CLEAN_TEXT, metavar="CODE", help=_("The district’s code, such as 210903.")
)
@click.option("--name", required=True, type=CLEAN_TEXT, help=_("The district’s name."))
@click.option(
    "--database",
    metavar="URL",
    envvar="GUANJIA_CENTRAL_DATABASE",
    help=_("postgresql://… (GUANJIA_CENTRAL_DATABASE); without it an SQLite file in the folder."),
)
@click.option(
    "--database-file",
    type=PATH_PARAM,
    metavar="FILE",
    help=_("A file whose first line is that address, with its password; - is standard input."),
)
@click.option("--admin", "admin_name", type=CLEAN_TEXT, default="", help=_("Who the first account is for."))
@click.pass_obj
def init(
    run: CommandContext,
    /,
    data: Path | None,
    district: str,
    name: str,
    database: str | None,
    database_file: Path | None,
    admin_name: str,
) -> None:
    """Make the central and print its first code."""
    where = central_folder(data)
    if database_file is not None:
        database = read_secret(database_file, "--database-file", "guanjia central init")
    code = admin.create(where, district, name, database, admin=admin_name)
    emit(run.output_format, {"admin_code": code, "data": str(where)}, lambda made: show(made["admin_code"]))
    say(_("This code enrols the bureau’s first device, once: “guanjia join URL” asks for it."))


FILE_HOURS = 14 * 24
"""How long an invitation as a file is good, where nothing else is said."""


file_options = with_options(
    click.option(
        "--file",
        "out",
        type=PATH_PARAM,
        metavar="FILE|DIR",
        help=_("Write it as a file, to join without a network."),
    ),
    click.option(
        "--address", type=CLEAN_TEXT, metavar="URL", help=_("Where the central is, for when there is a network.")
    ),
    click.option("--hours", type=WholeNumber(1, 720), metavar="N", help=_("How long it is good.")),
)


@click.command(cls=Command, help=_HELP_BY_NAME["invite"])
@role_options
@click.option("--person", type=CLEAN_TEXT, metavar="ID", help=_("Which person of that name, where there are several."))
@click.option(
    "--same", "--again", "again", is_flag=True, help=_("The person of that name who is known already: one device more.")
)
@click.option("--new", is_flag=True, help=_("Another person, who only has the same name."))
@file_options
@click.pass_obj
def invite(
    run: CommandContext,
    /,
    data: Path | None,
    person: str | None,
    again: bool,
    new: bool,
    out: Path | None,
    address: str | None,
    hours: int | None,
    **role: Unpack[RoleOptions],
) -> None:
    """Print a one-time code, or write it as a file."""
    where = central_folder(data)
    known = load_central_settings(where).address
    address = address or (known if out is not None else None)
    if (out is None) != (address is None):
        raise click.UsageError(_("“--file” and “--address” go together."))
    if (person is not None) + again + new > 1:
        raise click.UsageError(_("Only one of these at a time: {options}.").format(options="--person, --same, --new"))
    if address is not None:
        address = parse_join_address(address).address
    hours = hours or (None if out is None else FILE_HOURS)
    lifetime = {} if hours is None else {"lifetime_ms": hours * 3_600_000}
    made: JsonObject = admin.invite(where, **role, which=WhichPerson(person, again, new), **lifetime)
    if out is not None and address is not None:
        made = _with_file(where, role["district"], made, address, out)
    emit(run.output_format, made, lambda value: show(str(value.get("file") or value["code"])))
    if made["account"] is None and made["person"] is not None:
        known = _("It is for the {name} whom the ledger knows. Another person of that name: --new.")
        say(known.format(name=made["name"]))
    say(_("Good once, until {time}.").format(time=made["expires_at"]))
    if known is not None and out is None:
        say(_("Join with: {command}").format(command=f"guanjia join {known}"))
    if "fingerprint" in made:
        told = _(
            "Whoever has this file can join. The central’s fingerprint, to be compared when it is used: {fingerprint}"
        )
        say(told.format(fingerprint=made["fingerprint"]))


def _with_file(where: Path, district: str | None, made: JsonObject, address: str, out: Path) -> JsonObject:
    """What was made, with the invitation as a file."""
    from sync.central.admin.invitation_file import InvitedPerson, write_invitation

    until = int(datetime.fromisoformat(str(made["expires_at"])).timestamp() * 1000)
    invited = InvitedPerson(str(made["name"] or ""), str(made["code"]), until)
    written = write_invitation(where, district, invited, address, out)
    return {**made, "file": str(written.file), "fingerprint": written.fingerprint}


@click.command(cls=Command, help=_HELP_BY_NAME["grant"])
@role_options
@click.pass_obj
def grant(run: CommandContext, /, data: Path | None, **options: Unpack[RoleOptions]) -> None:
    """Print the roles that were added."""
    _emit_roles(run, central_folder(data), admin.grant(central_folder(data), **options), options["district"])


@click.command(cls=Command, help=_HELP_BY_NAME["withdraw"])
@role_options
@click.pass_obj
def withdraw(run: CommandContext, /, data: Path | None, **options: Unpack[RoleOptions]) -> None:
    """Print the roles that were taken."""
    _emit_roles(run, central_folder(data), admin.withdraw(central_folder(data), **options), options["district"])


@click.command(cls=Command, help=_HELP_BY_NAME["people"])
@DISTRICT
@DATA
@click.pass_obj
def people(run: CommandContext, district: str | None, data: Path | None) -> None:
    """Print the accounts."""
    emit(run.output_format, admin.list_accounts(central_folder(data), district=district), _show_people)


@click.command(cls=Command, help=_HELP_BY_NAME["devices"])
@DISTRICT
@DATA
@click.pass_obj
def devices(run: CommandContext, district: str | None, data: Path | None) -> None:
    """Print the devices."""
    emit(run.output_format, admin.list_devices(central_folder(data), district=district), _show_devices)


@click.command(cls=Command, help=_HELP_BY_NAME["revoke"])
@click.argument("device", type=CLEAN_TEXT)
@DISTRICT
@DATA
@click.pass_obj
def revoke(run: CommandContext, device: str, district: str | None, data: Path | None) -> None:
    """Print the devices that are refused from now on."""
    emit(run.output_format, admin.revoke(central_folder(data), device, district=district), _show_devices)


@click.command(cls=Command, help=_HELP_BY_NAME["audit"])
@click.option("--after", type=WholeNumber(min=0), default=0, help=_("Only what came after this number."))
@click.option("--since", type=CLEAN_TEXT, metavar="DATE", help=_("From this day on."))
@click.option("--until", type=CLEAN_TEXT, metavar="DATE", help=_("Up to this day, included."))
@click.option("--limit", type=WholeNumber(min=1), default=1000, show_default=True, help=_("At most so many."))
@click.option(
    "--out", type=PATH_PARAM, metavar="FILE", help=_("Write all of it to a new .csv or .ndjson file instead.")
)
@DISTRICT
@DATA
@click.pass_obj
def audit(
    run: CommandContext,
    after: int,
    since: str | None,
    until: str | None,
    limit: int,
    out: Path | None,
    district: str | None,
    data: Path | None,
) -> None:
    """Print what was done, in the order it was committed; or write it to a file, however long it is."""
    folder, period = central_folder(data), TimeRange(*parse_period(since, until))
    if out is None:
        page = admin.audit_page(folder, after=after, limit=limit, district=district, period=period)
        emit(run.output_format, page, show_audit)
        return
    if out.suffix.lower() not in audit_file.WRITERS:
        raise click.BadParameter(_("Name a file that ends in .csv or .ndjson."), param_hint="--out")
    pages = admin.audit_pages(folder, after=after, district=district, period=period)
    emit(run.output_format, {"file": str(out), "entries": audit_file.write_audit(pages, out)}, _show_facts)


@click.command(cls=Command, help=_HELP_BY_NAME["stats"])
@DISTRICT
@DATA
@click.pass_obj
def stats(run: CommandContext, district: str | None, data: Path | None) -> int:
    """Print counts, and what an operator should look at: whether the central would survive, its clock, its disk."""
    folder = central_folder(data)
    clock = central_clock.clock_doubt(folder, district)
    free = admin.disk_space(folder)
    space = {} if free is None else {"disk_free_mb": free >> 20, "disk_full": free < admin.MIN_FREE_BYTES}
    certificate = {"certificate_ends": certificate_end(folder)}
    return _report(run, {**admin.stats(folder, district=district), **space, **certificate}, clock)


@click.command(cls=Command, help=_HELP_BY_NAME["check"])
@click.option("--accept", is_flag=True, help=_("Take an incomplete copy for the central: its devices send the rest."))
@DISTRICT
@DATA
@click.pass_obj
def check(run: CommandContext, accept: bool, district: str | None, data: Path | None) -> int:
    """Print what was found and put right."""
    folder = central_folder(data)
    if accept and gap_of(folder) is not None:
        accept_incomplete(folder)
    clock = central_clock.clock_doubt(folder, district)
    found = admin.check_integrity(folder, district=district)
    chain = admin.check_audit(folder, district=district)
    log = admin.check_log(folder, district=district)
    attached, failure = _look_for_files(folder, district)
    facts = {**found, "audit": chain.to_json(), "log": log.to_json(), **admin.condition(folder, district=district)}
    code = _report(run, {**facts, **({} if attached is None else {"files": attached.to_json()})}, clock)
    if attached is not None:
        say_missing(attached)
    if failure is not None:
        say("\n".join(error_text(failure)))
    for place in chain.breaks:
        say(_break_warning(place))
    if not log.holds:
        say(_log_warning(log))
    is_whole = failure is None and not (attached and attached.missing)
    return NEEDS_ATTENTION if chain.breaks or not log.holds or not is_whole else code


def _look_for_files(folder: Path, district: str | None) -> tuple[FilesReport | None, SyncError | None]:
    """What of the attached files lies where; a store that cannot be asked keeps nobody from checking the rest."""
    try:
        return files_report(folder, district=district, look=True), None
    except (ObjectsUnreachable, ObjectsNotNamed, ObjectsNotInstalled, NoObjectCredentials) as error:
        return None, error


def _log_warning(log: IntakeReport) -> str:
    """What is wrong with the log of what the central took in."""
    text = _(
        "Lines are not as the central took them in: {changed} changed, {missing} gone, {strange} added past it, and "
        "{broken} entries of its log changed. Nothing was repaired. Devices that have synced before notice it with "
        "their next round. Find out who had access to the database, and compare with a backup."
    )
    counts = {name: len(getattr(log, name)) for name in ("changed", "missing", "strange", "broken")}
    return text.format(**counts)


def _break_warning(place: ChainBreak) -> str:
    """What a break of the audit's chain means."""
    if place.seq is None:
        text = _(
            "The end of the audit is not as the central wrote it: entries after entry {after} were removed or changed. "
            "Nothing was repaired, and lines may have been changed too. Find out who had access to the database, and "
            "compare with a backup."
        )
        return text.format(after=place.after)
    text = _(
        "The audit is not as the central wrote it: entry {seq}, or one between it and entry {after}, was changed, "
        "removed or added past the central. Nothing was repaired, and lines may have been changed too. Find out who "
        "had access to the database, and compare with a backup."
    )
    return text.format(seq=place.seq, after=place.after)


def _report(run: CommandContext, facts: JsonObject, clock: JsonObject) -> int:
    """Print facts and warnings; an incomplete database is for a person to look at."""
    emit(run.output_format, {**facts, **clock}, _show_condition)
    for warning in condition_warnings(facts):
        say(warning)
    central_clock.say_clock_doubt(clock)
    if facts.get("disk_full"):
        say(_("The disk of the central is full or nearly so: it can be read, but takes nothing in. Make room."))
    is_well = facts["complete"] and not facts.get("disk_full") and not clock["clock_doubtful"]
    return OK if is_well else NEEDS_ATTENTION


def _show_condition(facts: JsonObject) -> None:
    backup = facts["backup"]
    made_at = backup["made_at"] if isinstance(backup, dict) else None
    words = {name: _("yes") if value else _("no") for name, value in facts.items() if isinstance(value, bool)}
    chain = facts.get("audit")
    entries = {"audit": chain["entries"]} if isinstance(chain, dict) else {}
    log = facts.get("log")
    entries |= {"log": log["entries"]} if isinstance(log, dict) else {}
    attached = facts.get("files")
    if isinstance(attached, dict):
        entries["files"] = attached["database"]["files"] + attached["outside"]["files"]
    gap = facts["gap"]
    shown = {**facts, **words, **entries, "backup": made_at, "gap": gap and value_label("central_gap", str(gap))}
    show_pairs((value_label("central_fact", name), value) for name, value in shown.items())


COMMANDS: dict[str, click.Command] = {
    command.name or "": command
    for command in (init, invite, people, devices, revoke, grant, withdraw, audit, stats, check)
}
"""The commands by their names."""


def _emit_roles(run: CommandContext, folder: Path, roles: Sequence[JsonObject], district: str | None) -> None:
    """Print roles that were granted or withdrawn, for people with the names of what they are for."""
    emit(run.output_format, roles, lambda plain: _show_roles(admin.with_place_names(folder, plain, district=district)))


def _show_roles(roles: Sequence[JsonObject]) -> None:
    columns = (_("Role"), _("Project"), _("Department"))
    show_table(columns, ((_role_label(role), _place(role, "project"), _place(role, "department")) for role in roles))


def _place(role: JsonObject, what: str) -> object:
    """The name of the project or department that a role is for, as far as its line has been synced."""
    return role.get(f"{what}_name") or (_("not synced yet") if role[what] else None)


def _role_label(role: JsonObject) -> str:
    return value_label("role", str(role["role"]))


def _roles_text(roles: object) -> str:
    """The roles of an account in one cell; each with its department or project."""
    texts = []
    for role in roles if isinstance(roles, list) else ():
        place = _place(role, "department") or _place(role, "project")
        texts.append(_role_label(role) + (f" ({place})" if place else ""))
    return "、".join(texts)


def _show_people(people: Sequence[JsonObject]) -> None:
    rows = [
        (
            account["id"],
            account["name"],
            _roles_text(account["roles"]),
            account["devices"],
            _minute(account["created_at"]),
        )
        for account in people
    ]
    show_named((_("Name"), _("Roles"), _("Devices"), _("Since")), rows)


def _show_devices(devices: Sequence[JsonObject]) -> None:
    moments = ("created_at", "seen_at", "revoked_at")
    columns = (_("Device"), _("Person"), _("Enrolled"), _("Seen"), _("Revoked"), "ID")
    rows = ((device["name"], device["account"], *(_minute(device[name]) for name in moments), device["id"])
            for device in devices)  # fmt: skip
    show_table(columns, rows)


def _minute(moment: object) -> str:
    """A stored moment to the minute; empty where there is none."""
    return str(moment or "")[:16].replace("T", " ")


def _show_facts(facts: JsonObject) -> None:
    show_pairs(facts.items())
