"""``guanjia lock``: what asks for the PIN, what goes on without it, and how one who has forgotten it gets on."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from store.home.paths import Home
from store.home.pin_lock import UNLOCKED
from tests.tui.cli.conftest import CommandLine
from tui.cli.pin_prompt import FILE_VARIABLE

PIN = "135790"


class TypedLine(CommandLine):
    """A command line that reads typed lines, each time as a new process, which knows no PIN."""

    def __init__(self, base: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
        self.base, self._monkeypatch = base, monkeypatch
        self.home = base.home

    def code(self, *arguments: str, typed: str = "") -> str:
        """The code of the error that the command ends with; empty where it succeeds."""
        self._monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(typed.encode())))
        UNLOCKED.drop(Home(self.home))
        result = self.base.run(*arguments, "--json", code=None)
        return "" if result.code == 0 else str(result.error["code"])


@pytest.fixture
def line(lone: CommandLine, monkeypatch: pytest.MonkeyPatch) -> TypedLine:
    """A home that works alone, with a copy of its key."""
    lone.run("backup", str(lone.home.parent / "copy.db"), "--key-file", str(lone.home.parent / "key"))
    return TypedLine(lone, monkeypatch)


def test_commands_ask_for_the_pin_and_what_runs_by_itself_goes_on(
    line: TypedLine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """With a PIN every command that shows something wants it, also the fast one, from a private file where nobody is;
    rounds and copies go on, but the key is copied for nobody. A wrong PIN changes nothing, the right one removes it."""
    assert line.code("lock", "off") == "no_pin"
    assert line.code("lock", "set", typed="123\n") == "pin_too_weak"
    assert line.code("lock", "set", typed=f"{PIN}\n") == ""
    showing = (("status",), ("find", "乙"), ("dump",), ("admin", "people"), ("admin", "waiting"))
    assert [line.code(*command) for command in showing] == ["locked"] * len(showing)
    assert line.code("sync") == "not_enrolled"
    assert line.code("backup", str(tmp_path / "second.db")) == ""
    assert line.code("backup", str(tmp_path / "third.db"), "--key-file", str(tmp_path / "third.key")) == "locked"
    secret = tmp_path / "pin"
    secret.write_text(f"{PIN}\n")
    monkeypatch.setenv(FILE_VARIABLE, str(secret))
    secret.chmod(0o644)
    assert line.code("status") == "open_credentials"
    secret.chmod(0o600)
    assert line.code("status") == ""
    monkeypatch.delenv(FILE_VARIABLE)
    assert line.code("lock", "off", typed="wrong PIN\n") == "wrong_pin"
    assert line.code("status") == "locked"
    assert line.code("lock", "off", typed=f"{PIN}\n") == ""
    assert line.code("status") == ""


def test_the_doctor_tells_of_a_key_left_in_clear_and_of_a_pin_that_was_lost(
    line: TypedLine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A key that an interrupted setting left beside the PIN is told and removed by the doctor, whom the PIN unlocks; a
    ledger that is restored from a copy opens without a PIN, which is said."""
    key = (line.home / "credentials" / "key").read_bytes()
    assert line.code("lock", "set", typed=f"{PIN}\n") == ""
    (line.home / "credentials" / "key").write_bytes(key)
    (line.home / "credentials" / "key").chmod(0o600)
    secret = tmp_path / "pin"
    secret.write_text(f"{PIN}\n")
    secret.chmod(0o600)
    monkeypatch.setenv(FILE_VARIABLE, str(secret))
    UNLOCKED.drop(Home(line.home))
    found = {each["check"]: each for each in line.base.json("doctor")}
    assert found["pin"]["ok"] and not (line.home / "credentials" / "key").exists()
    assert "pin" not in {each["check"] for each in line.base.json("doctor")}
    assert "PIN" not in line.base.run("status").err
    restored = line.base.run("restore-backup", str(line.home.parent / "copy.db"))
    assert "PIN" in restored.err
    monkeypatch.delenv(FILE_VARIABLE)
    assert line.code("status") == ""


def test_who_has_forgotten_it_needs_the_copy_of_the_key(line: TypedLine, tmp_path: Path) -> None:
    """A strict PIN stops rounds too; the copy of the key removes it, another ledger's key does not."""
    assert line.code("lock", "set", "--strict", typed=f"{PIN}\n") == ""
    assert line.code("sync") == "locked"
    other = tmp_path / "other"
    other.write_text("11" * 32)
    assert line.code("lock", "off", "--key-file", str(other)) == "wrong_key"
    assert line.code("status") == "locked"
    assert line.code("lock", "off", "--key-file", str(line.home.parent / "key")) == ""
    assert line.code("status") == ""
