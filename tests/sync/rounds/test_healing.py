"""A central that was set back is healed by its laptops: lines of everybody, with history and numbers, come back."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeVar

import pytest
import sqlcipher3.dbapi2 as sqlite

from store.db.connection import Connection
from store.exceptions import ActSent
from store.ledger.hlc import system_clock_ms
from store.ledger.line import Line
from store.queries.lines import rejected_lines
from store.queries.outbox import is_here_alone, is_unsent
from sync import protocol
from sync.central.admin import admin
from sync.central.admin.admin import lock_named_district
from sync.central.admin.healing import decide_claims, healing_report
from sync.central.admin.setup import open_database, write_central
from sync.central.api.app import create_app
from sync.central.epochs import RESTORED, begin_epoch
from sync.exceptions import DeviceRefused, DeviceUnknown, FirewallRefusal
from tests.sync.central_fixture import DISTRICT, Central, central_process, create_central, serving_app
from tests.sync.central_fixture import Laptop as BareLaptop
from tests.sync.laptops import ForwardingCentral, Laptop, agree, bureau, project, standalone_home, visit

Read = TypeVar("Read")


class Office(Central):
    """A central whose database can be copied and put back, as an operator does it with files."""

    def __init__(self, folder: Path, wall: Callable[[], int] = system_clock_ms) -> None:
        super().__init__(folder / "central", "", create_central(folder / "central"))
        self._wall = wall

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Serve, at a new address."""
        with serving_app(create_app(open_database(self.data_dir), self._wall)) as self.url:
            yield

    def copy(self) -> Path:
        """A copy of the folder, while nothing serves it."""
        return Path(shutil.copytree(self.data_dir, self.data_dir.with_name("copy"), dirs_exist_ok=True))

    def put_back(self) -> None:
        """Put the copy in place of what there is."""
        shutil.rmtree(self.data_dir)
        shutil.copytree(self.data_dir.with_name("copy"), self.data_dir)

    def sync(self, *laptops: Laptop) -> None:
        """A round of each laptop, at the present address."""
        for laptop in laptops:
            laptop.settings = laptop.settings._replace(central=self.url)
            result = laptop.sync()
            assert (result.verified, result.rejected, result.pending) == (True, 0, 0)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """A central that does not serve yet."""
    return Office(tmp_path)


def read(laptop: Laptop, query: Callable[[Connection], Read]) -> Read:
    """What a query gives on a laptop."""
    with laptop.open() as device:
        return query(device.ledger.database.connection())


def test_lines_of_somebody_who_is_gone_come_back(tmp_path: Path, office: Office) -> None:
    """The central is replaced by an older copy, and the laptop that wrote since is gone. Another laptop brings its
    lines back, with their history and their author; nobody is shown anything as refused."""
    with office.serving():
        one = bureau(tmp_path / "one", office)
        other = bureau(tmp_path / "other", office, "李局")
        own = project(one)
        office.sync(one, other)
    office.copy()
    with office.serving():
        visits = [visit(other, own, f"第{n}次") for n in range(5)]
        office.sync(other)
        with other.open() as device:
            device.ledger.edit("visit", visits[0].id, text="改过")
        office.sync(other, one)
    office.put_back()
    shutil.rmtree(other.home.path)
    with office.serving():
        office.sync(one)
        third = bureau(tmp_path / "third", office, "王局")
        office.sync(third)
        assert {line.id for line in visits} <= third.lines().keys()
        assert third.lines()[visits[0].id].author == visits[0].author != third.meta()["person"]
        assert read(one, rejected_lines) == []
    entries = admin.audit_page(office.data_dir)
    assert [entry["action"] for entry in entries].count("regained") >= 6


def test_a_central_that_has_taken_lines_since_is_known_by_the_push_that_it_lost(tmp_path: Path, office: Office) -> None:
    """An older copy was put back, and others have sent more lines than it lacks, so that no cursor tells. The laptop
    whose push it has lost is not taken for a copy of itself: it stays the device that it is, and what it had sent and
    changed since comes back to the history."""
    with office.serving():
        one = bureau(tmp_path / "one", office)
        other = bureau(tmp_path / "other", office, "李局")
        own = project(one)
        office.sync(one, other)
    office.copy()
    with office.serving():
        first = visit(one, own, "第一稿")
        office.sync(one)
        with one.open() as device:
            device.ledger.edit("visit", first.id, text="第二稿")
    office.put_back()
    device_id = one.meta()["device"]
    with office.serving():
        for n in range(4):
            visit(other, own, f"后来{n}")
        office.sync(other, one, other)
    assert one.meta()["device"] == device_id
    with closing(open_database(office.data_dir)) as database, database.read() as connection:
        wires = connection.exec_driver_sql("SELECT wire FROM version").scalars().all()
    assert any("第一稿" in wire for wire in wires)
    assert healing_report(office.data_dir)["epoch"] == 2


