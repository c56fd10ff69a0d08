"""``guanjia central install``: from an empty folder to a central that is tried, and laptops that join it by its address
alone."""

from __future__ import annotations

import shlex
import socket
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sync.central.accounts.authority import issue_certificate
from sync.central.db.settings import load_central_settings
from tests.tui.cli.laptop import Laptop

NEW = ("--district", "210903", "--name", "新邱区", "--admin", "王芳")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


def installed(operator: Laptop, folder: Path, *options: str, code: int = 0) -> dict[str, object]:
    """What ``central install`` says of a central that the whole network reaches, its units written beside it."""
    where = ("--data", str(folder / "central"), "--units", str(folder / "units"), "--host", "0.0.0.0")
    said: dict[str, object] = operator.json("central", "install", *where, *options, code=code)
    return said


def test_laptops_join_what_was_installed_by_its_address_alone(tmp_path: Path) -> None:
    """One command makes the district, the certificate, the units, the first code and a test of itself. What the unit
    starts is joined by the printed address without any file; with another pin nothing is sent to it, and without a pin
    its certificate is not trusted. Rounds go on by what was trusted, and the bureau invites by the same address."""
    operator, boss, port = Laptop(tmp_path / "operator"), Laptop(tmp_path / "boss"), free_port()
    said = installed(operator, tmp_path, *NEW, "--port", str(port), "--address", "127.0.0.1")
    assert said["self_test"] == {"running": False, "ready": True, "names": {"127.0.0.1": True}, "passed": True}
    assert (tmp_path / "central/central.pem").stat().st_mode & 0o077 == 0
    address = str(said["join"])
    unit = (tmp_path / "units/guanjia-central.service").read_text("utf-8")
    started = next(line for line in unit.splitlines() if line.startswith("ExecStart="))
    words = shlex.split(started.removeprefix("ExecStart="))
    serving = operator.fork(*words[words.index("central") :])
    try:
        assert serving.stdout.readline().decode().strip() == f"https://0.0.0.0:{port}"
        plain, _, pin = address.partition("#")
        join = ("join", "--code", str(said["code"]), "--json")
        assert boss.run(*join, plain, code=4).error["code"] == "certificate_untrusted"
        wrong = boss.run(*join, f"{plain}#{'0' * 32}", code=4).error
        assert (wrong["code"], "it has another key" in str(wrong)) == ("another_central", True)
        assert boss.json(*join[:3], address)["roles"] == [{"role": "bureau"}]
        assert boss.json("sync")["verified"] is True
        invited = boss.run("admin", "invite", "李四", "--role", "bureau")
        assert f"guanjia join {plain}#{pin}" in invited.err
        again = installed(operator, tmp_path, "--port", str(port), "--address", "127.0.0.1")
        assert (again["code"], again["join"]) == (None, address)
        assert again["self_test"] == {"running": True, "ready": True, "names": {"127.0.0.1": True}, "passed": True}
    finally:
        serving.send_signal(15)
        serving.wait(60)
    here = ("--data", str(tmp_path / "central"))
    assert address in operator.run("central", "invite", *here, "--name", "王五", "--role", "bureau").err


def test_a_certificate_that_is_not_for_this_machine_is_told(tmp_path: Path) -> None:
    """The self-test asks by each name that laptops will use: one that the office's certificate is not for ends with 3,
    before anybody travels to forty laptops. Invitations name that address too, without a pin of before."""
    office = tmp_path / "office.pem"
    office.write_bytes(issue_certificate("o" * 43, ["central.office"], datetime.now(UTC)))
    options = (*NEW, "--port", str(free_port()), "--tls-cert", str(office), "--tls-key", str(office))
    said = installed(Laptop(tmp_path / "operator"), tmp_path, *options, "--address", "other.office", code=3)
    tried = said["self_test"]
    assert isinstance(tried, dict)
    assert (tried["ready"], tried["names"]) == (True, {"other.office": False})
    assert "#" not in str(said["join"])
    assert load_central_settings(tmp_path / "central").address == said["join"]


@pytest.mark.parametrize("options", [("--tls-cert", "cert.pem"), ("--district", "210903")])
def test_half_of_what_is_needed_changes_nothing(tmp_path: Path, options: tuple[str, ...]) -> None:
    """A certificate without its key, and a district without its name, are refused before anything is made."""
    where = ("--data", str(tmp_path / "central"), "--units", str(tmp_path / "units"))
    assert "go together" in Laptop(tmp_path / "operator").run("central", "install", *where, *options, code=2).err
    assert not (tmp_path / "central").exists() and not (tmp_path / "units").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="nobody is handed anything there")
def test_a_user_who_is_not_there_gets_nothing(tmp_path: Path) -> None:
    """Who is to run the central is looked for before the district is made: its only code would not be shown."""
    where = ("--data", str(tmp_path / "central"), "--units", str(tmp_path / "units"), *NEW)
    refused = Laptop(tmp_path / "operator").run("central", "install", *where, "--user", "no-such-user", code=2)
    assert "no user no-such-user" in refused.err
    assert not (tmp_path / "central").exists()


NO_HOSTS = ("https://10.0.0.5:8765", "10.0.0.5:8443", "a..b", 'x"y', "fe80::1%eth0", "")


@pytest.mark.parametrize("option", [*(("--address", name) for name in NO_HOSTS), ("--host", 'x"y')])
def test_a_name_by_which_no_laptop_gets_through_makes_nothing(tmp_path: Path, option: tuple[str, str]) -> None:
    """What is neither a host name nor an address is refused before the district is made and its only code is spent."""
    where = ("--data", str(tmp_path / "central"), "--units", str(tmp_path / "units"), "--host", "0.0.0.0", *NEW)
    refused = Laptop(tmp_path / "operator").run("central", "install", *where, *option, code=2)
    assert "neither a host name nor an address" in refused.err
    assert not (tmp_path / "central").exists()
