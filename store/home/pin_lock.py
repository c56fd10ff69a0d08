"""The PIN: while one is set, the ledger's key is kept wrapped by it, and nothing opens the ledger without either.

The key is encrypted (AES-256-GCM) with a key that Argon2id derives from the PIN. From the fifth wrong PIN on each is
followed by a growing wait, which is noted on the disk before the PIN is tried: a kill or a new start saves nobody from
it. What the PIN protects against, and what not, says ``store/README.md``. Next: ``credentials.py``.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import time
import unicodedata
from collections.abc import Callable, Iterator, MutableMapping
from typing import TYPE_CHECKING, NamedTuple

from store.home.exceptions import PinDamaged, PinDelayed, PinTooWeak, WrongPin
from store.home.paths import Home, RoundLock, write_private

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MIN_LENGTH, MAX_LENGTH = 6, 64
FREE_TRIES = 5
"""From so many wrong PINs on the next one has to wait."""
FIRST_WAIT_S, LONGEST_WAIT_S = 30, 3_600
_MOST_KIB = 1 << 20
_SALT_BYTES, _NONCE_BYTES, _KEY_BYTES = 16, 12, 32
_LINE_BYTES = 2 * _KEY_BYTES + 1
_PURPOSE = b"guanjia key wrapped by PIN"
HANDED_KEY_VARIABLE = "GUANJIA_UNLOCK_FD"
"""The environment variable by which the screens tell their child processes where an unlocked key is to be read: the
number of a file descriptor. It is standard input, the only one that children have on every system."""


class ArgonCost(NamedTuple):
    """What Argon2id costs: as RFC 9106 recommends it where memory is scarce (64 MiB)."""

    iterations: int = 3
    memory_kib: int = 1 << 16
    lanes: int = 4


USUAL_COST = ArgonCost()


class WrappedKey(NamedTuple):
    """A key wrapped by a PIN: what the file holds."""

    salt: str
    nonce: str
    wrapped: str
    iterations: int
    memory_kib: int
    lanes: int


class PinTries(NamedTuple):
    """How many PINs were wrong one after the other, and when (ms since 1970) the last one was tried."""

    wrong: int = 0
    at: int = 0

    def seconds_left(self, now_ms: int) -> int:
        """How long the next PIN has to wait."""
        if self.wrong < FREE_TRIES:
            return 0
        wait = min(FIRST_WAIT_S << min(self.wrong - FREE_TRIES, 16), LONGEST_WAIT_S)
        passed = (now_ms - self.at) / 1000
        return round(wait - passed + 0.5) if passed < wait else 0


class PinLock:
    """The PIN of one home. ``clock_ms`` is this machine's clock in ms since 1970, ``cost`` what wrapping costs."""

    def __init__(
        self,
        home: Home,
        clock_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
        cost: ArgonCost = USUAL_COST,
    ) -> None:
        self._cost = cost
        self._file = home.path / "pin.json"
        self._tries_file = home.path / "pin.tries"
        self._lock = RoundLock(home.path / "pin.lock")
        self._home = home
        self._clock_ms = clock_ms

    @property
    def is_set(self) -> bool:
        """Whether a PIN is set."""
        return self._file.exists()

    def check_strength(self, pin: str) -> None:
        """Raises `PinTooWeak` for a PIN that anybody guesses."""
        if not MIN_LENGTH <= len(normalize_pin(pin)) <= MAX_LENGTH or len(set(normalize_pin(pin))) == 1:
            raise PinTooWeak(least=MIN_LENGTH, most=MAX_LENGTH)

    def wrap(self, key: bytes, pin: str) -> None:
        """Keep the key wrapped by this PIN, in place of any other PIN's, and make sure that it comes out again. Raises
        `PinTooWeak`."""
        self.check_strength(pin)
        made = WrappedKey(secrets.token_hex(_SALT_BYTES), secrets.token_hex(_NONCE_BYTES), "", *self._cost)
        cipher = _cipher(made, pin)
        made = made._replace(wrapped=cipher.encrypt(bytes.fromhex(made.nonce), key, _PURPOSE).hex())
        write_private(self._file, json.dumps(made._asdict()).encode())
        self._tries_file.unlink(missing_ok=True)
        if _unwrap(self._wrapped_key(), pin) != key:
            raise PinDamaged(home=self._home.path, place=self._file, ledger=self._home.database)

    def unlock(self, pin: str) -> bytes:
        """The key. Raises `WrongPin`, `PinDelayed` or `PinDamaged`."""
        with self.alone():
            wrapped, now_ms = self._wrapped_key(), self._clock_ms()
            tries = self._tries(now_ms)
            if left := tries.seconds_left(now_ms):
                raise PinDelayed(seconds=left)
            self._note_tries(PinTries(tries.wrong + 1, now_ms))
            key = _unwrap(wrapped, pin)
            if key is None:
                raise WrongPin()
            self._tries_file.unlink(missing_ok=True)
            return key

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """No other process tries, sets or removes the PIN meanwhile. Raises `PinDelayed` while one does."""
        if not self._lock.acquire("pin"):
            raise PinDelayed(seconds=1)
        try:
            yield
        finally:
            self._lock.release()

    def remove(self) -> None:
        """Forget the PIN and the wrapped key: only once the key is kept elsewhere."""
        self._file.unlink(missing_ok=True)
        self._tries_file.unlink(missing_ok=True)

    def kept(self) -> bytes | None:
        """The file of the PIN as it is, for `put_back`; None where there is none."""
        return self._file.read_bytes() if self.is_set else None

    def put_back(self, kept: bytes | None) -> None:
        """Undo a `wrap`: the former PIN holds, or none. Only once the key is kept as it was before."""
        if kept is None:
            self._file.unlink(missing_ok=True)
        elif self._file.read_bytes() != kept:
            write_private(self._file, kept)

    def _wrapped_key(self) -> WrappedKey:
        try:
            read = WrappedKey(**json.loads(self._file.read_bytes()))
            numbers = (read.iterations, read.memory_kib, read.lanes)
            sizes = [len(bytes.fromhex(text)) for text in (read.salt, read.nonce, read.wrapped)]
            is_bounded = 1 <= read.iterations <= 16 and 1 <= read.lanes <= 16 and 128 <= read.memory_kib <= _MOST_KIB
            is_sound = is_bounded and {*map(type, numbers)} == {int} and sizes[:2] == [_SALT_BYTES, _NONCE_BYTES]
        except (OSError, ValueError, TypeError):
            is_sound = False
        if not is_sound:
            raise PinDamaged(home=self._home.path, place=self._file, ledger=self._home.database)
        return read

    def _tries(self, now_ms: int) -> PinTries:
        """The wrong tries. What cannot be read counts as the first that has to wait, and a wait that was noted by a
        clock since set back begins anew; both are noted, so that the wait ends."""
        try:
            wrong, at = map(int, json.loads(self._tries_file.read_bytes()))
            tries = PinTries(wrong, at)
        except FileNotFoundError:
            return PinTries()
        except (OSError, ValueError, TypeError, OverflowError):
            tries = PinTries(FREE_TRIES, now_ms + 1)
        if tries.at > now_ms:
            tries = PinTries(tries.wrong, now_ms)
            self._note_tries(tries)
        return tries

    def _note_tries(self, tries: PinTries) -> None:
        write_private(self._tries_file, json.dumps(tries).encode())