def test_an_issue_that_went_to_another_department_leaves_the_former_one(tmp_path: Path, office: Office) -> None:
    """A department's laptop believes an issue to be its own, since it begins anew with a central that was set back and
    hears nothing of the transfer. What it has is there; so it lets the issue go, and does not offer it in every
    round."""
    with office.serving():
        one = bureau(tmp_path / "one", office)
        own = project(one)
        first, second = (one.put("unit", name=name, kind="department") for name in ("发改局", "住建局"))
        office.sync(one)
        clerk = Laptop(tmp_path / "clerk").join(office, office.invite("钱办", "department", department=first.id))
        text = {"number": "W1", "title": "缺电", "kind": "problem", "department_id": first.id}
        issue = one.put("issue", project=own.id, **text)
        office.sync(one, clerk)
        assert issue.id in clerk.lines()
        step = {"issue_id": issue.id, "project": own.id, "due": "2026-12-01"}
        one.put("issue_step", act="assigned", department_id=second.id, **step)
        office.sync(one)
        with clerk.open() as device:
            device.ledger.save_facts(cursor="")
        office.sync(clerk)
        assert issue.id not in clerk.lines()


def test_a_second_older_copy_is_known_by_a_line_that_was_written_since_the_first(tmp_path: Path) -> None:
    """A central that was set back and healed is set back again, to a copy of after that healing, and others write. A
    line that one laptop sent in between is missing: that begins another epoch, in which all bring what they have."""
    late = [0]
    office = Office(tmp_path, lambda: system_clock_ms() + late[0])
    with office.serving():
        one, other = bureau(tmp_path / "one", office), bureau(tmp_path / "other", office, "李局")
        own = project(one)
        office.sync(one, other)
    office.copy()
    with office.serving():
        visit(other, own, "第一次")
        office.sync(other)
    office.put_back()
    with office.serving():
        office.sync(one, other)
    assert healing_report(office.data_dir)["epoch"] == 2
    office.copy()
    late[0] = 600_000
    with office.serving():
        first = visit(other, own, "之后")
        office.sync(other)
    office.put_back()
    with office.serving():
        for n in range(4):
            visit(one, own, f"后来{n}")
        office.sync(one, other, one)
    assert first.id in one.lines()
    assert healing_report(office.data_dir)["epoch"] == 3


def numbers(laptop: Laptop) -> dict[str, object]:
    """The close-out numbers on a laptop, by issue."""
    lines = (line for line in laptop.lines().values() if line.kind == "close_out")
    return {str(line.body["issue_id"]): line.body["number"] for line in lines}


def settled(laptop: Laptop, of: Line, title: str) -> Line:
    """An issue that waits for its approval."""
    issue = laptop.put("issue", number=title, title=title, kind="problem", project=of.id)
    for act in ("assigned", "accepted"):
        laptop.put("issue_step", issue_id=issue.id, act=act, project=of.id)
    laptop.put("issue_step", issue_id=issue.id, act="settled", measure="接电", evidence="照片", project=of.id)
    return issue


def approve(laptop: Laptop, issue: Line) -> None:
    """Approve an issue as it is on this laptop."""
    read = [line for line in laptop.lines().values() if issue.id in (line.id, line.body.get("issue_id"))]
    versions = [{"id": line.id, "stamp": line.stamp, "device": line.device} for line in read]
    laptop.put("issue_step", issue_id=issue.id, act="approved", versions=versions, project=issue.project)


def test_a_number_once_given_is_never_given_again(tmp_path: Path, office: Office) -> None:
    """X was approved and numbered after the copy was made. Once the copy is put back, Y is approved first: X keeps its
    number and Y gets the next one. When both laptops have been back, the central is said to be whole again."""
    with office.serving():
        clerk = bureau(tmp_path / "clerk", office)
        chief = bureau(tmp_path / "chief", office, "李局")
        own = project(clerk)
        x, y = settled(clerk, own, "X"), settled(clerk, own, "Y")
        office.sync(clerk, chief)
    office.copy()
    with office.serving():
        approve(chief, x)
        office.sync(chief, clerk)
        first = numbers(clerk)[x.id]
    office.put_back()
    with office.serving():
        approve(chief, y)
        office.sync(chief, clerk)
        assert numbers(clerk) == numbers(chief) == {x.id: first, y.id: f"{str(first)[:4]}-0002"}
    report = healing_report(office.data_dir)
    assert (report["epoch"], report["whole"], report["doubled_numbers"]) == (2, True, {})
    assert report["missing"] == {"devices": [], "numbers": [], "lines": []}


