"""The PIN: it alone opens the key, wrong ones wait, and nothing of it can lose the key."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from store.exceptions import KeyNotFound
from store.home.credentials import Credentials, FileVault, SystemdVault, open_credentials
from store.home.exceptions import LedgerLocked, PinDamaged, PinDelayed, PinNotSet, PinTooWeak, PinUseless, WrongPin
from store.home.paths import Home
from store.home.pin_lock import FREE_TRIES, HANDED_KEY_VARIABLE, UNLOCKED, ArgonCost, PinLock, UnlockedKeys, handed_line

PIN, WRONG = "135790", "135791"
CHEAP = ArgonCost(1, 128, 1)
"""What a test can afford; what is usual is tried once."""


class SteppedClock:
    """A clock that is set by hand, in ms."""

    def __init__(self) -> None:
        self.now_ms = 1_000_000

    def __call__(self) -> int:
        return self.now_ms


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home without a ledger."""
    home = Home(tmp_path / "home")
    home.create()
    return home


def credentials_of(home: Home, *, unattended: bool = False) -> Credentials:
    """The home's credentials as another process has them."""
    UNLOCKED.drop(home)
    return Credentials(home, FileVault(home.credentials), unattended=unattended, pin=PinLock(home, cost=CHEAP))


def test_the_key_is_wrapped_and_rounds_go_on(home: Home) -> None:
    """With a PIN the key is nowhere but wrapped, and for what runs where nobody is; without, everything is as before.
    A strict PIN leaves nothing for anybody."""
    files = credentials_of(home)
    key = files.key_for_new_store()
    files.save_token("t")
    assert files.set_pin(PIN, keeps_unattended=True)
    assert key.hex() not in (home.path / "pin.json").read_text()
    with pytest.raises(LedgerLocked):
        credentials_of(home).key()
    assert (credentials_of(home, unattended=True).key(), credentials_of(home).token()) == (key, "t")
    with pytest.raises(WrongPin):
        credentials_of(home).unlock(WRONG)
    again = credentials_of(home)
    again.unlock(PIN)
    assert (again.key(), again.needs_pin) == (key, False)
    assert again.set_pin("another PIN", keeps_unattended=False)
    assert key.hex() not in "".join(path.read_text() for path in home.path.rglob("*") if path.is_file())
    with pytest.raises(LedgerLocked):
        credentials_of(home, unattended=True).key()
    with pytest.raises(LedgerLocked):
        credentials_of(home).key_for_new_store()
    assert not list(home.path.glob("*/key"))
    UNLOCKED.drop(home)
    assert open_credentials(home, "auto", environ={}).needs_pin
    last = credentials_of(home)
    last.remove_pin(last.pin.unlock("another PIN"))
    assert (credentials_of(home).key(), last.pin.is_set) == (key, False)
    with pytest.raises(PinNotSet):
        last.remove_pin(key)


class StoppedVault(FileVault):
    """Dies before or after it keeps or removes a secret of this name."""

    def __init__(self, home: Home, step: str, *, before: bool) -> None:
        super().__init__(home.credentials)
        self._step, self._before = step, before

    def set(self, name: str, secret: str) -> None:
        """Keep it, or die."""
        self._die(f"set {name}", before=True)
        super().set(name, secret)
        self._die(f"set {name}", before=False)

    def remove(self, name: str) -> None:
        """Forget it, or die."""
        self._die(f"remove {name}", before=True)
        super().remove(name)
        self._die(f"remove {name}", before=False)

    def _die(self, step: str, *, before: bool) -> None:
        if (step, before) == (self._step, self._before):
            raise KeyboardInterrupt


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("before", [False, True])
@pytest.mark.parametrize("step", ["locked", "unattended", "key"])
def test_a_kill_loses_no_key_and_leaves_none_in_clear(home: Home, step: str, before: bool, strict: bool) -> None:
    """Killed at any moment of setting a PIN, the key is there, by the PIN or as before. Where the PIN was set already
    and the key still lies beside it, that is known, and the next one who types the PIN finishes what was begun."""
    verb = "remove" if step == "key" or (strict and step == "unattended") else "set"
    key = credentials_of(home).key_for_new_store()
    stopped = StoppedVault(home, f"{verb} {step}", before=before)
    with pytest.raises(KeyboardInterrupt):
        Credentials(home, stopped, pin=PinLock(home, cost=CHEAP)).set_pin(PIN, keeps_unattended=not strict)
    after = credentials_of(home)
    if step == "locked":  # nothing was wrapped yet
        assert (after.key(), after.pin.is_set, after.is_key_in_clear) == (key, False, False)
        return
    assert after.is_key_in_clear == (step == "unattended" or before)
    after.unlock(PIN)
    assert after.key() == key and not after.is_key_in_clear
    assert not (home.credentials / "key").exists()
    assert (home.credentials / "unattended").exists() is not strict
    if not strict:
        assert credentials_of(home, unattended=True).key() == key
    after.remove_pin(key)
    assert credentials_of(home).key() == key


