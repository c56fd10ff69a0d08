"""Accounts of a district: one by its id, whose person is whose, who was erased, create one."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, exists, insert, or_, select, text

from sync.central.db.commit_order import DistrictCounter
from sync.central.db.database import is_one_of
from sync.central.db.granting import GRANTING
from sync.central.db.tables import ACCOUNT, ERASED_LINE, LINE, AccountRow


def account_of_id(connection: Connection, district: str, account: str) -> AccountRow | None:
    """The account of this id."""
    row = connection.execute(select(ACCOUNT).where(ACCOUNT.c.district == district, ACCOUNT.c.id == account)).first()
    return AccountRow(*row) if row else None


def is_somebody(connection: Connection, district: str, person: str) -> bool:
    """Whether this id is an account's person, or a line of the ledger, or named by an assignment or a merge: lines come
    in any order, and who joins under such an id would have what was given to another."""
    accounts = select(ACCOUNT.c.id).where(ACCOUNT.c.district == district, ACCOUNT.c.person == person)
    lines = select(LINE.c.id).where(LINE.c.district == district, LINE.c.id == person)
    named = select(LINE.c.id).where(
        LINE.c.district == district, text(GRANTING), LINE.c.wire.contains(person, autoescape=True)
    )
    return bool(connection.execute(select(or_(exists(accounts), exists(lines), exists(named)))).scalar())


def has_line(connection: Connection, district: str, person: str) -> bool:
    """Whether the ledger has a line of this id."""
    lines = select(LINE.c.id).where(LINE.c.district == district, LINE.c.id == person)
    return connection.execute(lines).first() is not None


def create_account(connection: Connection, counter: DistrictCounter, name: str, person: str | None) -> AccountRow:
    """A new account of this person, or of a new one."""
    own_person = person or counter.new_id()
    account = AccountRow(counter.district, counter.new_id(), own_person, name, counter.now_ms)
    connection.execute(insert(ACCOUNT), account._asdict())
    return account


def erased_among(connection: Connection, district: str, ids: Iterable[str]) -> set[str]:
    """Which of these people and phones are of people who were erased."""
    chosen = is_one_of(connection, ERASED_LINE.c.id, sorted(ids))
    return set(connection.execute(select(ERASED_LINE.c.id).where(ERASED_LINE.c.district == district, chosen)).scalars())
