"""What ``guanjia admin`` prints for people: names for ids, words for codes, times to the minute."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from store.db.connection import Connection
from store.ledger.line import Line, is_id
from store.queries.lines import current_lines
from store.queries.referenced_names import referenced_names
from store.values.times import district_time
from sync.admin_protocol import AccountInfo, CodeInfo, DeviceInfo
from sync.protocol import RoleGrant
from tui.cli.output import show_table
from tui.i18n.labels import FAMILIES
from tui.i18n.translate import _, value_label
from tui.presenters.lines import line_summary

_LONGEST_WORD = 80
"""Longer texts in an entry's detail are keys and proofs, not words."""
_NO_WORDS = ("asked", "entries")
"""Parts of a detail that are codes: what was asked for, and the hashes of entries that were emptied."""


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
    """Roles, each once with the names of its projects and departments; one that names none stands for itself."""
    held = list(roles)
    names = referenced_names(connection, [{"unit_id": role.department, "project_id": role.project} for role in held])
    texts: list[str] = []
    places: dict[str, list[str]] = {}
    for role in held:
        label, place = value_label("role", role.role), role.department or role.project
        if place:
            places.setdefault(label, []).append(names.get(place) or _("not synced yet"))
        else:
            texts.append(label)
    separator = _(", ")
    return separator.join([*texts, *(f"{label} ({separator.join(served)})" for label, served in places.items())])


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
    """Accounts; with their ids where two have one name."""
    columns = (_("Person"), _("Roles"), _("Devices"), _("Seen"), _("Since"))
    show_named(columns, [
        (account.id, account.name, roles_text(connection, account.roles), account.devices, minute(account.seen_at),
         minute(account.created_at))
        for account in accounts
    ])  # fmt: skip


def show_devices(devices: Sequence[DeviceInfo]) -> None:
    """Devices; with their ids where two have one name."""
    columns = (
        _("Device"), _("Person"), _("Seen"), _("Stopped, expired"), _("Program"), _("Unsent"), _("Refused"), _("Clock"),
    )  # fmt: skip
    show_named(columns, [
        (device.id, device.name, device.person_name, minute(device.seen_at), _stopped_text(device), device.program,
         device.unsent, device.refused, clock_text(device.offset_ms))
        for device in devices
    ])  # fmt: skip


def show_named(columns: Sequence[str], rows: Sequence[tuple[object, ...]]) -> None:
    """A table whose rows begin with an id and a name: the ids are a column of their own where names are shared."""
    shared = Counter(row[1] for row in rows)
    if not rows or max(shared.values()) == 1:
        show_table(columns, (row[1:] for row in rows))
    else:
        show_table((*columns, "ID"), ((*row[1:], row[0] if shared[row[1]] > 1 else "") for row in rows))


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


def show_audit(entries: Sequence[Mapping[str, object]], connection: Connection | None = None) -> None:
    """Entries of the audit; lines by what this home's ledger calls them, without one by their ids in a column of their
    own."""
    known = current_lines(connection, {str(each["line"]) for each in entries if each["line"]}) if connection else {}
    rows = ((*_entry_cells(each, known), *(() if connection else (each["line"],))) for each in entries)
    show_table(("", _("When"), _("Who"), _("What"), _("Of what"), *(() if connection else ("ID",))), rows)


def _entry_cells(entry: Mapping[str, object], known: Mapping[str, Line]) -> tuple[object, ...]:
    line = known.get(str(entry["line"]))
    detail = entry["detail"] if isinstance(entry["detail"], dict) else {}
    what = f"{value_label('kind', line.kind)}  {line_summary(line.kind, line.body)[:40]}" if line else None
    when = str(entry["at"])[:16].replace("T", " ")
    return (
        entry["seq"],
        when,
        entry["name"],
        value_label("audit_action", str(entry["action"])),
        what or words_of(detail),
    )


def _words_of_field(name: str, value: object) -> str:
    if isinstance(value, int) and (name == "at" or name.endswith("_at")):
        return minute(value)
    words = words_of(value)
    return f"{value_label('audit_detail', name)} {words}" if words and name in ("added", "ended") else words


def words_of(value: object) -> str:
    """What a detail of an entry says in words: its names, roles and counts, without ids."""
    if isinstance(value, dict):
        role = value_label("role", str(value["role"])) if "role" in value else ""
        rest = (_words_of_field(str(name), each) for name, each in value.items() if name not in ("role", *_NO_WORDS))
        return "  ".join(part for part in (role, *rest) if part)
    if isinstance(value, list | tuple):
        return _(", ").join(dict.fromkeys(filter(None, map(words_of, value))))
    if value is None or isinstance(value, bool):
        return ""
    text = str(value)
    return "" if is_id(text) or len(text) > _LONGEST_WORD else value_label("audit_detail", text)
