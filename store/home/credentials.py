"""Where a home's two secrets live: the store's key and the device's token.

Three places: the user's keyring, systemd's credentials, files that only the user can read. ``auto`` takes systemd's
where it hands out a key, the files where the home was made with them, else the keyring; it never makes a file by
itself. Every home has an id of its own, so that homes in one keyring never meet.

May import ``store/home`` and ``store/exceptions`` only; keyring and cryptography are imported when they are used,
since ``guanjia find`` loads this module. Next: ``sync/device/device.py``.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import stat
import sys
import threading
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from store.exceptions import (
    DamagedKey,
    InsecureCredentials,
    KeyNotFound,
    LockedKeyring,
    NoCredentials,
    NoKeyring,
    NonPersistentKeyring,
    ReadOnlyCredentials,
)
from store.home.exceptions import LedgerLocked, NoSystemdCredentials, PinDelayed, PinNotSet, PinUseless
from store.home.paths import Home, is_private, write_private
from store.home.pin_lock import UNLOCKED, PinLock
from store.values.text_files import decode_secret

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

KEYRING_SERVICE = "guanjia"
KEY, TOKEN, PROBE = "key", "token", "probe"
UNATTENDED, LOCKED_MARK = "unattended", "locked"
"""While a PIN is set: the key for what runs where nobody is (daemon, rounds, copies), and a mark that stands where the
key stood."""
_STRICT = "strict"
"""The mark of a PIN without which nothing goes on."""
KEY_BYTES = 32
KEYRING_TIMEOUT_S = 30.0
"""How long a keyring may take: time for a person to type a password; a locked one can hang."""

SecretT = TypeVar("SecretT")


class Vault(Protocol):
    """A place for secrets, which are short texts with a name."""

    place: str

    def get(self, name: str) -> str | None:
        """The secret, or None. Raises `NoCredentials` when the place cannot be asked."""
        ...

    def set(self, name: str, secret: str) -> None:
        """Keep a secret for good. Raises `NoCredentials` unless it is certain to be there."""
        ...

    def remove(self, name: str) -> None:
        """Forget a secret, as far as the place can."""
        ...


class Credentials:
    """One home's key and token, wherever they live. While a PIN is set the key is there for whoever has unlocked the
    home in this process, and for what is ``unattended``."""

    def __init__(self, home: Home, vault: Vault, *, unattended: bool = False, pin: PinLock | None = None) -> None:
        self._home = home
        self._vault = vault
        self._is_unattended = unattended
        self.pin = pin or PinLock(home)

    @property
    def needs_pin(self) -> bool:
        """Whether `key` fails before somebody has typed the PIN. A key that systemd hands out needs none."""
        if not self.pin.is_set or UNLOCKED.key(self._home) is not None or isinstance(self._vault, SystemdVault):
            return False
        return not (self._is_unattended and self._vault.get(UNATTENDED) is not None)

    def key(self) -> bytes:
        """The store's 32-byte key. Raises `LedgerLocked`, `KeyNotFound`, or `DamagedKey` where what is there is
        none."""
        if self.needs_pin:
            raise LedgerLocked(home=self._home.path)
        if self.pin.is_set and (held := UNLOCKED.key(self._home)) is not None:
            return held
        return self._stored_key(UNATTENDED if self.pin.is_set and self._is_unattended else KEY)

    def _stored_key(self, name: str) -> bytes:
        text = self._vault.get(KEY if isinstance(self._vault, SystemdVault) else name)
        if text is None and self._is_unattended:  # the file with the PIN is gone: rounds go on
            text = self._vault.get(UNATTENDED)
        if text is None:
            raise KeyNotFound(home=self._home.path, place=self._vault.place, ledger=self._home.database)
        try:
            return key_from_text(text)
        except ValueError:
            raise DamagedKey(home=self._home.path, place=self._vault.place, ledger=self._home.database) from None

    def key_for_new_store(self) -> bytes:
        """The key for a new store: the existing one (systemd's, or of an attempt that was interrupted), else a new
        random one, already stored. Raises `LedgerLocked` where a PIN wraps the existing one."""
        if not self.pin.is_set and self._vault.get(KEY) is None:
            self.save_key(secrets.token_bytes(KEY_BYTES))
        return self.key()

    def unlock(self, pin: str) -> None:
        """Let this process use the key, and finish what an interrupted `set_pin` left to do. Raises `WrongPin`,
        `PinDelayed` or `PinDamaged`."""
        UNLOCKED.hold(self._home, self.pin.unlock(pin))
        with contextlib.suppress(PinDelayed, NoCredentials, OSError):  # tried again the next time; the doctor tells
            self._finish_pin()

    @property
    def is_key_in_clear(self) -> bool:
        """Whether the key can be read without the PIN that is set, other than by what runs where nobody is: setting or
        removing the PIN was interrupted, or the place forgets nothing."""
        return self.pin.is_set and not isinstance(self._vault, SystemdVault) and bool(self._leftovers())

    def _leftovers(self) -> tuple[str, ...]:
        """The names under which the key is still kept in clear although a PIN is set."""
        names = (KEY, UNATTENDED) if self._vault.get(LOCKED_MARK) == _STRICT else (KEY,)
        return tuple(name for name in names if self._vault.get(name) is not None)

    def _finish_pin(self) -> None:
        """Remove a key that an interrupted `set_pin` left in clear, once it is certain that the PIN opens the same."""
        with self.pin.alone():
            key = UNLOCKED.key(self._home)
            if key is None or not self.is_key_in_clear:
                return
            if any(
                self._vault.get(name) != key.hex() for name in self._leftovers()
            ):  # another ledger's: told, not lost
                return
            if self._vault.get(LOCKED_MARK) != _STRICT:
                self._vault.set(UNATTENDED, key.hex())
            for name in self._leftovers():
                self._vault.remove(name)

    def set_pin(self, pin: str, *, keeps_unattended: bool) -> bool:
        """Keep the key wrapped by this PIN, in place of a former one; with ``keeps_unattended`` also as it is for what
        runs where nobody is. False where the place cannot forget the key that it had. Killed at any moment, the key is
        there in one way or the other; what fails leaves all as it was. Raises `PinUseless`, `PinTooWeak`, `PinDelayed`,
        or an error of the place."""
        if isinstance(self._vault, SystemdVault):
            raise PinUseless()
        with self.pin.alone():  # setting it between the steps of a removal would leave the key nowhere
            key = self.key()
            self.pin.check_strength(pin)
            before, pin_before = self._kept_secrets(), self.pin.kept()
            try:
                self._wrap(key, pin, keeps_unattended=keeps_unattended)
            except Exception:
                with contextlib.suppress(NoCredentials, OSError):
                    self._keep_secrets(before)
                    self.pin.put_back(pin_before)  # last: the former key is there by now
                raise
            UNLOCKED.hold(self._home, key)
            return self._vault.get(KEY) is None and (keeps_unattended or self._vault.get(UNATTENDED) is None)

    def _wrap(self, key: bytes, pin: str, *, keeps_unattended: bool) -> None:
        """The steps of `set_pin`. `_finish_pin` goes by the mark: it is written before a first PIN, but after another
        one, since that still goes by the former."""
        is_first, mark = not self.pin.is_set, "1" if keeps_unattended else _STRICT
        if is_first:
            self._vault.set(LOCKED_MARK, mark)
        self.pin.wrap(key, pin)
        if keeps_unattended:
            self._vault.set(UNATTENDED, key.hex())
        if not is_first:
            self._vault.set(LOCKED_MARK, mark)
        if not keeps_unattended:
            self._vault.remove(UNATTENDED)
        self._vault.remove(KEY)

    def _kept_secrets(self) -> Mapping[str, str | None]:
        """What a PIN changes in the vault, the key first."""
        return {name: self._vault.get(name) for name in (KEY, UNATTENDED, LOCKED_MARK)}

    def _keep_secrets(self, secrets_before: Mapping[str, str | None]) -> None:
        for name, secret in secrets_before.items():
            if secret is None:
                self._vault.remove(name)
            elif self._vault.get(name) != secret:
                self._vault.set(name, secret)

    def remove_pin(self, key: bytes) -> None:
        """Keep the ``key`` as before there was a PIN. Raises `PinNotSet`, `PinDelayed`, or an error of the place."""
        with self.pin.alone():
            if not self.pin.is_set and self._vault.get(LOCKED_MARK) is None:
                raise PinNotSet()
            self.save_key(key)
            self.pin.remove()
            for name in (UNATTENDED, LOCKED_MARK):
                self._vault.remove(name)
            UNLOCKED.drop(self._home)

    def save_key(self, key: bytes) -> None:
        """Store ``key``, as when a backup is restored into another home."""
        self._vault.set(KEY, key.hex())

    def token(self) -> str | None:
        """The device's token at its central, or None when it has not joined one."""
        return self._encrypted_files.get(TOKEN) or self._vault.get(TOKEN)

    def save_token(self, token: str) -> None:
        """Store the device's token: in the place of the key, or where that is read-only (systemd) in the home,
        encrypted with the key. An encrypted token that exists is updated too, for a home that both ways serve."""
        try:
            self._vault.set(TOKEN, token)
        except ReadOnlyCredentials:
            self._encrypted_files.set(TOKEN, token)
        else:
            if self._encrypted_files.has(TOKEN):
                self._encrypted_files.set(TOKEN, token)

    def try_to_save(self) -> None:
        """Try that a token can be kept, without touching the one that is there. Raises the error of what hinders it."""
        probe = secrets.token_hex(16)
        vault: Vault | EncryptedFiles = self._vault
        try:
            vault.set(PROBE, probe)
        except ReadOnlyCredentials:
            vault = self._encrypted_files
            vault.set(PROBE, probe)
        read = vault.get(PROBE)
        vault.remove(PROBE)
        if read != probe:
            raise NonPersistentKeyring(detail=self._vault.place)

    @property
    def _encrypted_files(self) -> EncryptedFiles:
        return EncryptedFiles(self._home.credentials, self.key)


def key_from_text(text: str) -> bytes:
    """The key that is written as hexadecimal digits. Raises `ValueError`."""
    key = bytes.fromhex(text)
    if len(key) != KEY_BYTES:
        raise ValueError(f"{len(key)} bytes instead of {KEY_BYTES}")
    return key


def open_credentials(
    home: Home,
    choice: str,
    *,
    unattended: bool = False,
    environ: Mapping[str, str] = os.environ,
    seconds: float = KEYRING_TIMEOUT_S,
) -> Credentials:
    """The credentials of ``home``; ``choice`` is the setting ``credentials``: auto, keyring, file or systemd.
    ``unattended``: for what shows nothing and runs where nobody is."""
    folder = environ.get("CREDENTIALS_DIRECTORY")
    if choice == "systemd" or (choice == "auto" and folder and (Path(folder) / f"{KEYRING_SERVICE}.{KEY}").exists()):
        return Credentials(home, SystemdVault(Path(folder) if folder else None), unattended=unattended)
    if choice == "file" or (choice == "auto" and _keeps_files(home)):
        return Credentials(home, FileVault(home.credentials), unattended=unattended)
    return Credentials(home, KeyringVault(home.id, find_keyring, seconds), unattended=unattended)


def _keeps_files(home: Home) -> bool:
    """Whether the home was made with files, even if the key is no longer among them: a home with another place has no
    such folder, or only sealed secrets in it."""
    folder = home.credentials
    has_key = any((folder / name).exists() for name in (KEY, LOCKED_MARK))
    return has_key or (folder.is_dir() and not any(folder.glob("*.sealed")))


class FileVault:
    """Files in the home that only we can read."""

    def __init__(self, folder: Path) -> None:
        self.place = str(folder)
        self._folder = folder

    def get(self, name: str) -> str | None:
        """The file's text. Raises `InsecureCredentials` when others can read it or it is not ours."""
        content = read_private(self._folder / name)
        return None if content is None else decode_secret(content)

    def set(self, name: str, secret: str) -> None:
        """Write the file, 0600 from its first byte on, and to the disk."""
        _write_secret(self._folder / name, f"{secret}\n".encode())

    def remove(self, name: str) -> None:
        """Delete the file."""
        (self._folder / name).unlink(missing_ok=True)


class SystemdVault:
    """What systemd's LoadCredential and LoadCredentialEncrypted hand to a service; read-only."""

    place = "$CREDENTIALS_DIRECTORY"

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def get(self, name: str) -> str | None:
        """The credential ``guanjia.<name>``; a key may be 32 raw bytes or their hexadecimal digits."""
        if self._folder is None:
            raise NoSystemdCredentials()
        try:
            content = (self._folder / f"{KEYRING_SERVICE}.{name}").read_bytes()
        except FileNotFoundError:
            return None
        return content.hex() if name == KEY and len(content) == KEY_BYTES else decode_secret(content)

    def set(self, name: str, secret: str) -> None:
        """Always raises `ReadOnlyCredentials`."""
        raise ReadOnlyCredentials(name=name)

    def remove(self, name: str) -> None:
        """Always raises `ReadOnlyCredentials`."""
        raise ReadOnlyCredentials(name=name)


class EncryptedFiles:
    """Secrets in the home, encrypted with the store's key: for places that only give."""

    def __init__(self, folder: Path, key: Callable[[], bytes]) -> None:
        self._folder = folder
        self._key = key

    def has(self, name: str) -> bool:
        """Whether a secret of this name is sealed here."""
        return self._file(name).exists()

    def get(self, name: str) -> str | None:
        """The secret, or None. Raises `InsecureCredentials` for a file that is not ours alone or was tampered with."""
        from cryptography.fernet import InvalidToken  # noqa: PLC0415 - 40 ms that most homes never need

        content = read_private(self._file(name)) if self.has(name) else None
        if content is None:
            return None
        try:
            return str(self._cipher().decrypt(content), "utf-8")
        except InvalidToken:
            raise InsecureCredentials(path=self._file(name)) from None

    def set(self, name: str, secret: str) -> None:
        """Seal a secret."""
        _write_secret(self._file(name), self._cipher().encrypt(secret.encode()))

    def remove(self, name: str) -> None:
        """Delete the file."""
        self._file(name).unlink(missing_ok=True)

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}.sealed"

    def _cipher(self) -> Fernet:
        from cryptography.fernet import Fernet  # noqa: PLC0415

        own = hashlib.blake2b(b"sealed files", key=self._key(), digest_size=32).digest()
        return Fernet(urlsafe_b64encode(own))


