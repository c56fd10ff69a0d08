"""How the daemon is started: units that systemd accepts as they are, and the other systems' equivalents."""

from __future__ import annotations

import os
import plistlib
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from store.home.paths import Home, is_private
from sync.daemon.services import install, installed_command, plan
from sync.daemon.services.central_units import BACKUP_UNIT, SERVE_UNIT, TIMER_UNIT, CentralService, plan_central
from sync.exceptions import UnfitServicePath

ODD = 'an "odd" home 100% $HOME'
PROGRAM = [sys.executable, "-m", "tui.cli.main"]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home at a path that needs every kind of escaping."""
    home = Home(tmp_path / ODD)
    home.create()
    return home


def verify(folder: Path, unit: str, *options: str) -> str:
    """What systemd finds wrong with a unit; other units on this machine are not our affair. Its own sockets get a short
    path, since theirs are bounded."""
    command = ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *options, str(folder / unit)]
    with tempfile.TemporaryDirectory(prefix="run") as runtime:
        environ = {**os.environ, "XDG_RUNTIME_DIR": runtime}
        done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    said = [line for line in (done.stdout + done.stderr).splitlines() if "guanjia" in line]
    return "\n".join(said) + ("" if done.returncode == 0 else "failed")


@pytest.mark.needs("systemd")
def test_the_user_unit_is_accepted_by_systemd(home: Home, tmp_path: Path) -> None:
    """`systemd-analyze verify` finds nothing to say about a person's own unit, whatever the home is called."""
    service = plan(home, platform="linux", program=PROGRAM, environ={"XDG_CONFIG_HOME": str(tmp_path / "config")})
    written = install(service)
    assert written == tmp_path / "config/systemd/user" / service.name
    assert verify(written.parent, service.name, "--user") == ""


@pytest.mark.needs("systemd")
def test_the_shared_machines_template_is_accepted_by_systemd(home: Home, tmp_path: Path) -> None:
    """`systemd-analyze verify` finds nothing to say about an instance of the template."""
    service = plan(home, system=True, platform="linux", program=PROGRAM)
    assert service.path == Path("/etc/systemd/system/guanjia@.service")
    (tmp_path / "guanjia@.service").write_text(service.text)
    (tmp_path / "guanjia@officer.service").symlink_to(tmp_path / "guanjia@.service")
    assert verify(tmp_path, "guanjia@officer.service") == ""


@pytest.mark.needs("systemd")
def test_the_template_is_hardened(home: Home, tmp_path: Path) -> None:
    """systemd's own measure of exposure is 1.5 of 10 or less, and stays so."""
    (tmp_path / "guanjia@.service").write_text(plan(home, system=True, platform="linux", program=PROGRAM).text)
    command = ["systemd-analyze", "security", "--offline=true", "--threshold=15", str(tmp_path / "guanjia@.service")]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0


def test_each_officer_of_a_shared_machine_has_a_home_and_a_key_of_their_own(home: Home) -> None:
    """The template takes user, home and key from the instance's name, keeps the home 0700 and needs no desktop."""
    text = plan(home, system=True, platform="linux", program=PROGRAM).text
    for line in (
        "User=%i",
        "StateDirectory=guanjia/%i",
        "StateDirectoryMode=0700",
        "LoadCredentialEncrypted=guanjia.key:/etc/guanjia/%i.key.cred",
        "Environment=GUANJIA_HOME=/var/lib/guanjia/%i GUANJIA_CREDENTIALS=systemd",
    ):
        assert line in text.splitlines()


def test_homes_of_one_person_have_units_of_their_own(tmp_path: Path) -> None:
    """Two homes that are not the usual one get two units; no unit ever replaces another home's."""
    names = set()
    for name in "ab":
        home = Home(tmp_path / name)
        home.create()
        names.add(plan(home, platform="linux", environ={}).name)
    assert len(names) == 2
    assert "guanjia.service" not in names


def test_the_mac_gets_an_agent_and_windows_a_task(home: Home) -> None:
    """The equivalents start the same program on the same home, and nothing is written for them."""
    agent = plan(home, platform="darwin", program=PROGRAM)
    reported = plistlib.loads(agent.text.encode())
    assert reported["ProgramArguments"] == [*PROGRAM, "daemon"]
    assert reported["EnvironmentVariables"] == {"GUANJIA_HOME": str(home.path)}
    task = plan(home, platform="win32", program=["C:\\Program Files\\guanjia.exe"])
    assert "guanjia.exe" in task.text
    assert "daemon" in task.text
    assert install(agent) is install(task) is None


def test_the_service_runs_this_installation() -> None:
    """The command that is written into a unit exists and starts with a full path."""
    assert Path(installed_command()[0]).is_absolute()
    assert Path(installed_command()[0]).exists()