class FullVault(FileVault):
    """Has no room for a secret of this name, once it has got so far; what was there can be kept again."""

    def __init__(self, home: Home, step: str) -> None:
        super().__init__(home.credentials)
        self._steps = [step]

    def set(self, name: str, secret: str) -> None:
        """Keep it, or fail once."""
        self._fail(f"set {name}")
        super().set(name, secret)

    def remove(self, name: str) -> None:
        """Forget it, or fail once."""
        self._fail(f"remove {name}")
        super().remove(name)

    def _fail(self, step: str) -> None:
        if step in self._steps:
            self._steps.remove(step)
            raise OSError(28, "No space left on device")


def files_of(home: Home) -> dict[str, bytes]:
    """What lies in the home, but its locks."""
    return {path.name: path.read_bytes() for path in home.path.rglob("*") if path.is_file() and path.suffix != ".lock"}


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("former", [None, "lenient", "strict"])
@pytest.mark.parametrize("step", ["set locked", "wrap", "set unattended", "remove unattended", "remove key"])
def test_a_pin_that_cannot_be_set_leaves_all_as_it_was(home: Home, step: str, former: str | None, strict: bool) -> None:
    """Where a step fails, the person is told, and the former PIN, or none, holds as before: key, mark and rounds."""
    key = credentials_of(home).key_for_new_store()
    if former is not None:
        credentials_of(home).set_pin(PIN, keeps_unattended=former == "lenient")
    UNLOCKED.hold(home, key)
    before = files_of(home)

    class FullDisk(PinLock):
        def wrap(self, key: bytes, pin: str) -> None:
            super().wrap(key, pin)
            if step == "wrap":
                raise OSError(28, "No space left on device")

    failing = Credentials(home, FullVault(home, step), pin=FullDisk(home, cost=CHEAP))
    if step == ("set unattended" if strict else "remove unattended"):
        assert failing.set_pin("another PIN", keeps_unattended=not strict)  # a step that there is not
        return
    with pytest.raises(OSError, match="space"):
        failing.set_pin("another PIN", keeps_unattended=not strict)
    assert files_of(home) == before


@pytest.mark.parametrize(("former", "kept"), [("lenient", True), ("strict", False)])
def test_another_pin_that_is_killed_half_way_changes_no_rounds(home: Home, former: str, kept: bool) -> None:
    """Killed as soon as the other PIN is in force, rounds go on or wait as they did under the former one."""
    key = credentials_of(home).key_for_new_store()
    credentials_of(home).set_pin(PIN, keeps_unattended=former == "lenient")
    UNLOCKED.hold(home, key)
    step = "set locked" if kept else "set unattended"
    killed = Credentials(home, StoppedVault(home, step, before=True), pin=PinLock(home, cost=CHEAP))
    with pytest.raises(KeyboardInterrupt):
        killed.set_pin("another PIN", keeps_unattended=not kept)
    after = credentials_of(home)
    after.unlock("another PIN")
    assert after.key() == key
    assert (home.credentials / "unattended").exists() is kept


def test_a_strict_pin_leaves_no_key_of_a_lenient_one(home: Home) -> None:
    """Made strict and killed before the key for rounds was removed, it is removed by who types the PIN next; another
    ledger's key that lies there is left, and told."""
    key = credentials_of(home).key_for_new_store()
    credentials_of(home).set_pin(PIN, keeps_unattended=True)
    again = Credentials(home, StoppedVault(home, "remove unattended", before=True), pin=PinLock(home, cost=CHEAP))
    UNLOCKED.hold(home, key)
    with pytest.raises(KeyboardInterrupt):
        again.set_pin("another PIN", keeps_unattended=False)
    after = credentials_of(home)
    assert after.is_key_in_clear
    after.unlock("another PIN")
    assert not after.is_key_in_clear and not (home.credentials / "unattended").exists()
    FileVault(home.credentials).set("key", "11" * 32)
    after.unlock("another PIN")
    assert after.is_key_in_clear and (home.credentials / "key").exists()


def test_a_pin_that_is_set_while_another_process_removes_it_loses_no_key(home: Home) -> None:
    """Setting and removing exclude each other: whoever comes second is told to try again, and nothing is changed."""
    key = credentials_of(home).key_for_new_store()
    credentials_of(home).set_pin(PIN, keeps_unattended=False)

    class Meanwhile(FileVault):
        def set(self, name: str, secret: str) -> None:
            super().set(name, secret)
            other = credentials_of(home)
            UNLOCKED.hold(home, key)
            with pytest.raises(PinDelayed):
                other.set_pin("another PIN", keeps_unattended=False)

    Credentials(home, Meanwhile(home.credentials), pin=PinLock(home, cost=CHEAP)).remove_pin(key)
    assert credentials_of(home).key() == key


def test_a_lost_pin_file_ends_no_round(home: Home) -> None:
    """Where the file of the PIN is gone, rounds go on; the rest says that the key is missing, and a copy mends it."""
    files = credentials_of(home)
    key = files.key_for_new_store()
    files.set_pin(PIN, keeps_unattended=True)
    (home.path / "pin.json").unlink()
    assert credentials_of(home, unattended=True).key() == key
    with pytest.raises(KeyNotFound):
        credentials_of(home).key()
    credentials_of(home).remove_pin(key)
    assert credentials_of(home).key() == key