def test_who_joined_and_what_was_withdrawn_since_is_known_again(tmp_path: Path, office: Office) -> None:
    """Since the copy, an officer has joined, a role was withdrawn and a laptop revoked. Once a laptop of the bureau has
    been back, all that is so again: the newcomer works without a new invitation, the others stay out. Until then a
    newcomer who keeps nothing for the central is told why, and the operator that somebody unknown was refused."""
    with office.serving():
        chief = bureau(tmp_path / "chief", office)
        own = project(chief)
        office.sync(chief)
        leaving = Laptop(tmp_path / "leaving").join(office, office.invite("刘丁", "butler", projects=[own.id]))
        lost = bureau(tmp_path / "lost", office, "王局")
        office.sync(leaving, lost)
    office.copy()
    with office.serving():
        newcomer = Laptop(tmp_path / "newcomer").join(office, office.invite("陈戊", "butler", projects=[own.id]))
        seen = visit(newcomer, own)
        office.sync(newcomer)
        admin.withdraw(office.data_dir, "刘丁", "butler")
        admin.revoke(office.data_dir, "王局")
        office.sync(chief)
    office.put_back()
    with write_central(office.data_dir) as connection:
        counter = lock_named_district(connection, None)
        begin_epoch(connection, counter, RESTORED)
        counter.save(connection)
    with office.serving():
        newcomer.settings = newcomer.settings._replace(central=office.url)
        with newcomer.open() as device:
            device.ledger.keep_roster("", "")
        with pytest.raises(DeviceUnknown):
            newcomer.sync()
        assert healing_report(office.data_dir)["unknown_tokens"] == 1
        office.sync(chief, newcomer, leaving)
        assert seen.id in newcomer.lines() and leaving.lines() == {}
        lost.settings = lost.settings._replace(central=office.url)
        with pytest.raises(DeviceRefused):
            lost.sync()
    people = {str(account["name"]): account["roles"] for account in admin.list_accounts(office.data_dir)}
    assert people["刘丁"] == [] and people["陈戊"] != []


def test_who_joined_since_the_copy_goes_on_without_anybodys_help(tmp_path: Path, office: Office) -> None:
    """A device that proves its membership by what it keeps for the central is known again at once, with its lines and
    roles; what it keeps helps no other token, and a revocation that the bureau proves later ends it."""
    with office.serving():
        chief = bureau(tmp_path / "chief", office)
        own = project(chief)
        office.sync(chief)
    office.copy()
    with office.serving():
        newcomer = Laptop(tmp_path / "newcomer").join(office, office.invite("陈戊", "butler", projects=[own.id]))
        seen = visit(newcomer, own)
        office.sync(newcomer)
        guilty = Laptop(tmp_path / "guilty").join(office, office.invite("吴己", "butler", projects=[own.id]))
        office.sync(guilty)
        admin.revoke(office.data_dir, "吴己")
        office.sync(chief)
    office.put_back()
    with write_central(office.data_dir) as connection:
        counter = lock_named_district(connection, None)
        begin_epoch(connection, counter, RESTORED)
        counter.save(connection)
    with office.serving():
        office.sync(newcomer)
        sealed = newcomer.rows("SELECT sealed FROM kept_roster")[0][0]
        stranger = BareLaptop(office.url)
        stranger.client.headers["authorization"] = f"Bearer {DISTRICT}.{newcomer.meta()['device']}.wrong"
        assert stranger.post("/v1/return", {"roster": sealed}).status_code == 401
        office.sync(chief, newcomer)
        assert seen.id in chief.lines()
        guilty.settings = guilty.settings._replace(central=office.url)
        with pytest.raises(DeviceRefused):
            guilty.sync()


