"""Centrals and homes of before the responsibility table granted roles come over, with their roles as assignments."""

from __future__ import annotations

import io
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from store.ledger.hlc import system_clock_ms
from sync.central.admin import admin
from sync.central.admin.setup import open_database
from sync.central.api.app import create_app
from tests.sync.central.ledger import visit
from tests.sync.central_fixture import Central, serving_app
from tests.sync.central_fixture import Laptop as BareLaptop
from tests.sync.laptops import Laptop
from tests.sync.rounds.old_office import DISTRICT, OLD_PROGRAM, UNSENT, OldProgram, make, unpack

ROOT = Path(__file__).parents[3]
HOUR_MS = 3_600_000


class Moved:
    """An old office with the present program: its central, and laptops by the name of their home, whose clocks say the
    hour after it was made."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        database = open_database(folder / "central")
        with database.read() as connection:
            made_at = connection.execute(text("SELECT max(received_at) FROM line")).scalar_one()
        database.close()
        self.offset_ms: int = made_at + HOUR_MS - system_clock_ms()
        self.url = ""

    def clock(self) -> int:
        """The time there, in milliseconds."""
        return system_clock_ms() + self.offset_ms

    @contextmanager
    def serving(self) -> Iterator[Central]:
        """Serve the central."""
        data = self.folder / "central"
        with serving_app(create_app(open_database(data), self.clock, lambda: True)) as self.url:
            yield Central(data, self.url, "")

    def home(self, name: str) -> Laptop:
        """A home."""
        laptop = Laptop(self.folder / name, clock_offset_ms=self.offset_ms)
        laptop.settings = laptop.settings._replace(central=self.url)
        return laptop

    def old_device(self, name: str) -> BareLaptop:
        """The device of a home that was never upgraded: it speaks protocol 1, with the token that it has."""
        laptop = BareLaptop(self.url, self.clock)
        laptop.token = (self.folder / name / "credentials" / "token").read_text("utf-8").strip()
        laptop.device = laptop.token.split(".")[1]
        laptop.client.headers["authorization"] = f"Bearer {laptop.token}"
        return laptop


def agreed(*laptops: Laptop) -> None:
    """Two rounds of each, after which all agree with the central and nothing waits."""
    for laptop in (*laptops, *laptops):
        result = laptop.sync()
        assert (result.verified, result.rejected, result.pending) == (True, 0, 0)


def texts(laptop: Laptop) -> set[str]:
    """What the visits on a laptop say."""
    return {text for (text,) in laptop.rows("SELECT text FROM visit WHERE deleted = 0")}


SERVING = (
    "SELECT a.role, p.name, j.number FROM assignment a JOIN person p ON p.id = a.person_id "
    "LEFT JOIN project j ON j.id = a.project_id WHERE a.deleted = 0 AND a.to_date IS NULL"
)


def has_come_over(moved: Moved, central: Central) -> None:
    """Everybody has what they had at the server, as assignments that all see, and what the table says besides."""
    boss, butler = moved.home("boss"), moved.home("butler")
    agreed(boss, butler)
    agreed(boss)
    assert sorted(boss.rows(SERVING)) == sorted([
        ("bureau", "局长", None), ("butler", "甲某", "续1"), ("butler", "乙某", "续1"), ("butler", "乙某", "续2"),
    ])  # fmt: skip
    assert UNSENT in texts(boss)
    assert {"甲某看了续1", "乙某看了续1", UNSENT} <= texts(butler)
    assert "局长看了续2" in texts(boss) - texts(butler)
    assert admin.check_integrity(central.data_dir)["buckets"] == []
    adopted = [each["detail"] for each in admin.audit_page(central.data_dir) if each["action"] == "adopted"]
    assert len(adopted) == 1


def test_an_office_of_before_comes_over(tmp_path: Path) -> None:
    """A central and homes that the program made before assignments granted roles: roles are assignments, what was not
    sent arrives, and a device that was never upgraded goes on, by protocol 1, with all that it saw and more."""
    unpack(tmp_path)
    moved = Moved(tmp_path)
    with moved.serving() as central:
        device = moved.old_device("other")
        seen = {line["id"]: line for page in device.pull_all() for line in page["lines"]}
        (own,) = (line for line in seen.values() if line["kind"] == "visit" and line["device"] == device.device)
        device.person = own["author"]
        assert [each["outcome"] for each in device.push([visit(device, own["project"], "未升级的走访")])] == ["applied"]
        has_come_over(moved, central)
        assert "未升级的走访" in texts(moved.home("butler"))
        later = {line["body"].get("text") for page in device.pull_all() for line in page["lines"]}
        assert UNSENT in later
        assert {"乙某看了续1", "局长看了续2"} <= later | {line["body"].get("text") for line in seen.values()}


@pytest.mark.needs("history")
@pytest.mark.soak(only=True)
def test_the_old_program_itself_goes_on(tmp_path: Path) -> None:
    """The real old program makes an office; the central and two homes are upgraded, the third goes on with the old
    program: it sends and receives, before and after a butler is replaced by the table."""
    program, office = tmp_path / "program", tmp_path / "office"
    office.mkdir()
    archived = subprocess.run(
        ["git", "archive", OLD_PROGRAM, "store", "sync", "tui"], cwd=ROOT, check=True, capture_output=True
    )
    with tarfile.open(fileobj=io.BytesIO(archived.stdout)) as packed:
        packed.extractall(program, filter="data")
    make(program, office)
    moved, old = Moved(office), OldProgram(program, office)
    moved.offset_ms = 0
    with moved.serving() as central:
        run = ("--home", "other")
        old.run(*run, "settings", "set", "central", moved.url)
        visited = ("--project", "续1", "--at", "today", "--how", "visit", "--text", "旧程序又去了")
        old.run(*run, "visit", "add", *visited)
        old.run(*run, "sync")
        has_come_over(moved, central)
        assert "旧程序又去了" in texts(moved.home("butler"))
        old.run(*run, "sync")
        said = {each["text"] for each in old.json(*run, "visit", "list")}
        assert {UNSENT, "局长看了续2"} <= said
        assert DISTRICT in old.run(*run, "status")