def test_after_five_wrong_pins_the_next_ones_wait_longer_and_longer(home: Home) -> None:
    """The wait grows up to an hour, counts on in another process and after a set-back clock, and holds for the right
    PIN too; the right one in time ends it."""
    clock = SteppedClock()

    def lock() -> PinLock:
        return PinLock(home, clock, CHEAP)

    lock().wrap(bytes(32), PIN)
    for _ in range(FREE_TRIES):
        with pytest.raises(WrongPin) as wrong:
            lock().unlock(WRONG)
        assert not isinstance(wrong.value, PinDelayed)
    waits = []
    for _ in range(2):
        with pytest.raises(PinDelayed) as delayed:
            lock().unlock(PIN)
        waits.append(int(str(delayed.value.values["seconds"])))
        clock.now_ms += waits[-1] * 1000 - 2_000
        with pytest.raises(PinDelayed):
            lock().unlock(PIN)
        clock.now_ms += 2_000
        with pytest.raises(WrongPin):
            lock().unlock(WRONG)
    clock.now_ms -= 10_000_000
    with pytest.raises(PinDelayed) as delayed:
        lock().unlock(PIN)
    waits.append(int(str(delayed.value.values["seconds"])))
    assert waits == [30, 60, 120]
    (home.path / "pin.tries").write_text(json.dumps([40, clock.now_ms]))
    with pytest.raises(PinDelayed, match="3600"):
        lock().unlock(PIN)
    clock.now_ms += 3_600_000
    assert lock().unlock(PIN) == bytes(32)
    assert not (home.path / "pin.tries").exists()


@pytest.mark.parametrize("noted", ["damaged", "[5, Infinity]", "[5, 4102444800000]"])
def test_a_wait_ends_whatever_was_noted(home: Home, noted: str) -> None:
    """After a power cut that damaged the note, or a clock that ran ahead for years and was set right, the PIN has to
    wait once, not for ever."""
    clock = SteppedClock()
    lock = PinLock(home, clock, CHEAP)
    lock.wrap(bytes(32), PIN)
    (home.path / "pin.tries").write_text(noted)
    with pytest.raises(PinDelayed, match="30"):
        lock.unlock(PIN)
    clock.now_ms += 30_000
    assert lock.unlock(PIN) == bytes(32)


def test_weak_pins_and_damaged_files_are_refused(home: Home) -> None:
    """A PIN that anybody guesses is refused; a damaged or hostile file is told as such, and costs no memory."""
    lock = PinLock(home, cost=CHEAP)
    for weak in ("", "12345", "111111", "1１1１1１", "x" * 65):
        with pytest.raises(PinTooWeak):
            lock.wrap(bytes(32), weak)
    lock.wrap(bytes(32), PIN)
    good = json.loads((home.path / "pin.json").read_text())
    for wrong in ("", "[]", "{}", *(json.dumps(good | one) for one in (
        {"memory_kib": 1 << 30}, {"iterations": 0}, {"lanes": "4"}, {"salt": "00"}, {"more": 1}, {"wrapped": "x"},
    ))):  # fmt: skip
        (home.path / "pin.json").write_text(wrong)
        with pytest.raises(PinDamaged):
            lock.unlock(PIN)
    (home.path / "pin.json").write_text(json.dumps(good))
    (home.path / "pin.tries").write_text("damaged")
    with pytest.raises(PinDelayed):
        lock.unlock(PIN)


def test_systemds_key_needs_no_pin(home: Home, tmp_path: Path) -> None:
    """A service that gets its key from systemd works whatever the PIN is; where only systemd has it, none is set."""
    key = os.urandom(32)
    (tmp_path / "guanjia.key").write_bytes(key)
    with pytest.raises(PinUseless):
        Credentials(home, SystemdVault(tmp_path)).set_pin(PIN, keeps_unattended=True)
    PinLock(home).wrap(key, PIN)
    assert Credentials(home, SystemdVault(tmp_path)).key() == key


def test_a_child_gets_the_key_of_an_unlocked_home_once(home: Home) -> None:
    """What the screens hand over is one line of what the child reads: nothing of it is left in the environment, and
    what was typed behind it is left for who reads that. A parent that was killed has handed over nothing."""
    read, write = os.pipe()
    os.write(write, handed_line(bytes(range(32))) + b"typed")
    os.close(write)
    keys, environ = UnlockedKeys(), {HANDED_KEY_VARIABLE: str(read)}
    keys.take_handed(home, environ)
    assert (keys.key(home), environ, os.read(read, 99)) == (bytes(range(32)), {}, b"typed")
    for told, number in ((b"", ""), (b"", "no number"), (handed_line(bytes(32))[:40], ""), (b"x" * 99, "")):
        read, write = os.pipe()
        os.write(write, told)
        os.close(write)
        keys = UnlockedKeys()
        keys.take_handed(home, {HANDED_KEY_VARIABLE: number or str(read)})
        assert keys.key(home) is None
        os.close(read)
