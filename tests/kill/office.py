"""The district that is killed: its central, its laptops, and what must be true of them afterwards."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import orjson

from store.ledger.line import canonical_json
from sync.central.admin import admin
from sync.central.admin.setup import open_database
from tests.kill import lives
from tests.kill.keeper import Keeper, end
from tests.sync.central_fixture import Central, create_central
from tests.sync.laptops import Laptop, agree, bureau, project


class Office:
    """A central on a port of its own, and two laptops that joined it, with a project between them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data_dir = folder / "central"
        self.code = create_central(self.data_dir)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = int(free.getsockname()[1])
        with self.central():
            at = Central(self.data_dir, f"http://127.0.0.1:{self.port}", self.code)
            self.laptops = tuple(bureau(folder / name, at, name) for name in ("甲", "乙"))
            project(self.laptops[0])
            agree(*self.laptops)

    @contextmanager
    def central(self) -> Iterator[None]:
        """The central, for as long as the block lasts; ready when it begins."""
        keeper = Keeper("quiet-central", self.folder, 1, 0, Random()).keeps(lives.central, self.data_dir, self.port)
        keeper.told.unlink(missing_ok=True)
        process = keeper.begin()
        try:
            while not list(keeper.facts()):
                assert process.is_alive(), keeper.errors()
                process.join(0.01)
            yield
        finally:
            end(process)


def check_kept(laptop: Laptop, keepers: list[Keeper]) -> int:
    """Every write that was acknowledged is on the laptop, current or in history; gives how many there were."""
    current = {(line.id, line.body.get("text")) for line in laptop.lines().values()}
    history = {
        (line_id, orjson.loads(body).get("text")) for line_id, body in laptop.rows("SELECT id, body FROM history")
    }
    acknowledged = {(fact["id"], fact["words"]) for keeper in keepers for fact in keeper.facts() if "id" in fact}
    assert acknowledged - current - history == set()
    return len(acknowledged)


def check_at_central(office: Office, laptop: Laptop) -> int:
    """Every line that waits no more in the laptop's outbox is at the central, as it is or as an older version."""
    database = open_database(office.data_dir)
    with database.read() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalars().all() == ["ok"]
        wires = set(connection.exec_driver_sql("SELECT wire FROM line UNION SELECT wire FROM version").scalars())
    database.close()
    waiting = {row[0] for row in laptop.rows("SELECT id FROM outbox")}
    sent = {canonical_json(line).decode() for line in laptop.lines().values() if line.id not in waiting}
    assert sent - wires == set()
    return len(sent)


def check_sound(office: Office) -> None:
    """Every file is whole and counts right."""
    assert admin.check_integrity(office.data_dir) | {"lines": 0} == {
        "lines": 0,
        "damaged": [],
        "buckets": [],
        "total": False,
    }
    assert admin.check_audit(office.data_dir).breaks == []
    for laptop in office.laptops:
        with laptop.open() as device:
            assert device.ledger.database.integrity_errors() == []
            assert device.ledger.recompute_checksums() == []


def check_nobody_was_locked_out(keepers: list[Keeper]) -> None:
    """No life ended but by being killed, and none met a locked database."""
    for keeper in keepers:
        assert keeper.errors() == ""
        assert "locked" not in keeper.log()
        assert "store_busy" not in keeper.log()
        assert "Traceback" not in keeper.log()