def test_a_line_without_a_receipt_waits_for_the_bureau(tmp_path: Path, office: Office) -> None:
    """A laptop has lines from before there were receipts. What others wrote is not taken on its word: it is kept apart,
    shown to nobody as refused, and taken in as what it is once the bureau has accepted it."""
    with office.serving():
        one = bureau(tmp_path / "one", office)
        other = bureau(tmp_path / "other", office, "李局")
        own = project(one)
        office.sync(one, other)
    office.copy()
    with office.serving():
        seen = visit(other, own)
        office.sync(other, one)
    with one.open() as device, device.ledger.database.write() as connection:
        connection.execute("DELETE FROM receipt")
    office.put_back()
    with office.serving():
        one.settings = one.settings._replace(central=office.url)
        result = one.sync()
        assert (result.verified, result.rejected) == (True, 0) and read(one, rejected_lines) == []
        report = healing_report(office.data_dir)
        assert [(claim["id"], claim["author"]) for claim in report["claims"]] == [(seen.id, "李局")]
        third = bureau(tmp_path / "third", office, "王局")
        office.sync(third)
        assert seen.id not in third.lines() and seen.id in one.lines()
        assert decide_claims(office.data_dir, [seen.id]) == (1, 0)
        office.sync(one, third)
        assert third.lines()[seen.id] == one.lines()[seen.id] == seen


def test_an_own_line_that_a_central_has_lost_is_not_taken_back_as_if_nobody_had_it(tmp_path: Path) -> None:
    """A central that was set back lacks a line that it has given to others: left to the next push it is unsent, and no
    longer this device's alone."""
    laptop = standalone_home(tmp_path / "one", "张甲")
    line = laptop.put("policy", title="通知", text="全文")
    with laptop.open() as device:
        connection = device.ledger.database.connection()
        assert is_here_alone(connection, line.id)
        with device.ledger.database.write() as written:
            written.execute("UPDATE outbox SET state = 'held', base_stamp = stamp WHERE id = ?", (line.id,))
        assert device.ledger.held_lines(can_heal=False) == []
        assert is_unsent(connection, line.id)
        with pytest.raises(ActSent):
            device.ledger.withdraw("policy", line.id)


def test_a_killed_central_is_restored_and_healed(tmp_path: Path) -> None:
    """A real central is copied while it serves, goes on, is killed, and begins again on the copy, as a restored backup
    does. The next round of a laptop brings back what its copy lacks."""
    with central_process(tmp_path) as central:
        one = bureau(tmp_path / "one", central)
        other = bureau(tmp_path / "other", central, "李局")
        own = project(one)
        agree(one, other)
        with (
            closing(sqlite.connect(central.data_dir / "central.db")) as serving,
            closing(sqlite.connect(tmp_path / "copy.db")) as copy,
        ):
            serving.backup(copy)
        seen = visit(other, own)
        agree(other, one)
        central.stop(signal.SIGKILL)
        shutil.rmtree(other.home.path)
        for file in central.data_dir.glob("central.db*"):
            file.unlink()
        shutil.move(tmp_path / "copy.db", central.data_dir / "central.db")
        with write_central(central.data_dir) as connection:
            counter = lock_named_district(connection, None)
            begin_epoch(connection, counter, RESTORED)
            counter.save(connection)
        central.start()
        one.sync()
        third = bureau(tmp_path / "third", central, "王局")
        agree(one, third)
        assert third.lines()[seen.id] == one.lines()[seen.id] == seen


class Firewall(ForwardingCentral):
    """Refuses every message with a certain word."""

    async def heal(self, request: protocol.HealRequest, lines: list[bytes]) -> protocol.HealAnswer:
        """As `Central` has it, but for that word."""
        if any(b"DROP TABLE" in line for line in lines):
            raise FirewallRefusal(central="x", detail="HTTP 403")
        return await super().heal(request, lines)


def test_a_version_that_a_firewall_refuses_holds_up_no_other(tmp_path: Path, office: Office) -> None:
    """A firewall on the way refuses one version: all others are brought back, new work is pushed, the officer is told
    why, and once the way is free the rest follows."""
    with office.serving():
        chief = bureau(tmp_path / "chief", office)
        own = project(chief)
        office.sync(chief)
    office.copy()
    with office.serving():
        chief.settings = chief.settings._replace(central=office.url)
        visits = [visit(chief, own, text) for text in ("一", "DROP TABLE", "三")]
        office.sync(chief)
    office.put_back()
    with office.serving():
        chief.settings = chief.settings._replace(central=office.url)
        visits.append(visit(chief, own, "新的"))
        with pytest.raises(FirewallRefusal):
            chief.sync_through(Firewall)
        third = bureau(tmp_path / "third", office, "王局")
        office.sync(third)
        assert [line.id in third.lines() for line in visits] == [True, False, True, True]
        office.sync(chief, third)
        assert [line.id in third.lines() for line in visits] == [True] * 4
