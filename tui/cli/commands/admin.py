"""``guanjia admin``: the bureau administers accounts, devices and one-time codes from its own device, over the API."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TypedDict, TypeVar, Unpack

import click
from pydantic import BaseModel

from store.commands.exceptions import PersonNotSent
from store.db.device_facts import read_device_facts
from store.domain.permissions import ROLE_PERMISSIONS
from store.home.paths import require_home, resolve_home
from store.home.settings import load_settings
from store.queries.name_lookup import find_by_name
from store.queries.outbox import is_unsent
from sync import admin_protocol as protocol
from sync.round import call_central
from tui.cli.commands import audit_file
from tui.cli.commands.admin_tables import (
    action_of,
    iso,
    iso_or_none,
    minute,
    roles_text,
    show_audit,
    show_codes,
    show_devices,
    show_people,
)
from tui.cli.groups import (
    CLEAN_TEXT,
    PATH_PARAM,
    Command,
    CommandContext,
    LabelChoice,
    LazyCommand,
    LazyGroup,
    WholeNumber,
    drop_unset,
)
from tui.cli.output import emit, say, show, show_pairs
from tui.cli.pin_prompt import unlock_home
from tui.cli.session import home_session
from tui.cli.time_range import parse_period
from tui.i18n.translate import _

AnswerT = TypeVar("AnswerT", bound=BaseModel)
JsonObject = dict[str, object]


ENTRIES = (
    LazyCommand(
        "waiting",
        "tui.cli.commands.admin_waiting:waiting",
        _("Lines that wait for the bureau: proposed by who worked alone, or without a receipt."),
    ),
)


@click.group(
    "admin",
    cls=LazyGroup,
    entries=ENTRIES,
    help=_("The bureau’s seat: codes, accounts, devices and the audit of the central, from this device."),
)
def admin() -> None:
    """The commands of the bureau's seat."""


def ask_central(run: CommandContext, path: str, request: BaseModel, model: type[AnswerT]) -> AnswerT:
    """The central's answer to a call of the bureau's seat, after the PIN where one is set. Raises as `unlock_home` and
    `call_central` do."""
    home = require_home(resolve_home(run.home))
    unlock_home(home)
    return call_central(home, load_settings(home), path, request, model)


class InviteOptions(TypedDict):
    """For whom a code is, for how long, and what it gives."""

    name: str
    hours: int
    role: str | None
    department: str | None
    projects: tuple[str, ...]
    person: str | None
    again: bool
    new: bool


@admin.command("invite", cls=Command, help=_("Make a one-time code for one person; it is shown once."))
@click.argument("name", type=CLEAN_TEXT)
@click.option(
    "--hours",
    type=WholeNumber(1, protocol.MAX_HOURS),
    default=protocol.DEFAULT_HOURS,
    show_default=True,
    help=_("How many hours it is good, up to seven days (168)."),
)
@click.option(
    "--role",
    type=LabelChoice(tuple(ROLE_PERMISSIONS), "role"),
    help=_("A role to give with it; without one the person has what the responsibility table gives them."),
)
@click.option("--department", type=CLEAN_TEXT, help=_("Which department, for role department."))
@click.option("--project", "projects", multiple=True, type=CLEAN_TEXT, help=_("Which project; may be repeated."))
@click.option("--person", type=CLEAN_TEXT, metavar="ID", help=_("Which person of that name, where there are several."))
@click.option(
    "--same", "--again", "again", is_flag=True, help=_("The person of that name who is known already: one device more.")
)
@click.option("--new", is_flag=True, help=_("Another person, who only has the same name."))
@click.pass_obj
def invite(run: CommandContext, /, **options: Unpack[InviteOptions]) -> None:
    """Print the code and until when it is good."""
    if (options["person"] is not None) + options["again"] + options["new"] > 1:
        raise click.UsageError(_("Only one of these at a time: {options}.").format(options="--person, --same, --new"))
    if options["person"] is None and not (options["new"] or options["again"]):
        _require_sent(run, options["name"])
    request = protocol.InviteRequest.model_validate(drop_unset(options))
    made = ask_central(run, protocol.INVITE, request, protocol.InviteAnswer)
    expires = iso(made.expires_at)
    told = {**made.model_dump(), "expires_at": expires}
    emit(run.output_format, told, lambda value: show(str(value["code"])))
    text = _("For {name}, good once, until {time}. It cannot be shown again; a new code ends this one.")
    say(text.format(name=made.name, time=minute(made.expires_at)))
    with home_session(run.home) as session, session.database.read() as connection:
        facts = read_device_facts(connection)
    say(_("Join with: {command}").format(command=f"guanjia join {facts.get('told_address') or facts.central}"))


