"""What whoever runs a central does: its first code, invitations, roles, devices, the audit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import click
import orjson

from store.ledger.hlc import wall_ms
from store.values.times import SHANGHAI, now_in, parse_day
from sync.central.accounts.scope import ROLES
from sync.central.admin import admin
from sync.central.audit import Span
from tui.cli.commands import audit_file
from tui.cli.commands.central import DATA, ENTRIES, folder
from tui.cli.groups import FILE, PHRASE, Command, Run
from tui.cli.output import emit, say, show, show_pairs, show_table
from tui.cli.write_context import given_only
from tui.i18n.translate import _, word

AnyCommand = Callable[..., Any]
DAY_MS = 86_400_000
_SAID = {entry.name: entry.help for entry in ENTRIES}
DISTRICT = click.option("--district", type=PHRASE, metavar="CODE", help=_("Which district, where there are several."))


def role_options(command: AnyCommand) -> AnyCommand:
    """Who, and as what."""
    options = (
        click.option(
            "--name", required=True, type=PHRASE, help=_("The person’s name; a known one gets one more device.")
        ),
        click.option("--role", required=True, type=click.Choice(ROLES), help=_("What they are.")),
        click.option("--department", type=PHRASE, help=_("Which department, for role department.")),
        click.option("--project", "projects", multiple=True, type=PHRASE, help=_("Which project; may be repeated.")),
        DISTRICT,
        DATA,
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.command(cls=Command, help=_SAID["init"])
@DATA
@click.option("--district", required=True, type=PHRASE, metavar="CODE", help=_("The district’s code, such as 210903."))
@click.option("--name", required=True, type=PHRASE, help=_("The district’s name."))
@click.option("--database", metavar="URL", help=_("postgresql://…; without it an SQLite file in the folder."))
@click.option("--admin", "admin_name", type=PHRASE, default="", help=_("Who the first account is for."))
@click.pass_obj
def init(run: Run, /, data: Path | None, district: str, name: str, database: str | None, admin_name: str) -> None:
    """Make the central and print its first code."""
    where = folder(data)
    code = admin.create(where, district, name, database, admin=admin_name)
    emit(run.form, {"admin_code": code, "data": str(where)}, lambda made: show(made["admin_code"]))
    say(_("This code enrols the bureau’s first device, once: guanjia join URL --code {code}").format(code=code))


@click.command(cls=Command, help=_SAID["invite"])
@role_options
@click.pass_obj
def invite(run: Run, /, data: Path | None, **given: Any) -> None:
    """Print a one-time code."""
    made = admin.invite(folder(data), **given_only(given))
    emit(run.form, made, lambda value: show(value["code"]))
    say(_("Good once, until {time}.").format(time=made["expires_at"]))


@click.command(cls=Command, help=_SAID["grant"])
@role_options
@click.pass_obj
def grant(run: Run, /, data: Path | None, **given: Any) -> None:
    """Print the roles that were added."""
    emit(run.form, admin.grant(folder(data), **given_only(given)), _show_roles)


@click.command(cls=Command, help=_SAID["withdraw"])
@role_options
@click.pass_obj
def withdraw(run: Run, /, data: Path | None, **given: Any) -> None:
    """Print the roles that were taken."""
    emit(run.form, admin.withdraw(folder(data), **given_only(given)), _show_roles)


@click.command(cls=Command, help=_SAID["people"])
@DISTRICT
@DATA
@click.pass_obj
def people(run: Run, district: str | None, data: Path | None) -> None:
    """Print the accounts."""
    emit(run.form, admin.people(folder(data), district=district), _show_people)


@click.command(cls=Command, help=_SAID["devices"])
@DISTRICT
@DATA
@click.pass_obj
def devices(run: Run, district: str | None, data: Path | None) -> None:
    """Print the devices."""
    emit(run.form, admin.devices(folder(data), district=district), _show_devices)


@click.command(cls=Command, help=_SAID["revoke"])
@click.argument("device", type=PHRASE)
@DISTRICT
@DATA
@click.pass_obj
def revoke(run: Run, device: str, district: str | None, data: Path | None) -> None:
    """Print the devices that are refused from now on."""
    emit(run.form, admin.revoke(folder(data), device, district=district), _show_devices)


@click.command(cls=Command, help=_SAID["audit"])
@click.option("--after", type=click.IntRange(min=0), default=0, help=_("Only what came after this number."))
@click.option("--since", type=PHRASE, metavar="DATE", help=_("From this day on."))
@click.option("--until", type=PHRASE, metavar="DATE", help=_("Up to this day, included."))
@click.option("--limit", type=click.IntRange(min=1), default=1000, show_default=True, help=_("At most so many."))
@click.option("--out", type=FILE, metavar="FILE", help=_("Write all of it to a new .csv or .ndjson file instead."))
@DISTRICT
@DATA
@click.pass_obj
def audit(run: Run, /, data: Path | None, limit: int, out: Path | None, **given: Any) -> None:
    """Print what was done, in the order it was committed; or write it to a file, however long it is."""
    given["span"] = _span(given.pop("since"), given.pop("until"))
    if out is None:
        emit(run.form, admin.audit(folder(data), limit=limit, **given), _show_audit)
        return
    if out.suffix.lower() not in audit_file.WRITERS:
        raise click.BadParameter(_("Name a file that ends in .csv or .ndjson."), param_hint="--out")
    written = audit_file.write(admin.whole_audit(folder(data), **given), out)
    emit(run.form, {"file": str(out), "entries": written}, _show_facts)


def _span(since: str | None, until: str | None) -> Span:
    """Two days as a person types them, the latter included, in the district's time. Raises `BadTime`."""
    now = now_in(wall_ms())
    begins = None if since is None else _midnight(parse_day(since, now))
    return Span(begins, None if until is None else _midnight(parse_day(until, now)) + DAY_MS)