class Keyring(Protocol):
    """What we use of a backend of the ``keyring`` library."""

    def get_password(self, service: str, username: str) -> str | None:
        """The secret, or None."""
        ...

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep a secret."""
        ...

    def delete_password(self, service: str, username: str) -> None:
        """Forget a secret."""
        ...


class KeyringVault:
    """The user's keyring. Called from a thread with a deadline, since a locked one may block for ever."""

    place = "the keyring"

    def __init__(self, home_id: str, find: Callable[[], Keyring], seconds: float) -> None:
        self._home_id = home_id
        self._find = find
        self._seconds = seconds

    def get(self, name: str) -> str | None:
        """The secret. Raises `NoKeyring` or `LockedKeyring`."""
        return self._call_with_deadline(lambda keyring: keyring.get_password(KEYRING_SERVICE, self._username(name)))

    def set(self, name: str, secret: str) -> None:
        """Store a secret and read it back, since the null backend stores nothing. Raises `NonPersistentKeyring`."""
        username = self._username(name)
        self._call_with_deadline(lambda keyring: keyring.set_password(KEYRING_SERVICE, username, secret))
        if self.get(name) != secret:
            raise NonPersistentKeyring(detail=type(self._find()).__module__)

    def remove(self, name: str) -> None:
        """Forget a secret; a backend that cannot keeps it."""
        with contextlib.suppress(NoCredentials):
            self._call_with_deadline(lambda keyring: keyring.delete_password(KEYRING_SERVICE, self._username(name)))

    def _username(self, name: str) -> str:
        return f"{self._home_id}:{name}"

    def _call_with_deadline(self, operation: Callable[[Keyring], SecretT]) -> SecretT:
        answers: list[SecretT] = []
        failures: list[Exception] = []

        def work() -> None:
            try:
                answers.append(operation(self._find()))
            except Exception as error:  # backends raise what their D-Bus, Keychain or vault raises
                failures.append(error)

        thread = threading.Thread(target=work, daemon=True, name="keyring")
        thread.start()
        thread.join(self._seconds)
        if failures:
            raise self._error_of(failures[0]) from None
        if not answers:
            raise LockedKeyring(seconds=self._seconds)
        return answers[0]

    def _error_of(self, error: Exception) -> NoCredentials:
        if isinstance(error, NoCredentials):
            return error
        if type(error).__name__ in ("KeyringLocked", "LockedException", "PromptDismissedException"):
            return LockedKeyring(seconds=self._seconds)
        return NoKeyring(detail=f"{type(error).__name__}: {error}")