def _require_sent(run: CommandContext, name: str) -> None:
    """Raise `PersonNotSent` where this device alone knows a person of this name."""
    with home_session(run.home) as session, session.database.read() as connection:
        if any(is_unsent(connection, person.id) for person in find_by_name(connection, "person", name)):
            raise PersonNotSent(name=name)


@admin.command("codes", cls=Command, help=_("The one-time codes that wait, without the codes themselves."))
@click.pass_obj
def codes(run: CommandContext) -> None:
    """Print for whom codes wait, and until when."""
    answer = ask_central(run, protocol.CODES, protocol.CodesRequest(), protocol.CodesAnswer)
    rows = [_code_json(code) for code in answer.codes]
    with home_session(run.home) as session, session.database.read() as connection:
        emit(run.output_format, rows, lambda _rows: show_codes(answer.codes, connection))


@admin.command("withdraw", cls=Command, help=_("End the code that waits for a person, by name or by its id."))
@click.argument("name", type=CLEAN_TEXT)
@click.pass_obj
def withdraw(run: CommandContext, name: str) -> None:
    """Print whose codes were ended."""
    request = protocol.WithdrawCodeRequest(name=name)
    ended = ask_central(run, protocol.WITHDRAW_CODE, request, protocol.WithdrawCodeAnswer)
    text = _("Withdrawn: {names}. The code enrols nobody any more.").format(names=_(", ").join(ended.names))
    emit(run.output_format, ended.model_dump(), lambda _value: show(text))


@admin.command("people", cls=Command, help=_("Accounts, their roles and devices."))
@click.pass_obj
def people(run: CommandContext) -> None:
    """Print the accounts by name."""
    accounts = sorted(_accounts(run), key=lambda account: account.name)
    rows = [_account_json(account) for account in accounts]
    with home_session(run.home) as session, session.database.read() as connection:
        emit(run.output_format, rows, lambda _rows: show_people(accounts, connection))


def _accounts(run: CommandContext) -> Iterator[protocol.AccountInfo]:
    after = None
    while True:
        answer = ask_central(run, protocol.ACCOUNTS, protocol.AccountsRequest(after=after), protocol.AccountsAnswer)
        yield from answer.accounts
        if not answer.more or not answer.accounts:
            return
        after = answer.accounts[-1].id


@admin.command("overview", cls=Command, help=_("Codes that wait, accounts and devices at once."))
@click.pass_obj
def overview(run: CommandContext) -> None:
    """Print the three lists; what the bureau's screen shows."""
    waiting = ask_central(run, protocol.CODES, protocol.CodesRequest(), protocol.CodesAnswer).codes
    accounts, listed = list(_accounts(run)), _listed_devices(run)
    with home_session(run.home) as session, session.database.read() as connection:
        facts = {
            "codes": [{**_code_json(code), "roles_text": roles_text(connection, code.roles)} for code in waiting],
            "people": [{**_account_json(one), "roles_text": roles_text(connection, one.roles)} for one in accounts],
            "devices": [_device_json(device) for device in listed],
        }

        def show_all(_facts: object) -> None:
            show_codes(waiting, connection)
            show("")
            show_people(accounts, connection)
            show("")
            show_devices(listed)

        emit(run.output_format, facts, show_all)