def _midnight(day: str) -> int:
    return int(datetime.combine(date.fromisoformat(day), time(), SHANGHAI).timestamp() * 1000)


@click.command(cls=Command, help=_SAID["stats"])
@DISTRICT
@DATA
@click.pass_obj
def stats(run: Run, district: str | None, data: Path | None) -> None:
    """Print counts."""
    emit(run.form, admin.stats(folder(data), district=district), _show_facts)


@click.command(cls=Command, help=_SAID["check"])
@DISTRICT
@DATA
@click.pass_obj
def check(run: Run, district: str | None, data: Path | None) -> None:
    """Print what was found and put right."""
    emit(run.form, admin.check(folder(data), district=district), _show_facts)


COMMANDS: dict[str, click.Command] = {
    command.name or "": command
    for command in (init, invite, people, devices, revoke, grant, withdraw, audit, stats, check)
}
"""The commands by their names."""


def _role(role: dict[str, Any]) -> str:
    where = role["department"] or role["project"]
    return word("role", role["role"]) + (f" ({where})" if where else "")


def _show_roles(roles: list[dict[str, Any]]) -> None:
    show_table(
        (_("Role"), _("Project"), _("Department")),
        ((word("role", r["role"]), r["project"], r["department"]) for r in roles),
    )


def _show_people(found: list[dict[str, Any]]) -> None:
    rows = (
        (one["name"], "、".join(map(_role, one["roles"])), one["devices"], one["created_at"], one["id"])
        for one in found
    )
    show_table((_("Name"), _("Roles"), _("Devices"), _("Since"), "ID"), rows)


def _show_devices(found: list[dict[str, Any]]) -> None:
    rows = (
        (one["name"], one["account"], one["created_at"], one["seen_at"], one["revoked_at"], one["id"]) for one in found
    )
    show_table((_("Device"), _("Person"), _("Enrolled"), _("Seen"), _("Revoked"), "ID"), rows)


def _show_audit(found: list[dict[str, Any]]) -> None:
    rows = ((one["seq"], one["at"], one["name"], one["action"], one["line"] or _detail(one)) for one in found)
    show_table(("", _("When"), _("Who"), _("What"), _("Of what")), rows)


def _detail(entry: dict[str, Any]) -> str:
    return orjson.dumps(entry["detail"]).decode() if entry["detail"] else ""


def _show_facts(facts: dict[str, Any]) -> None:
    show_pairs(facts.items())