def test_the_service_runs_the_name_that_an_update_moves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the command on the search path is this very program, the unit names that: an offline folder's installer
    lets it be the next version, and the unit need not be written again. Another installation's is not taken."""
    link, other = tmp_path / "bin/guanjia", tmp_path / "other/guanjia"
    for folder in (link.parent, other.parent):
        folder.mkdir()
    link.symlink_to(Path(sys.executable).with_name("guanjia"))
    other.write_text("#!/bin/sh\n")
    other.chmod(0o755)
    monkeypatch.setenv("PATH", str(link.parent))
    assert installed_command() == [str(link)]
    monkeypatch.setenv("PATH", str(other.parent))
    assert installed_command() == [str(Path(sys.executable).with_name("guanjia"))]


def test_nothing_secret_is_in_a_unit(home: Home) -> None:
    """A unit names where the key is and never holds one; the home stays private."""
    for system in (True, False):
        assert "key=" not in plan(home, system=system, platform="linux", program=PROGRAM).text.replace(
            "name=guanjia.key", ""
        )
    assert is_private(home.path.stat())


@pytest.mark.needs("systemd")
def test_a_unit_with_a_mistake_is_found_out(tmp_path: Path) -> None:
    """The check above is one: a program that is not there, or a misspelt directive, is complained about."""
    (tmp_path / "guanjia.service").write_text("[Service]\nExecStart=/no/such/program daemon\nProtectHoem=yes\n")
    assert "ProtectHoem" in verify(tmp_path, "guanjia.service")


def central_at(tmp_path: Path, user: str | None) -> CentralService:
    """A central at paths that need every kind of escaping."""
    folder = tmp_path / ODD
    (folder / "backups").mkdir(parents=True, exist_ok=True)
    return CentralService(folder, folder / "backups", 14, ("--host", "0.0.0.0", "--port", "8443"), user)


@pytest.mark.needs("systemd")
@pytest.mark.parametrize("user", [None, "daemon"])
def test_a_centrals_units_are_accepted_by_systemd(tmp_path: Path, user: str | None) -> None:
    """`systemd-analyze verify` finds nothing to say about what serves a central and what backs it up every day, as the
    machine's units and as a user's own."""
    config = {"XDG_CONFIG_HOME": str(tmp_path / "config")}
    units = plan_central(central_at(tmp_path, user), platform="linux", program=PROGRAM, environ=config)
    assert [str(unit.path.parent) if unit.path else "" for unit in units] == [
        "/etc/systemd/system" if user else str(tmp_path / "config/systemd/user")
    ] * 3
    for unit in units:
        (tmp_path / unit.name).write_text(unit.text)
    for unit in units:
        assert verify(tmp_path, unit.name, *(() if user else ("--user",))) == ""
    texts = {unit.name: unit.text for unit in units}
    assert "OnCalendar=*-*-* 02:30:00" in texts[TIMER_UNIT]
    assert "Persistent=true" in texts[TIMER_UNIT]
    assert '"central" "backup"' in texts[BACKUP_UNIT]
    assert all(("User=daemon" in texts[name]) is (user is not None) for name in (SERVE_UNIT, BACKUP_UNIT))


@pytest.mark.needs("systemd")
def test_a_centrals_unit_is_hardened(tmp_path: Path) -> None:
    """systemd's own measure of exposure of the machine's unit is 2 of 10 or less, and stays so."""
    unit = plan_central(central_at(tmp_path, "daemon"), platform="linux", program=PROGRAM)[0]
    (tmp_path / unit.name).write_text(unit.text)
    command = ["systemd-analyze", "security", "--offline=true", "--threshold=20", str(tmp_path / unit.name)]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0


def test_other_systems_get_a_centrals_commands(tmp_path: Path) -> None:
    """Where there is no systemd the two command lines are shown, and nothing is written."""
    for platform in ("darwin", "win32"):
        shown = plan_central(central_at(tmp_path, None), platform=platform, program=["guanjia"])
        assert [unit.path for unit in shown] == [None, None]
        assert ["central serve" in shown[0].text, "central backup" in shown[1].text] == [True, True]


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_a_service_names_a_chinese_home_in_utf8_whatever_the_locale_is(tmp_path: Path, platform: str) -> None:
    """In the C locale Python holds a Chinese path as undecoded bytes: every service holds it in UTF-8 all the same, and
    the file is written whole."""
    home = Home(tmp_path / "张三 的台账")
    home.create()
    undecoded = Home(Path(str(home.path).encode().decode("ascii", "surrogateescape")))
    service = plan(undecoded, platform=platform, program=PROGRAM, environ={"XDG_CONFIG_HOME": str(tmp_path / "配置")})
    assert str(home.path) in service.text
    written = install(service)
    assert (written is None) == (platform != "linux")
    if written is not None:
        assert written.read_bytes() == service.text.encode()
        assert list(written.parent.iterdir()) == [written]


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_a_path_that_would_break_a_service_is_refused(tmp_path: Path, platform: str) -> None:
    """A line end in a path would begin another line of a unit: it is said, and nothing is written."""
    home = Home(tmp_path / "a\nExecStart=b")
    home.create()
    with pytest.raises(UnfitServicePath):
        plan(home, platform=platform, program=PROGRAM)