@admin.command("devices", cls=Command, help=_("Devices: whose they are, when they were seen, what waits on them."))
@click.option("--person", type=CLEAN_TEXT, help=_("Only those of this person."))
@click.option("--unseen", type=WholeNumber(1, 36_500), metavar="DAYS", help=_("Only who has not synced for so long."))
@click.pass_obj
def devices(run: CommandContext, person: str | None, unseen: int | None) -> None:
    """Print the devices, latest seen first."""
    _emit_devices(run, sorted(_listed_devices(run, person, unseen), key=lambda device: -device.seen_at))


def _listed_devices(
    run: CommandContext, person: str | None = None, unseen: int | None = None
) -> list[protocol.DeviceInfo]:
    listed: list[protocol.DeviceInfo] = []
    more = True
    while more:
        after = listed[-1].id if listed else None
        request = protocol.DevicesRequest(after=after, account=person, unseen_days=unseen)
        answer = ask_central(run, protocol.DEVICES, request, protocol.DevicesAnswer)
        listed += answer.devices
        more = answer.more and bool(answer.devices)
    return listed


@admin.command("revoke", cls=Command, help=_("Stop a device, or all of a person’s, from the next request on."))
@click.argument("name", type=CLEAN_TEXT)
@click.pass_obj
def revoke(run: CommandContext, name: str) -> None:
    """Print the devices that are refused from now on."""
    answer = ask_central(run, protocol.STOP, protocol.StopRequest(name=name), protocol.DevicesAnswer)
    _emit_devices(run, answer.devices)


def _emit_devices(run: CommandContext, devices: list[protocol.DeviceInfo]) -> None:
    emit(run.output_format, devices, show_devices, lambda listed: [_device_json(device) for device in listed])


def _code_json(code: protocol.CodeInfo) -> JsonObject:
    return {**code.model_dump(), "created_at": iso(code.created_at), "expires_at": iso(code.expires_at)}


def _account_json(account: protocol.AccountInfo) -> JsonObject:
    times = {"created_at": iso(account.created_at), "seen_at": iso_or_none(account.seen_at)}
    return {**account.model_dump(), **times}


def _device_json(device: protocol.DeviceInfo) -> JsonObject:
    """A device with the names that ``guanjia central devices --json`` has, and what it reports."""
    return {
        "id": device.id, "name": device.name, "account": device.person_name, "account_id": device.account,
        "created_at": iso(device.created_at), "seen_at": iso(device.seen_at),
        "revoked_at": iso_or_none(device.stopped_at), "expired_at": iso_or_none(device.expired_at),
        "stopped_why": device.stopped_why, "program": device.program,
        "unsent": device.unsent, "refused": device.refused, "clock_offset_ms": device.offset_ms,
    }  # fmt: skip


@admin.command("readmit", cls=Command, help=_("Let in again who has not synced for so long that the token expired."))
@click.argument("name", type=CLEAN_TEXT)
@click.pass_obj
def readmit(run: CommandContext, name: str) -> None:
    """Print the devices that are let in again."""
    answer = ask_central(run, protocol.READMIT, protocol.ReadmitRequest(name=name), protocol.DevicesAnswer)
    _emit_devices(run, answer.devices)


class AuditOptions(TypedDict):
    """Which entries of the audit."""

    after: int | None
    since: str | None
    until: str | None
    person: str | None
    action: str | None
    line: str | None
    what: str | None
    kind: str | None
    limit: int
    newest: bool


