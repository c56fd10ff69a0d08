"""A district at work: a real central, laptops as processes, codes, rounds, conflicts, refusals, backups."""

from __future__ import annotations

import json
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from store.home.credentials import open_credentials
from store.home.paths import resolve_home
from store.writer.sync_writes import SyncLedger
from store.writer.upgrade import open_store
from tests.tui.cli.conftest import SAMPLE
from tests.tui.cli.fork_server import ForkedProcess
from tests.tui.cli.laptop import Laptop

INIT = ("init", "--district", "210903", "--district-name", "新邱区", "--name", "酉小满")


class Central:
    """A central in a folder, served by a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "central"
        self.clerk = Laptop(folder / "nobody", {"GUANJIA_CENTRAL_DATA": str(self.data)})
        made = self.clerk.json("central", "init", "--district", "210903", "--name", "新邱区")
        assert made.keys() >= {"admin_code"}
        self.code: str = made["admin_code"]
        self._port = "0"
        self.url = ""
        self._process: ForkedProcess | None = None

    def start(self) -> None:
        """Serve, and wait for the line that says where."""
        self._process = self.clerk.fork("central", "serve", "--port", self._port, "--json")
        self.url = json.loads(self._process.stdout.readline())["url"]
        self._port = self.url.rsplit(":", 1)[1]

    def stop(self) -> int:
        """Ask the process to end; gives its exit code."""
        process, self._process = self._process, None
        assert process
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=120)
        return process.wait(120)

    def invite(self, name: str = "酉小满", role: str = "bureau", *more: str) -> str:
        """A one-time code."""
        made = self.clerk.json("central", "invite", "--again", "--name", name, "--role", role, *more)
        assert made.keys() >= {"code", "expires_at"}
        code: str = made["code"]
        return code


@pytest.fixture
def central(tmp_path: Path) -> Iterator[Central]:
    """A central that serves."""
    central = Central(tmp_path)
    central.start()
    yield central
    if central._process:
        central.stop()


@pytest.fixture
def laptops(tmp_path: Path, central: Central) -> tuple[Laptop, Laptop]:
    """Two devices of one officer; the first has imported the sample, and both have synced."""
    first, other = Laptop(tmp_path / "a"), Laptop(tmp_path / "b")
    first.run(*INIT)
    first.run("import", str(SAMPLE), code=3)
    code = tmp_path / "code"
    code.write_text(f"{central.code}\n")
    joined = first.json("join", central.url, "--code-file", str(code))
    assert joined.keys() >= {"person", "device", "district", "roles"}
    first.run("sync")
    assert other.json("join", central.url, "--code", central.invite())["person"] == joined["person"]
    other.run("sync")
    return first, other


def test_a_lone_home_joins_and_keeps_its_lines(laptops: tuple[Laptop, Laptop], central: Central) -> None:
    """What a lone home knew is on the second device after two rounds, byte for byte; the code works only once."""
    first, other = laptops
    assert first.run("dump").out == other.run("dump").out
    assert len(other.json("project", "list")) == 9
    found = first.json("sync")
    assert found.keys() == {
        "pushed", "pulled", "superseded", "rejected", "pending", "verified", "clock_offset_ms", "seconds",
        "in_agreement",
    }  # fmt: skip
    assert (found["pushed"], found["pulled"], found["verified"]) == (0, 0, True)
    assert other.run("join", central.url, "--code", central.code, "--json", code=1).error["code"] == "bad_invite"
    assert other.json("status")["verified_at"]


def test_two_laptops_change_one_line(laptops: tuple[Laptop, Laptop]) -> None:
    """The later change wins on both; the other is in the history with its reason, and restoring makes it current."""
    first, other = laptops
    issue = first.json("issue", "add", "--project", "续1", "--title", "临时用电", "--text", "起初")["id"]
    first.run("sync")
    other.run("sync")
    first.run("issue", "edit", issue, "--text", "甲说")
    other.run("issue", "edit", issue, "--text", "乙说")
    for laptop in (first, other, first):
        laptop.run("sync")
    assert [laptop.json("issue", "show", issue)["text"] for laptop in laptops] == ["乙说", "乙说"]
    lost = [version for version in first.json("history", issue) if version["reason"] == "superseded"]
    assert [version["body"]["text"] for version in lost] == ["甲说"]
    first.run("restore", issue, "--version", str(lost[0]["version"]))
    first.run("sync")
    other.run("sync")
    assert other.json("issue", "show", issue)["text"] == "甲说"
    assert first.run("dump").out == other.run("dump").out


def test_without_a_network_nothing_is_lost(laptops: tuple[Laptop, Laptop], central: Central) -> None:
    """A round that cannot reach the central exits 4 with the number of unsent lines; work goes on; later it is sent.
    The doctor tells nobody there, a portal, a gateway's refusal and a proxy that is away from each other."""
    first, _other = laptops
    assert central.stop() == 0
    first.run("visit", "add", "--project", "续1", "--text", "停网时的走访")
    result = first.run("sync", "--json", code=4)
    assert result.out == ""
    assert result.error["code"] == "unreachable"
    assert "1" in result.error["data"]
    assert central_as_the_doctor_sees_it(first) == "unreachable"
    central.start()
    assert first.json("sync")["pushed"] == 1
    with page_server(200, b"<html>Welcome to the hotel</html>") as portal, page_server(413) as gateway:
        proxied = {"GUANJIA_CENTRAL": "https://central.example:1", "HTTPS_PROXY": "http://127.0.0.1:1"}
        told = {
            central_as_the_doctor_sees_it(Laptop(first.home, elsewhere))
            for elsewhere in ({"GUANJIA_CENTRAL": portal}, {"GUANJIA_CENTRAL": gateway}, proxied)
        }
    assert told == {"captive_portal", "request_too_large", "proxy_unreachable"}
    assert central_as_the_doctor_sees_it(first, code=0) is None


