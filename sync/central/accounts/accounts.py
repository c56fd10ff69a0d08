"""Accounts of a district: find one by name, create one."""

from __future__ import annotations

from sqlalchemy import Connection, func, insert, select

from store.ledger.line import new_id
from sync.central.db.commit_order import DistrictCounter
from sync.central.db.tables import ACCOUNT, AccountRow


def find_account(connection: Connection, district: str, name: str) -> AccountRow | None:
    """The account of this name."""
    row = connection.execute(select(ACCOUNT).where(ACCOUNT.c.district == district, ACCOUNT.c.name == name)).first()
    return AccountRow(*row) if row else None


def create_account(connection: Connection, counter: DistrictCounter, name: str, person: str | None) -> AccountRow:
    """A new account. Its person is ``person``, who worked alone until now, unless another account has that person."""
    taken = (
        person
        and connection.execute(
            select(func.count()).where(ACCOUNT.c.district == counter.district, ACCOUNT.c.person == person)
        ).scalar_one()
    )
    own_person = new_id(counter.now_ms) if taken or not person else person
    account = AccountRow(counter.district, new_id(counter.now_ms), own_person, name, counter.now_ms)
    connection.execute(insert(ACCOUNT).values(account._asdict()))
    return account