def _cipher(wrapped: WrappedKey, pin: str) -> AESGCM:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - only where a PIN is set
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id  # noqa: PLC0415

    derivation = Argon2id(
        salt=bytes.fromhex(wrapped.salt), length=_KEY_BYTES, iterations=wrapped.iterations, lanes=wrapped.lanes,
        memory_cost=wrapped.memory_kib,
    )  # fmt: skip
    return AESGCM(derivation.derive(normalize_pin(pin).encode()))


def _unwrap(wrapped: WrappedKey, pin: str) -> bytes | None:
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - only where a PIN is set

    try:
        return _cipher(wrapped, pin).decrypt(bytes.fromhex(wrapped.nonce), bytes.fromhex(wrapped.wrapped), _PURPOSE)
    except InvalidTag:
        return None


def normalize_pin(pin: str) -> str:
    """A PIN in one form, whether an input method made its digits wide or not."""
    return unicodedata.normalize("NFKC", pin).strip()


class UnlockedKeys:
    """The keys that this process has unlocked, by home: what it opens later asks for no PIN again."""

    def __init__(self) -> None:
        self._keys: dict[str, bytes] = {}

    def hold(self, home: Home, key: bytes) -> None:
        """Hold the key of a home until it is locked again."""
        self._keys[str(home.path)] = key

    def drop(self, home: Home) -> None:
        """Forget the key of a home."""
        self._keys.pop(str(home.path), None)

    def key(self, home: Home) -> bytes | None:
        """The key of a home."""
        return self._keys.get(str(home.path))

    def take_handed(self, home: Home, environ: MutableMapping[str, str] = os.environ) -> None:
        """Hold the key of a home that the parent process has handed over, if any. Called before anything else reads
        standard input: the key is its first line (`handed_line`), and what follows is left unread."""
        if number := environ.pop(HANDED_KEY_VARIABLE, ""):
            with contextlib.suppress(OSError, ValueError):  # closed meanwhile, or a parent that was killed
                key = bytes.fromhex(_read_exactly(int(number), _LINE_BYTES).decode("ascii"))
                if len(key) == _KEY_BYTES:
                    self.hold(home, key)


def handed_line(key: bytes) -> bytes:
    """The line by which a key is handed to a child process."""
    return key.hex().encode() + b"\n"


def _read_exactly(number: int, size: int) -> bytes:
    """So many bytes of a file descriptor and not one more; fewer where it ends before."""
    read = b""
    while len(read) < size and (part := os.read(number, size - len(read))):
        read += part
    return read


UNLOCKED = UnlockedKeys()
"""Those of this process."""
