"""What the central holds on one person, told to the bureau page by page. Who has asked for it is in the audit."""

from __future__ import annotations

import orjson

from store.ledger.line import stored_line
from sync.admin_protocol import (
    PAGE_ROWS,
    PERSON_BYTES,
    AuditEntryInfo,
    DevicesAnswer,
    HeldVersion,
    PersonAnswer,
    PersonRequest,
)
from sync.central.accounts import listing
from sync.central.accounts.scope import WHOLE_DISTRICT_ROLES
from sync.central.reads.person_pages import HeldText, held_page
from sync.central.request import RequestContext


def answer_person(context: RequestContext, asked: PersonRequest) -> PersonAnswer:
    """A page of all that is held on the person, or of their devices alone. Raises `Refusal` (401, 403)."""
    people, life = asked.people, context.token_life
    with context.oversee(WHOLE_DISTRICT_ROLES, "person_read", people) as (connection, caller):
        accounts = listing.accounts_of_people(connection, caller.district, people, life)
        ids = [account.id for account in accounts]
        if asked.devices_after is not None:
            found = listing.devices_of_accounts(connection, caller, ids, asked.devices_after, PAGE_ROWS, life)
            return PersonAnswer(
                versions=[], accounts=[], devices=found.devices, codes=[], entries=[], more=found.more,
                devices_next=_last_device(found),
            )  # fmt: skip
        page = held_page(connection, caller.district, people, ids, asked.after, PERSON_BYTES)
        is_first = asked.after == 0
        codes = listing.codes_list(connection, caller.district, context.now_ms()).codes if is_first else ()
        devices = DevicesAnswer(devices=[])
        if is_first:
            devices = listing.devices_of_accounts(connection, caller, ids, "", PAGE_ROWS, life)
    devices_next = _last_device(devices)
    return PersonAnswer(
        versions=[_told(text) for text in page.texts],
        accounts=accounts if is_first else [], devices=devices.devices,
        codes=[code for code in codes if code.account in ids],
        entries=[AuditEntryInfo.model_validate(entry._asdict()) for entry in page.entries],
        more=page.next is not None or devices_next is not None, next=page.next, devices_next=devices_next,
    )  # fmt: skip


def _last_device(page: DevicesAnswer) -> str | None:
    """After which device the next page begins; None where there is no more."""
    return page.devices[-1].id if page.more else None


def _told(text: HeldText) -> HeldVersion:
    line = {} if stored_line(text.wire) is None else orjson.loads(text.wire)
    return HeldVersion(
        line=line, received_at=text.at, account=text.account or None, device=text.device, reason=text.reason
    )
