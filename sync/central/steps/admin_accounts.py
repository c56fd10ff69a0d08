"""The bureau's accounts and devices: list them, stop one; and the district's figures, which an auditor reads too."""

from __future__ import annotations

from sync.admin_protocol import (
    AccountsAnswer,
    AccountsRequest,
    DevicesAnswer,
    DevicesRequest,
    FiguresAnswer,
    FiguresRequest,
    ReadmitRequest,
    StopRequest,
)
from sync.central.accounts import listing
from sync.central.accounts.name_lookup import account_id
from sync.central.accounts.scope import AUDITING_ROLES, WHOLE_DISTRICT_ROLES
from sync.central.accounts.stopping import stop_devices
from sync.central.accounts.token_life import readmit
from sync.central.request import RequestContext
from sync.central.writes.transaction import number_waiting_issues


def answer_accounts(context: RequestContext, asked: AccountsRequest) -> AccountsAnswer:
    """A page of accounts. Raises `Refusal` (401, 403)."""
    with context.oversee(WHOLE_DISTRICT_ROLES, "accounts_read", asked.after) as (connection, caller):
        return listing.accounts_page(connection, caller.district, asked, context.token_life)


def answer_devices(context: RequestContext, asked: DevicesRequest) -> DevicesAnswer:
    """A page of devices. Raises `Refusal` (401, 403, 409)."""
    question = asked.model_dump(exclude_none=True, exclude={"limit"})
    with context.oversee(WHOLE_DISTRICT_ROLES, "devices_read", question or None) as (connection, caller):
        if asked.account is not None:
            account = account_id(connection, caller.district, asked.account)
            question["account"] = account  # a name would stay in the audit for good
            asked = asked.model_copy(update={"account": account})
        return listing.devices_page(connection, caller, asked, context.token_life)


def answer_stop(context: RequestContext, order: StopRequest) -> DevicesAnswer:
    """Stop a device or a person, also while the central's clock is not believed; gives the devices. Raises `Refusal`
    (401, 403, 409)."""
    with context.administer(dates_matter=False) as (connection, caller, counter):
        who = {"account": caller.account, "device": caller.device}
        ids = stop_devices(connection, counter, order.name, keeps_bureau=context.token_life, **who)
        number_waiting_issues(connection, counter)
        return listing.devices_of_ids(connection, caller, ids, context.token_life)


def answer_readmit(context: RequestContext, order: ReadmitRequest) -> DevicesAnswer:
    """Let devices in again whose tokens have expired; gives them. Raises `Refusal` (401, 403, 409, 503)."""
    with context.administer() as (connection, caller, counter):
        who = {"account": caller.account, "device": caller.device}
        ids = readmit(connection, counter, order.name, context.token_life, **who)
        return listing.devices_of_ids(connection, caller, ids, context.token_life)


def answer_figures(context: RequestContext, asked: FiguresRequest) -> FiguresAnswer:
    """How much there is. Raises `Refusal` (401, 403)."""
    del asked
    with context.oversee(AUDITING_ROLES, "figures_read") as (connection, caller):
        return listing.figures(connection, caller.district, context.token_life)