_BACKENDS = {
    "darwin": ("keyring.backends.macOS.Keyring",),
    "win32": ("keyring.backends.Windows.WinVaultKeyring",),
}
_LINUX_BACKENDS = ("keyring.backends.SecretService.Keyring", "keyring.backends.kwallet.DBusKeyring")


def find_keyring() -> Keyring:
    """The backend that the user named (PYTHON_KEYRING_BACKEND, keyringrc.cfg), else the system's own. Never the best of
    all that are installed, as the library would choose: another package's file or chain could come and go."""
    from keyring import core  # noqa: PLC0415 - costs 90 ms, and only a keyring needs it

    named = core.load_env() or core.load_config()
    if named is not None:
        return named
    reasons = []
    for name in _BACKENDS.get(sys.platform, _LINUX_BACKENDS):
        try:
            return core.load_keyring(name)
        except (ImportError, RuntimeError) as error:
            reasons.append(str(error))
    raise NoKeyring(detail="; ".join(reasons))


def read_private(path: Path) -> bytes | None:
    """A file's bytes, or None where there is none. Raises `InsecureCredentials` unless it is a plain file, ours
    alone."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    except FileNotFoundError:
        return None
    except OSError:
        raise InsecureCredentials(path=path) from None
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(file.fileno())
        ours = not hasattr(os, "geteuid") or status.st_uid == os.geteuid()
        if not (ours and is_private(status) and stat.S_ISREG(status.st_mode)):
            raise InsecureCredentials(path=path)
        return file.read()


def _write_secret(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, exist_ok=True)
    if not is_private(path.parent.stat()):
        raise InsecureCredentials(path=path.parent)
    write_private(path, content)