def central_as_the_doctor_sees_it(laptop: Laptop, code: int = 3) -> object:
    """The code of what keeps the laptop from its central, by ``doctor``."""
    (found,) = (one for one in laptop.json("doctor", code=code) if one["check"] == "central")
    assert found["ok"] is (found["code"] is None)
    return found["code"]


@contextmanager
def page_server(status: int, body: bytes = b"") -> Iterator[str]:
    """Something else that answers in the central's place; gives its address."""

    class Page(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST

        def log_message(self, format: str, *arguments: object) -> None:
            """Keep the test's output quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def write_as_an_older_version(laptop: Laptop, kind: str, body: dict[str, str]) -> None:
    """A line as a version writes it that does not compare the rights of roles first."""
    home = resolve_home(str(laptop.home))
    database = open_store(home.database, open_credentials(home, "file").key())
    SyncLedger(database).put(kind, body)
    database.close()


def test_refused_lines_ask_a_person(tmp_path: Path, laptops: tuple[Laptop, Laptop], central: Central) -> None:
    """A line outside one's authority is refused with a code: sync and status exit 3 until somebody drops it."""
    first, _other = laptops
    project = first.json("project", "list")[0]["id"]
    guest = Laptop(tmp_path / "guest")
    guest.run("join", central.url, "--code", central.invite("戌大雪", "butler", "--project", project))
    guest.run("sync")
    assert guest.run("import", str(SAMPLE), "--json", code=1).error["code"] == "beyond_role"
    holidays = tmp_path / "holidays.csv"
    holidays.write_text("日期,安排\n2062-01-02,放假\n", "utf-8")
    assert guest.run("holiday", "import", str(holidays), "--json", code=1).error["code"] == "beyond_role"
    assert guest.run("project", "add", "--name", "自己加的项目", "--json", code=1).error["code"] == "beyond_role"
    write_as_an_older_version(guest, "project", {"name": "自己加的项目", "number": "新9", "category": "new"})
    assert guest.json("sync", code=3)["rejected"] == 1
    assert guest.json("status", code=3)["rejected"] == 1
    refused = guest.json("rejected", code=3)
    assert [(line["kind"], line["code"]) for line in refused] == [("project", "forbidden")]
    assert guest.json("rejected", "retry") == {"retried": 1}
    assert guest.json("sync", code=3)["rejected"] == 1
    assert guest.json("rejected", "drop", refused[0]["id"]) == {"dropped": 1}
    guest.run("sync")
    assert guest.json("rejected", "list") == []
    assert {one["check"]: one["ok"] for one in guest.json("doctor")}["rejected"] is True


def test_scope_follows_roles(tmp_path: Path, laptops: tuple[Laptop, Laptop], central: Central) -> None:
    """A butler sees the own project only; a role granted brings another, a role withdrawn takes it away."""
    first, second = laptops[0].json("project", "list")[:2]
    butler = Laptop(tmp_path / "butler")
    butler.run("join", central.url, "--code", central.invite("亥中秋", "butler", "--project", first["number"]))

    def seen() -> list[str]:
        return [row["number"] for row in butler.json("project", "list")]

    role = ("--name", "亥中秋", "--role", "butler", "--project", second["number"])
    butler.run("sync")
    assert seen() == [first["number"]]
    assert [given["project"] for given in central.clerk.json("central", "grant", *role)] == [second["id"]]
    for shown in (central.clerk.run("central", "grant", *role).out, central.clerk.run("central", "people").out):
        assert second["id"] not in shown  # a name where a name is meant
    assert second["name"][:6] in central.clerk.run("central", "people").out
    butler.run("sync")
    assert seen() == [first["number"], second["number"]]
    central.clerk.run("central", "withdraw", *role)
    butler.run("sync")
    assert seen() == [first["number"]]


def test_who_runs_a_central_sees_everything(laptops: tuple[Laptop, Laptop], central: Central) -> None:
    """People, devices, audit and stats are printed; a revoked device is refused at once and keeps its lines."""
    first, other = laptops
    clerk = central.clerk
    assert [(person["name"], person["devices"]) for person in clerk.json("central", "people")] == [("酉小满", 2)]
    assert len(clerk.json("central", "devices")) == 2
    assert {"create", "invite", "join", "write"} <= {entry["action"] for entry in clerk.json("central", "audit")}
    assert clerk.json("central", "stats")["lines"] == first.json("status")["lines"]
    device = other.json("status")["device"]
    assert clerk.json("central", "revoke", device)[0]["revoked_at"]
    assert other.run("sync", "--json", code=1).error["code"] == "revoked"
    assert len(other.json("project", "list")) == 9
    first.run("sync")


def test_a_restored_backup_is_a_device_of_its_own(tmp_path: Path, laptops: tuple[Laptop, Laptop]) -> None:
    """A backup keeps what was unsent, restores over a home by setting it aside, and syncs as a new device."""
    first, other = laptops
    first.run("visit", "add", "--project", "续1", "--text", "还没有上报的走访")
    made = first.json("backup", str(tmp_path / "copy.db"), "--key-file", str(tmp_path / "copy.key"))
    assert made["bytes"] > 0
    first.run("backup", str(tmp_path / "copy.db"), code=1)
    restored = first.json("restore-backup", str(tmp_path / "copy.db"))
    assert restored["device"] != json.loads(other.run("status", "--json").out)["device"]
    assert restored["pending"] == 1
    assert Path(restored["set_aside"]).is_dir()
    assert first.json("sync")["pushed"] == 1
    other.run("sync")
    assert first.run("dump").out == other.run("dump").out
    set_aside = Laptop(Path(restored["set_aside"]))
    assert set_aside.json("status")["device"] != first.json("status")["device"]


def test_a_backup_opens_elsewhere_with_its_key_only(tmp_path: Path) -> None:
    """Without the key a copy is useless; with the key file it becomes a home on another machine."""
    first, elsewhere = Laptop(tmp_path / "a"), Laptop(tmp_path / "else" / "b")
    (tmp_path / "else").mkdir()
    first.run(*INIT)
    first.run("backup", str(tmp_path / "copy.db"), "--key-file", str(tmp_path / "copy.key"))
    assert (tmp_path / "copy.key").stat().st_mode & 0o077 == 0
    assert elsewhere.run("restore-backup", str(tmp_path / "copy.db"), "--json", code=1).error["code"] == "key_needed"
    (tmp_path / "wrong.key").write_text("00" * 32)
    wrong = ("restore-backup", str(tmp_path / "copy.db"), "--key-file", str(tmp_path / "wrong.key"))
    assert elsewhere.run(*wrong, "--json", code=1).error["code"] == "wrong_key"
    assert list((tmp_path / "else").iterdir()) == []
    elsewhere.run("restore-backup", str(tmp_path / "copy.db"), "--key-file", str(tmp_path / "copy.key"))
    assert elsewhere.run("dump").out == first.run("dump").out


def test_the_daemon_holds_the_lock(laptops: tuple[Laptop, Laptop]) -> None:
    """While the daemon runs, sync and a second daemon exit 5 and status names it; SIGTERM ends it with exit 0."""
    first, other = laptops
    process = first.fork("daemon")
    events = [json.loads(process.stderr.readline())["event"]]
    try:
        assert events == ["started"]
        assert first.json("status")["daemon"] == {"running": True, "pid": process.pid}
        assert first.run("sync", "--json", code=5).error["code"] == "round_running"
        first.run("daemon", code=5)
        first.run("restore-backup", str(SAMPLE), code=5)
        first.run("visit", "add", "--project", "续1", "--text", "由后台程序上报")
        deadline = time.monotonic() + 60
        while first.json("status")["pending"] and time.monotonic() < deadline:
            time.sleep(0.2)
        other.run("sync")
        assert first.run("dump").out == other.run("dump").out
    finally:
        process.send_signal(signal.SIGTERM)
        out, _err = process.communicate(timeout=120)
    assert (process.returncode, out) == (0, b"")


def test_http_to_another_machine_is_refused(tmp_path: Path) -> None:
    """An address that is not encrypted and not this machine is refused before anything is sent, and no home is left
    half made."""
    laptop = Laptop(tmp_path / "a")
    assert laptop.run("join", "http://192.0.2.1:80", "--code", "x", "--json", code=1).error["code"] == "insecure"
    laptop.run("status", code=1)


def test_a_central_ends_with_whoever_started_it(tmp_path: Path) -> None:
    """``--end-with-input`` (the demo's central) ends when the other end of its input is gone."""
    central = Central(tmp_path)
    process = central.clerk.start("central", "serve", "--port", "0", "--end-with-input")
    assert process.stdin and process.stdout
    assert process.stdout.readline().startswith(b"http://127.0.0.1:")
    process.stdin.close()
    assert process.wait(120) == 0


def test_what_keeps_a_central_from_starting_is_told(tmp_path: Path) -> None:
    """No central in the folder, half a certificate, or a second init: each is refused in words."""
    central = Central(tmp_path)
    clerk = central.clerk
    refused = (
        (("serve", "--data", str(tmp_path / "nothing")), 1, "no_central"),
        (("serve", "--tls-cert", "x.pem"), 2, "usage"),
        (("init", "--district", "210903", "--name", "x"), 1, "central_exists"),
        (("init", "--data", str(tmp_path / "other"), "--district", "新 邱", "--name", "x"), 1, "bad_district"),
        (("invite", "--name", "x", "--role", "department"), 1, "bad_role"),
        (("revoke", "x"), 1, "unknown_name"),
    )
    for typed, code, why in refused:
        assert clerk.run("central", *typed, "--json", code=code).error["code"] == why


@pytest.mark.soak(turns=2)
@pytest.mark.parametrize("offset_ms", ["-900000000000", "120000000000"])
def test_a_wrong_clock_is_reported_and_harmless(laptops: tuple[Laptop, Laptop], offset_ms: str) -> None:
    """A laptop that lives in another decade syncs, is told that its clock is off, and ends equal to the others."""
    first, other = laptops
    first.more["GUANJIA_TEST_CLOCK_OFFSET_MS"] = offset_ms
    written = first.json("visit", "add", "--project", "续1", "--text", "钟表不准")
    result = first.run("sync", code=None)
    assert result.code == 0, result
    assert "clock is off" in result.err
    other.run("sync")
    assert other.json("visit", "show", written["id"])["text"] == "钟表不准"
    assert abs(first.json("status")["clock_offset_ms"] + int(offset_ms)) < 60_000
    assert {found["check"]: found["ok"] for found in first.json("doctor", code=3)}["clock"] is False
    assert first.run("dump").out == other.run("dump").out
