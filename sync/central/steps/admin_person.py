"""What the central holds on one person, told to the bureau. Who has asked for it is in the audit."""

from __future__ import annotations

import orjson
from sqlalchemy import Connection

from sync.admin_protocol import MAX_TOLD, AuditEntryInfo, HeldVersion, PersonAnswer, PersonRequest
from sync.central.accounts import listing
from sync.central.accounts.scope import WHOLE_DISTRICT_ROLES
from sync.central.audit import AuditFilter, read_entries
from sync.central.db.tables import ClaimRow, LineRow, ProposalRow, VersionRow
from sync.central.reads.person_texts import WAITING, line_in, texts_about, waiting_about
from sync.central.request import RequestContext

_NEWEST = 1 << 62


def answer_person(context: RequestContext, asked: PersonRequest) -> PersonAnswer:
    """All that is held on the person. Raises `Refusal` (401, 403)."""
    with context.oversee(WHOLE_DISTRICT_ROLES, "person_read", asked.people) as (connection, caller):
        versions = _versions(connection, caller.district, asked.people)
        accounts = listing.accounts_of_people(connection, caller.district, asked.people, context.token_life)
        ids = [account.id for account in accounts]
        devices = [
            device
            for account in ids
            for device in listing.devices_of_account(connection, caller, account, MAX_TOLD + 1, context.token_life)
        ]
        codes = listing.codes_list(connection, caller.district, context.now_ms()).codes
        entries = [
            AuditEntryInfo.model_validate(entry._asdict())
            for account in ids
            for entry in read_entries(
                connection, caller.district, 0, MAX_TOLD + 1, chosen=AuditFilter(account, before=_NEWEST)
            )
        ]
    return PersonAnswer(
        versions=versions[:MAX_TOLD], accounts=accounts, devices=devices[:MAX_TOLD],
        codes=[code for code in codes if code.account in ids], entries=entries[:MAX_TOLD],
        more=any(len(part) > MAX_TOLD for part in (versions, devices, entries)),
    )  # fmt: skip


def _versions(connection: Connection, district: str, people: list[str]) -> list[HeldVersion]:
    held = texts_about(connection, district, people)
    told = [_told(row, row.received_at, None) for row in held.current]
    told += [_told(row, row.received_at, row.reason) for row in reversed(held.past)]
    for table in WAITING:
        told += [_told(row, row.at, f"{table.name}s") for row in waiting_about(connection, district, table, people)]
    return told


def _told(row: LineRow | VersionRow | ClaimRow | ProposalRow, at: int, reason: str | None) -> HeldVersion:
    line = {} if line_in(row.wire) is None else orjson.loads(row.wire)
    return HeldVersion(line=line, received_at=at, account=row.account or None, device=row.device, reason=reason)