@admin.command("audit", cls=Command, help=_("Who did what, when, from which device; for the bureau and auditors."))
@click.option("--after", type=WholeNumber(min=0), help=_("Only what came after this number."))
@click.option("--since", type=CLEAN_TEXT, metavar="DATE", help=_("From this day on."))
@click.option("--until", type=CLEAN_TEXT, metavar="DATE", help=_("Up to this day, included."))
@click.option("--person", type=CLEAN_TEXT, help=_("Only what this person did."))
@click.option("--action", type=CLEAN_TEXT, help=_("Only entries of this word of the list."))
@click.option("--line", type=CLEAN_TEXT, metavar="ID", help=_("Only what was done to this line."))
@click.option("--what", type=CLEAN_TEXT, help=_("Only exports of this: a report’s name, dump, backup, ledger-key."))
@click.option("--kind", type=CLEAN_TEXT, help=_("Only exports to files of this kind: .xlsx, .docx, .csv, .ndjson …"))
@click.option("--limit", type=WholeNumber(min=1), default=1000, show_default=True, help=_("At most so many."))
@click.option("--newest", is_flag=True, help=_("The newest first."))
@click.option(
    "--out", type=PATH_PARAM, metavar="FILE", help=_("Write all of it to a new .csv or .ndjson file instead.")
)
@click.pass_obj
def audit(run: CommandContext, /, out: Path | None, **options: Unpack[AuditOptions]) -> None:
    """Print what was done, in the order it was committed, or the newest first; or write it to a file."""
    pages = _audit_pages(run, options, None if out else options["limit"])
    if out is None:
        entries = [entry for page in pages for entry in page]
        with home_session(run.home) as session, session.database.read() as connection:
            emit(run.output_format, entries, lambda rows: show_audit(rows, connection))
        return
    if out.suffix.lower() not in audit_file.WRITERS:
        raise click.BadParameter(_("Name a file that ends in .csv or .ndjson."), param_hint="--out")
    facts = {"file": str(out), "entries": audit_file.write_audit(pages, out)}
    emit(run.output_format, facts, lambda value: show_pairs(value.items()))


def _audit_pages(run: CommandContext, options: AuditOptions, limit: int | None) -> Iterator[list[JsonObject]]:
    """The entries page by page, up to ``limit``."""
    asked = _audit_request(options)
    left = limit
    while left is None or left > 0:
        size = protocol.PAGE_ROWS if left is None else min(left, protocol.PAGE_ROWS)
        answer = ask_central(run, protocol.AUDIT, asked.model_copy(update={"limit": size}), protocol.AuditAnswer)
        yield [{**entry.model_dump(), "at": iso(entry.at)} for entry in answer.entries]
        if not answer.more or not answer.entries:
            return
        left = None if left is None else left - len(answer.entries)
        place = "before" if options["newest"] else "after"
        asked = asked.model_copy(update={place: answer.entries[-1].seq})


def _audit_request(options: AuditOptions) -> protocol.AuditRequest:
    since, until = parse_period(options["since"], options["until"])
    return protocol.AuditRequest(
        after=options["after"],
        before=(1 << 62) if options["newest"] else None,
        since=since,
        until=until,
        account=options["person"],
        action=action_of(options["action"]) if options["action"] else None,
        line=options["line"],
        what=options["what"],
        file_kind=options["kind"] and options["kind"].lstrip("."),
    )


@admin.command("figures", cls=Command, help=_("How much the central holds; for the bureau and auditors."))
@click.pass_obj
def figures(run: CommandContext) -> None:
    """Print the counts."""
    answer = ask_central(run, protocol.FIGURES, protocol.FiguresRequest(), protocol.FiguresAnswer)
    labels = {
        "lines": _("Lines"), "versions": _("Earlier versions"), "accounts": _("Accounts"), "devices": _("Devices"),
        "unseen": _("Not synced for 30 days"), "codes": _("Codes that wait"), "damaged": _("Damaged lines"),
    }  # fmt: skip
    emit(run.output_format, answer.model_dump(), lambda facts: show_pairs((labels[key], facts[key]) for key in labels))
