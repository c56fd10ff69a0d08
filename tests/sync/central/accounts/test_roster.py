"""The roster that devices keep for a central that is set back: the latest counts, in whatever order they come."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from store.domain.erasures import ERASED
from store.ledger.line import new_id
from sync.central.accounts.invitees import WhichPerson
from sync.central.accounts.roster import seal
from sync.central.admin import admin
from sync.central.admin.set_back import record_set_back
from sync.central.admin.setup import open_database, write_central
from sync.central.db.database import CentralDatabase, insert_rows
from sync.central.db.tables import ERASED_LINE, AccountRow, DeviceRow, ErasedLineRow
from sync.central.exceptions import Refusal
from sync.central.request import RequestContext
from sync.central.steps.heal import answer_heal
from sync.central.steps.join import answer_join
from sync.central.steps.roster import answer_roster
from sync.protocol import DeviceName, HealRequest, JoinRequest
from tests.sync.central_fixture import DISTRICT, create_central


def context(database: CentralDatabase, token: str | None) -> RequestContext:
    """A request with this token."""
    return RequestContext(database, token, clock_is_synchronised=lambda: True)


def joined(database: CentralDatabase, code: str, device: str) -> str:
    """The token of a device that joins."""
    request = JoinRequest(protocol=1, code=code, device=DeviceName(id=device, name="x"))
    return answer_join(context(database, None), request).token


@pytest.mark.soak(turns=4)
@pytest.mark.parametrize("is_revoked", [False, True])
@pytest.mark.parametrize("order", [(0, 1, 0), (1, 0, 1)])
def test_the_latest_token_and_revocation_count_in_whatever_order_rosters_come(
    tmp_path: Path, order: tuple[int, ...], is_revoked: bool
) -> None:
    """An officer's laptop has joined anew since the copy, and was perhaps revoked. Two laptops of the bureau bring a
    roster of before that and one of after it: the officer is not shut out, and who was revoked does not come back."""
    data, copy, device = tmp_path / "central", tmp_path / "copy", new_id()
    code = create_central(data)
    database = open_database(data)
    chief = joined(database, code, new_id())
    before = joined(database, str(admin.invite(data, "王", "bureau")["code"]), device)
    shutil.copytree(data, copy)
    joined(database, str(admin.invite(data, "李", "bureau")["code"]), new_id())
    rosters = [answer_roster(context(database, chief)).sealed]
    again = WhichPerson(again=True)
    after = joined(database, str(admin.invite(data, "王", "bureau", which=again)["code"]), device)
    if is_revoked:
        admin.revoke(data, device)
    rosters.append(answer_roster(context(database, chief)).sealed)
    database.close()
    shutil.rmtree(data)
    shutil.copytree(copy, data)
    with write_central(data) as connection:
        record_set_back(connection, "copy", None, "operator")
    database = open_database(data)
    for n in order:
        answer_heal(context(database, chief), HealRequest(roster=rosters[n]), [])
    for token, is_known in ((before, False), (after, not is_revoked)):
        if is_known:
            assert context(database, token).caller().device == device
        else:
            with pytest.raises(Refusal):
                context(database, token).caller()
    database.close()


def test_a_roster_of_another_version_is_read(tmp_path: Path) -> None:
    """A central is restored with an older program than the one that sealed the roster: what both know comes back."""
    data = tmp_path / "central"
    code = create_central(data)
    database = open_database(data)
    chief = joined(database, code, new_id())
    with write_central(data) as connection:
        record_set_back(connection, "copy", None, "operator")
    caller = context(database, chief).caller()
    account = {"district": DISTRICT, "id": new_id(), "person": new_id(), "name": "王", "created_at": 1, "of_later": 1}
    kept = {"epoch": "9-lost", "seq": 99, "accounts": [account], "roles": [], "devices": []}
    answer_heal(context(database, chief), HealRequest(roster=seal(caller.secret, kept)), [])
    assert [each["name"] for each in admin.list_accounts(data)] == ["admin", "王"]
    database.close()


def test_a_roster_brings_no_erased_name_back(tmp_path: Path) -> None:
    """A device that was away while somebody was erased keeps their account and device by name: to a central that was
    set back, and has the erasure again, they come back without one."""
    data, who = tmp_path / "central", new_id()
    code = create_central(data)
    database = open_database(data)
    chief = joined(database, code, new_id())
    with write_central(data) as connection:
        record_set_back(connection, "copy", None, "operator")
        insert_rows(connection, ERASED_LINE, [ErasedLineRow(DISTRICT, who)])
    caller = context(database, chief).caller()
    account = AccountRow(DISTRICT, new_id(), who, "金丝雀", 1)
    device = DeviceRow(DISTRICT, new_id(), account.id, "金丝雀的电脑", "hash", 1, 1, None)
    rows = {"accounts": [account._asdict()], "roles": [], "devices": [device._asdict()]}
    sealed = seal(caller.secret, {"epoch": "9-lost", "seq": 99, **rows})
    answer_heal(context(database, chief), HealRequest(roster=sealed), [])
    assert [each["name"] for each in admin.list_accounts(data)] == ["admin", ERASED]
    assert sorted(each["name"] for each in admin.list_devices(data)) == sorted(["x", ERASED])
    database.close()
