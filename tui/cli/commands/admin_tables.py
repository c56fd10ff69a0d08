"""What ``guanjia admin`` prints for people: names for ids, words for codes, times to the minute."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import orjson

from store.db.connection import Connection
from store.queries.referenced_names import referenced_names
from store.values.times import district_time
from sync.admin_protocol import AccountInfo, CodeInfo, DeviceInfo
from sync.protocol import RoleGrant
from tui.cli.output import show_table
from tui.i18n.labels import FAMILIES
from tui.i18n.translate import _, value_label


def iso(ms: int) -> str:
    """A time in milliseconds since 1970 as ISO 8601, as ``--json`` has it."""
    return district_time(ms).isoformat(timespec="milliseconds")


def iso_or_none(ms: int | None) -> str | None:
    """The same of a time that may not be known."""
    return None if ms is None else iso(ms)


def minute(ms: int | None) -> str:
    """The same for people, to the minute; empty where there is none."""
    return "" if ms is None else f"{district_time(ms):%Y-%m-%d %H:%M}"


def roles_text(connection: Connection, roles: Iterable[RoleGrant]) -> str:
    """Roles with the names of their projects and departments."""
    return _(", ").join(_role_text(connection, role) for role in roles)


def _role_text(connection: Connection, role: RoleGrant) -> str:
    place = role.department or role.project
    label = value_label("role", role.role)
    if place is None:
        return label
    names = referenced_names(connection, [{"unit_id": role.department, "project_id": role.project}])
    return f"{label} ({names.get(place, place)})"


def show_codes(codes: Sequence[CodeInfo], connection: Connection) -> None:
    """The codes that wait."""
    columns = (_("For"), _("Roles"), _("Made"), _("Good until"))
    rows = (
        (code.name or _("nobody by name"), roles_text(connection, code.roles), minute(code.created_at),
         minute(code.expires_at))
        for code in codes
    )  # fmt: skip
    show_table(columns, rows)


def show_people(accounts: Sequence[AccountInfo], connection: Connection) -> None:
    """Accounts; an id only where two have one name."""
    shared = Counter(account.name for account in accounts)
    columns = (_("Person"), _("Roles"), _("Devices"), _("Seen"), _("Since"))
    rows = (
        (_told_apart(account.name, account.id, shared), roles_text(connection, account.roles), account.devices,
         minute(account.seen_at), minute(account.created_at))
        for account in accounts
    )  # fmt: skip
    show_table(columns, rows)


def show_devices(devices: Sequence[DeviceInfo]) -> None:
    """Devices; an id only where two have one name."""
    shared = Counter(device.name for device in devices)
    columns = (
        _("Device"), _("Person"), _("Seen"), _("Stopped, expired"), _("Program"), _("Unsent"), _("Refused"), _("Clock"),
    )  # fmt: skip
    rows = (
        (_told_apart(device.name, device.id, shared), device.person_name, minute(device.seen_at),
         _stopped_text(device),
         device.program, device.unsent, device.refused, clock_text(device.offset_ms))
        for device in devices
    )  # fmt: skip
    show_table(columns, rows)


def _stopped_text(device: DeviceInfo) -> str:
    """When a device was stopped, and why, or its token expired; empty for one that is let in."""
    when = minute(device.stopped_at or device.expired_at)
    return f"{when} {value_label('stopped_why', device.stopped_why)}" if device.stopped_why else when


def clock_text(offset_ms: int | None) -> str:
    """How wrong a device's clock is, in words; empty within a minute, and where it is not known."""
    minutes = 0 if offset_ms is None else round(offset_ms / 60_000)
    if not minutes:
        return ""
    text = _("{n} min behind") if minutes > 0 else _("{n} min ahead")
    return text.format(n=abs(minutes))


def action_of(text: str) -> str:
    """The action that a person names by its code or by its word."""
    return next((code for code in FAMILIES["audit_action"] if text in (code, value_label("audit_action", code))), text)


def show_audit(entries: Sequence[Mapping[str, object]]) -> None:
    """Entries of the audit."""
    rows = (
        (
            entry["seq"],
            str(entry["at"])[:16].replace("T", " "),
            entry["name"],
            value_label("audit_action", str(entry["action"])),
            entry["line"] or _detail(entry),
        )
        for entry in entries
    )
    show_table(("", _("When"), _("Who"), _("What"), _("Of what")), rows)


def _detail(entry: Mapping[str, object]) -> str:
    return orjson.dumps(entry["detail"]).decode() if entry["detail"] else ""


def _told_apart(name: str, line_id: str, shared: Mapping[str, int]) -> str:
    return f"{name} ({line_id})" if shared[name] > 1 else name
