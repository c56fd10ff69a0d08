"""Whom an invitation is for: one person. Where a name may mean several, or somebody who is known, the bureau is asked.

Names are everyday in two hands: whoever is called like a colleague must not get that colleague's account, in silence.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, select

from store.values.text import normalize_name, sanitize
from sync.central import audit
from sync.central.accounts.invites import (
    INVITE_LIFETIME_MS,
    Invitee,
    MadeCode,
    create_invite,
    pending_names,
    void_invites,
)
from sync.central.accounts.name_lookup import (
    NameMatch,
    claimed_like,
    distinguishing_marks,
    is_alike,
    people_like,
    people_named,
    same_name,
)
from sync.central.accounts.scope import Grant
from sync.central.db.commit_order import DistrictCounter
from sync.central.db.tables import ACCOUNT, AccountRow
from sync.exceptions import PersonNotSpecified, UnknownName


class WhichPerson(NamedTuple):
    """Whom an invitation is for, where the name alone does not say so: the ``person`` of this id (an account, or a
    person of the ledger), the same as before (``again``), or another one of that name (``new``)."""

    person: str | None = None
    again: bool = False
    new: bool = False


class Invitation(NamedTuple):
    """A one-time code, whom it is for, and the ``person`` of the ledger; None for somebody whom it does not know."""

    code: MadeCode
    invitee: Invitee
    person: str | None


def invite(
    connection: Connection,
    counter: DistrictCounter,
    name: str,
    which: WhichPerson,
    grants: Sequence[Grant],
    lifetime_ms: int = INVITE_LIFETIME_MS,
    **by: str,
) -> Invitation:
    """Make a code for one person, who gets an account, or one device and these roles more. ``by`` says in the audit who
    made it. Raises `UnknownName`, `PersonNotSpecified`."""
    invitee = _invitee(connection, counter, sanitize(name), which)
    person = person_of(connection, counter.district, invitee)
    made = create_invite(connection, counter, invitee, grants, lifetime_ms)
    granted = [grant._asdict() for grant in grants]
    audit.record_event(
        connection, counter, "invite", subject=person, name=invitee.name, to_account=invitee.account, roles=granted,
        expires_at=made.expires_at, code=made.id, **by,
    )  # fmt: skip
    return Invitation(made, invitee, person)


def _invitee(connection: Connection, counter: DistrictCounter, name: str, which: WhichPerson) -> Invitee:
    if which.person is not None:
        return known_invitee(connection, counter, name, which.person)
    if which.new:
        return new_invitee(counter, name)
    return invitee_of_name(connection, counter, name, again=which.again)


def known_invitee(connection: Connection, counter: DistrictCounter, name: str, person: str) -> Invitee:
    """The invitee whom ``person`` names: an account, or a person of the ledger, by id, who has a name like this. Raises
    `UnknownName`."""
    for account in _accounts_like(connection, counter.district, name):
        if person in (account.id, account.person):
            return Invitee(account.name, account.id)
    if person not in {match.id for match in people_like(connection, counter.district, name)}:
        raise UnknownName(what_kind="person", name=f"{name} ({person})")
    return Invitee(name, person=person)


def new_invitee(counter: DistrictCounter, name: str) -> Invitee:
    """Somebody whom the ledger does not know, whoever else has this name."""
    return Invitee(name, person=counter.new_id())


def invitee_of_name(connection: Connection, counter: DistrictCounter, name: str, *, again: bool = False) -> Invitee:
    """The invitee of a name that nobody has yet, or one person of the ledger without an account. ``again``: the one who
    has an account or was sent a code, which ends. Raises `PersonNotSpecified` when it may be somebody else: of the same
    name, or of one that is the same but for 同志, a title or a bracket."""
    accounts = _accounts_like(connection, counter.district, name)
    people = people_like(connection, counter.district, name)
    waiting = [one for one in pending_names(connection, counter.district, counter.now_ms) if is_alike(one, name)]
    same, sent = same_name(accounts, name), {one for one in waiting if _is_same(one, name)}
    if again and len(same) + len(sent) == 1:
        for earlier in sent:
            void_invites(connection, counter, name=earlier)
        return Invitee(name, same[0].id) if same else Invitee(*sent)
    if accounts or waiting or len(people) > 1 or (people and not _is_same(people[0].label, name)):
        candidates = {one.person: NameMatch(one.id, one.name) for one in accounts} | {one.id: one for one in people}
        apart = distinguishing_marks(connection, counter.district, candidates)
        listed = [_listed(match, apart.get(person)) for person, match in candidates.items()]
        listed += [f"{one} (*)" for one in waiting]
        raise PersonNotSpecified(name=name, candidates="; ".join(listed))
    return Invitee(name)


def person_of(connection: Connection, district: str, invitee: Invitee) -> str | None:
    """The person of the ledger whom the invitation is for; None for somebody new."""
    if invitee.account is not None:
        return next(one.person for one in _accounts(connection, district) if one.id == invitee.account)
    if invitee.person is not None:
        like = {match.id for match in people_like(connection, district, invitee.name)}
        return invitee.person if invitee.person in like else None
    people = people_named(connection, district, invitee.name)
    return people[0].id if len(people) == 1 else None


def _listed(match: NameMatch, apart: str | None) -> str:
    return f"{match.label} ({apart}; {match.id})" if apart else f"{match.label} ({match.id})"


def _accounts_like(connection: Connection, district: str, name: str) -> list[AccountRow]:
    """The accounts of this name or one like it, be it that of a record which was merged into their person's."""
    claimed = claimed_like(connection, district, name)
    accounts = _accounts(connection, district)
    return [one for one in accounts if is_alike(one.name, name) or one.person in claimed]


def _is_same(name: str, other: str) -> bool:
    return normalize_name(name) == normalize_name(other)


def _accounts(connection: Connection, district: str) -> list[AccountRow]:
    return [AccountRow(*row) for row in connection.execute(select(ACCOUNT).where(ACCOUNT.c.district == district))]
