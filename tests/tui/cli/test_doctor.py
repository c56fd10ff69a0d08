"""``guanjia doctor``: each thing that can be wrong is found, named and given a remedy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlcipher3.dbapi2 as sqlite

from tests.tui.cli.conftest import CommandLine
from tests.tui.cli.laptop import Laptop

CHECKS = [
    "sqlite", "settings", "home", "permissions", "keys", "log", "key", "store", "device", "digests", "calendar",
    "clock", "rejected", "fields", "central", "daemon", "disk",
]  # fmt: skip


def checks(here: CommandLine, code: int) -> dict[str, dict[str, Any]]:
    """What the doctor says, by check."""
    found = here.json("doctor", code=code)
    assert all(one.keys() == {"check", "ok", "detail", "remedy", "code"} for one in found)
    return {one["check"]: one for one in found}


def test_a_sound_home(imported: CommandLine) -> None:
    """A sound home passes every check with exit 0, and people get a table of them."""
    found = checks(imported, 0)
    assert list(found) == CHECKS
    assert [name for name, one in found.items() if not one["ok"]] == []
    assert all(name in imported.run("doctor").out for name in CHECKS)


def test_no_home(here: CommandLine) -> None:
    """Without a home the doctor says so and what to do, instead of failing."""
    found = checks(here, 3)
    assert not found["home"]["ok"]
    assert "guanjia init" in found["home"]["remedy"]


def test_a_home_open_to_others(lone: CommandLine) -> None:
    """A home that others may enter is named."""
    lone.home.chmod(0o755)
    assert not checks(lone, 3)["permissions"]["ok"]


def test_a_lost_key(lone: CommandLine) -> None:
    """Without its key the ledger cannot be looked at, and the doctor says which place lacks it."""
    (lone.home / "credentials" / "key").unlink()
    found = checks(lone, 3)
    assert not found["key"]["ok"]
    assert "store" not in found


def test_a_key_that_was_never_copied_is_told_while_there_is_time(imported: CommandLine, tmp_path: Path) -> None:
    """The doctor says that the key has no copy until one is made. After the key is gone every command says what can
    still be done, also where no setting says that keys are in files; with the copy everything comes back."""
    assert "--key-file" in checks(imported, 0)["key"]["remedy"]
    key_file = str(tmp_path / "key.txt")
    imported.run("backup", str(tmp_path / "copy.db"), "--key-file", key_file)
    assert checks(imported, 0)["key"]["remedy"] is None
    imported.run("visit", "add", "--project", "续1", "--text", "备份之后写的", "--at", "2026-03-02 10:00", "--yes")
    before = imported.json("status")["pending"]
    (imported.home / "credentials" / "key").unlink()
    for choice in ("file", "auto"):
        lost = Laptop(imported.home, {"GUANJIA_CREDENTIALS": choice})
        for command in ("status", "today", "sync"):
            error = lost.run(command, "--json", code=1).error
            assert error["code"] == "key_not_found", error
            assert "restore-backup" in error["todo"] and "join" in error["todo"] and "sent" in error["data"]
    imported.run("restore-backup", str(imported.home / "ledger.db"), "--key-file", key_file)
    assert imported.json("status")["pending"] == before
    assert "备份之后写的" in imported.run("find", "备份之后").out


def test_a_damaged_row(imported: CommandLine) -> None:
    """A row that was changed behind the program's back differs from its checksum: found, and computed again."""
    key = (imported.home / "credentials" / "key").read_text().strip()
    connection = sqlite.connect(str(imported.home / "ledger.db"))
    connection.execute(f"PRAGMA key = \"x'{key}'\"")
    connection.execute("DELETE FROM outbox")
    connection.execute("UPDATE project SET name = '改了' WHERE number = '续1'")
    connection.commit()
    connection.close()
    found = checks(imported, 3)["digests"]
    assert not found["ok"]
    assert found["remedy"]


def test_a_damaged_file(imported: CommandLine) -> None:
    """Bytes changed in the file are found by the cipher's own check or by the key no longer opening it."""
    path = imported.home / "ledger.db"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    found = checks(imported, 3)
    assert not all(found[name]["ok"] for name in ("key", "store") if name in found)


def test_a_misspelt_setting(lone: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A misspelt setting is named; an unreadable settings file does not keep the doctor from looking."""
    monkeypatch.setenv("GUANJIA_LANGAUGE", "en")
    assert "GUANJIA_LANGAUGE" in checks(lone, 3)["settings"]["detail"]
    (lone.home / "settings.toml").write_text("not = toml = at all")
    assert not checks(lone, 3)["settings"]["ok"]


def test_a_damaged_device_file_is_no_damage_of_the_store(imported: CommandLine) -> None:
    """The file of drafts and histories has a check of its own, and every other check runs. Afterwards the file
    that was set aside is named."""
    device_file = imported.home / "ledger.device"
    device_file.write_bytes(b"x" * 8192)
    device_file.chmod(0o600)
    found = checks(imported, 3)
    assert list(found) == CHECKS
    assert [name for name, one in found.items() if not one["ok"]] == ["device"]
    assert "damaged" in found["device"]["detail"] and "restore-backup" not in found["device"]["remedy"]
    found = checks(imported, 0)
    assert "ledger.device.damaged-" in found["device"]["detail"]


def test_a_device_file_open_to_others(imported: CommandLine) -> None:
    """The file of drafts and histories is as private as the ledger."""
    device_file = imported.home / "ledger.device"
    device_file.touch()
    device_file.chmod(0o644)
    assert "ledger.device" in checks(imported, 3)["permissions"]["detail"]


def test_the_day_and_the_status_go_on_without_a_device_file(imported: CommandLine) -> None:
    """A file that cannot be opened costs a warning on stderr, not the command."""
    (imported.home / "ledger.device").mkdir()
    for command in ("today", "status"):
        result = imported.run(command)
        assert "ledger.device" in result.err and result.out
