"""Key and token: kept where asked, read back, refused when others can read them, explained where there is no place."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest

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
from store.home.credentials import KEY, TOKEN, Credentials, FileVault, KeyringVault, SystemdVault, open_credentials
from store.home.paths import Home, is_private


class FakeKeyring:
    """A keyring in memory that several homes may share."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self.kept.pop((service, username), None)


class NullKeyring(FakeKeyring):
    """Takes everything and keeps nothing."""

    def set_password(self, service: str, username: str, password: str) -> None:
        del service, username, password


class HangingKeyring(FakeKeyring):
    """Waits for a person who never comes."""

    def __init__(self) -> None:
        super().__init__()
        self.come = threading.Event()

    def get_password(self, service: str, username: str) -> str | None:
        self.come.wait(60)
        return super().get_password(service, username)


class BrokenKeyring(FakeKeyring):
    """Fails as a D-Bus service does that has just gone."""

    def get_password(self, service: str, username: str) -> str | None:
        raise ConnectionResetError("bus gone")


def make_home(path: Path) -> Home:
    """A home just made."""
    home = Home(path)
    home.create()
    return home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home just made."""
    return make_home(tmp_path / "home")


def in_keyring(home: Home, keyring: FakeKeyring, seconds: float = 5.0) -> Credentials:
    """Credentials of ``home`` in ``keyring``."""
    return Credentials(home, KeyringVault(home.id, lambda: keyring, seconds))


def test_two_homes_in_one_keyring_never_meet(tmp_path: Path) -> None:
    """Officers' homes, or two homes of one officer, have keys of their own under their own names."""
    keyring = FakeKeyring()
    first, second = (in_keyring(make_home(tmp_path / name), keyring) for name in "ab")
    assert first.key_for_new_store() != second.key_for_new_store()
    first.save_token("token-a")
    assert second.token() is None
    assert len(keyring.kept) == 3


def test_whether_a_token_can_be_kept_is_tried_without_a_trace(home: Home) -> None:
    """The try touches neither key nor token, leaves nothing behind, and tells a place that forgets or is broken."""
    keyring = FakeKeyring()
    for credentials in (in_keyring(home, keyring), open_credentials(home, "file")):
        credentials.key_for_new_store()
        credentials.save_token("token")
        credentials.try_to_save()
        assert credentials.token() == "token"
    assert sorted(path.name for path in home.credentials.iterdir()) == ["key", "token"]
    assert len(keyring.kept) == 2
    for broken in (NullKeyring(), BrokenKeyring()):
        with pytest.raises(NoCredentials):
            in_keyring(home, broken).try_to_save()


def test_an_interrupted_start_keeps_its_key(home: Home) -> None:
    """Asking for a new store's key again gives the same one, so that no store is ever left without its key."""
    credentials = in_keyring(home, FakeKeyring())
    assert credentials.key_for_new_store() == credentials.key_for_new_store() == credentials.key()


def test_a_keyring_that_forgets_is_noticed_before_anything_depends_on_it(home: Home) -> None:
    """What was stored is read back: the null backend is explained instead of losing the only key."""
    with pytest.raises(NonPersistentKeyring):
        in_keyring(home, NullKeyring()).key_for_new_store()


def test_a_locked_keyring_does_not_hold_the_program(home: Home) -> None:
    """A keyring that never answers is given up at the deadline, with what to do."""
    keyring = HangingKeyring()
    with pytest.raises(LockedKeyring, match="Unlock"):
        in_keyring(home, keyring, seconds=0.05).key()
    keyring.come.set()


def test_a_broken_keyring_is_explained(home: Home) -> None:
    """An error of the keyring's own becomes one that says what to do."""
    with pytest.raises(NoKeyring) as broken:
        in_keyring(home, BrokenKeyring()).key()
    assert "bus gone" in str(broken.value.values["detail"])


def test_a_missing_key_is_told_from_a_missing_keyring(home: Home) -> None:
    """A keyring that works but has no key for this home says so."""
    with pytest.raises(KeyNotFound):
        in_keyring(home, FakeKeyring()).key()


def run_with_keyring_setting(home: Home, **environ: str) -> str:
    """What `guanjia`'s default makes of the keyrings of a bare process."""
    program = textwrap.dedent("""
        import sys
        from pathlib import Path
        from store.home.paths import Home
        from store.home.credentials import open_credentials
        from store.exceptions import NoCredentials
        try:
            open_credentials(Home(Path(sys.argv[1])), "auto").key_for_new_store()
        except NoCredentials as error:
            print(type(error).__name__)
    """)
    bare = {name: value for name, value in os.environ.items() if name in ("PATH", "PYTHONPATH", "HOME")}
    done = subprocess.run(
        [sys.executable, "-c", program, str(home.path)],
        env={**bare, **environ},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


@pytest.mark.needs("linux")
def test_no_keyring_and_the_null_keyring_are_explained_apart(home: Home) -> None:
    """With the real library: no D-Bus means no keyring; the null backend means that it forgets. No file is made."""
    nowhere = {"DBUS_SESSION_BUS_ADDRESS": f"unix:path={home.path}/no-bus"}
    assert run_with_keyring_setting(home, **nowhere) == "NoKeyring"
    null = {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
    assert run_with_keyring_setting(home, **null) == "NonPersistentKeyring"
    assert not home.credentials.exists()


SECRET_SERVICE = """
import sys
from pathlib import Path
import secretstorage
from store.home.paths import Home
from store.home.credentials import open_credentials
from store.exceptions import LockedKeyring

homes = [Home(Path(path)) for path in sys.argv[1:]]
for home in homes:
    home.create()
first, second = (open_credentials(home, "keyring") for home in homes)
key = first.key_for_new_store()
assert second.key_for_new_store() != key
first.save_token("令牌 token")
again = open_credentials(homes[0], "auto")
assert (again.key(), again.token()) == (key, "令牌 token")
assert second.token() is None
secretstorage.get_default_collection(secretstorage.dbus_init()).lock()
try:
    open_credentials(homes[0], "auto", seconds=2).key()
except LockedKeyring:
    print("kept, apart, and locked is explained")
"""


@pytest.mark.needs("secret-service")
def test_a_real_secret_service_keeps_the_secrets(tmp_path: Path) -> None:
    """gnome-keyring keeps key and token of two homes apart, and a locked collection is an error, not a hang."""
    script = tmp_path / "officer.py"
    script.write_text(SECRET_SERVICE)
    owned = "dbus-send --session --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.NameHasOwner"
    session = (
        "printf pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null\n"
        f"until {owned} string:org.freedesktop.secrets | grep -q true; do sleep 0.05; done\n"
        f"exec {sys.executable} {script} {tmp_path}/a {tmp_path}/b"
    )
    environ = {**os.environ, "HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path), "PYTHONPATH": os.getcwd()}
    environ["XDG_RUNTIME_DIR"] = str(tmp_path)
    done = subprocess.run(
        ["dbus-run-session", "--", "sh", "-c", session],
        env=environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.strip() == "kept, apart, and locked is explained", done.stderr


def test_a_key_file_is_ours_alone(home: Home) -> None:
    """Key and token files are 0600 in a 0700 folder, and `auto` finds them once they were chosen."""
    credentials = open_credentials(home, "file", environ={})
    key = credentials.key_for_new_store()
    credentials.save_token("token")
    assert {path.name for path in home.credentials.iterdir()} == {KEY, TOKEN}
    assert all(is_private(path.stat()) for path in (home.credentials, *home.credentials.iterdir()))
    again = open_credentials(home, "auto", environ={})
    assert (again.key(), again.token()) == (key, "token")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_a_key_file_that_others_can_read_is_refused(home: Home, mode: int) -> None:
    """A key that group or others may read is not used, and stays as it is."""
    credentials = open_credentials(home, "file", environ={})
    credentials.key_for_new_store()
    (home.credentials / KEY).chmod(mode)
    with pytest.raises(InsecureCredentials):
        credentials.key()
    assert (home.credentials / KEY).stat().st_mode & 0o777 == mode


def test_a_link_in_place_of_a_key_file_is_refused(home: Home, tmp_path: Path) -> None:
    """A symbolic link is not followed: it could name a file that somebody else made."""
    vault = FileVault(home.credentials)
    vault.set(KEY, "00" * 32)
    (home.credentials / KEY).rename(tmp_path / "elsewhere")
    (home.credentials / KEY).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InsecureCredentials):
        vault.get(KEY)
    vault.set(KEY, "11" * 32)
    assert vault.get(KEY) == "11" * 32
    assert (tmp_path / "elsewhere").read_text().strip() == "00" * 32


def test_an_open_folder_takes_no_secrets(home: Home) -> None:
    """A credentials folder that others may enter is refused for writing."""
    home.credentials.mkdir(mode=0o755)
    home.credentials.chmod(0o755)
    with pytest.raises(InsecureCredentials):
        FileVault(home.credentials).set(KEY, "00" * 32)
    assert list(home.credentials.iterdir()) == []


@pytest.mark.needs("root")
def test_a_key_file_of_another_user_is_refused(home: Home) -> None:
    """A file that somebody else owns, and so could change, is not believed."""
    vault = FileVault(home.credentials)
    vault.set(KEY, "00" * 32)
    os.chown(home.credentials / KEY, 1, 1)
    with pytest.raises(InsecureCredentials):
        vault.get(KEY)


@pytest.mark.parametrize("content", [bytes(range(32)), bytes(range(32)).hex().encode() + b"\n"])
def test_systemd_hands_out_the_key_and_the_home_keeps_the_token(home: Home, tmp_path: Path, content: bytes) -> None:
    """Under systemd the key comes from $CREDENTIALS_DIRECTORY, raw or as digits; the token lies sealed in the home."""
    folder = tmp_path / "credentials"
    folder.mkdir()
    (folder / "guanjia.key").write_bytes(content)
    credentials = open_credentials(home, "auto", environ={"CREDENTIALS_DIRECTORY": str(folder)})
    assert credentials.key_for_new_store() == bytes(range(32))
    assert credentials.token() is None
    credentials.save_token("the token")
    assert credentials.token() == "the token"
    sealed = home.credentials / "token.sealed"
    assert b"the token" not in sealed.read_bytes()
    assert is_private(sealed.stat())


def test_a_home_served_by_systemd_and_keyring_has_one_token(home: Home, tmp_path: Path) -> None:
    """Whoever renews the token last, daemon or desktop, the other finds the new one."""
    (tmp_path / "guanjia.key").write_bytes(bytes(32))
    service = Credentials(home, SystemdVault(tmp_path))
    keyring = FakeKeyring()
    desktop = in_keyring(home, keyring)
    desktop.save_key(bytes(32))
    desktop.save_token("one")
    assert desktop.token() == "one"
    service.save_token("two")
    assert desktop.token() == service.token() == "two"
    desktop.save_token("three")
    assert desktop.token() == service.token() == "three"


def test_a_sealed_token_that_was_changed_is_refused(home: Home, tmp_path: Path) -> None:
    """A sealed file opens only with the home's own key and only as it was written."""
    (tmp_path / "guanjia.key").write_bytes(bytes(32))
    Credentials(home, SystemdVault(tmp_path)).save_token("token")
    (tmp_path / "guanjia.key").write_bytes(b"\x01" * 32)
    with pytest.raises(InsecureCredentials):
        Credentials(home, SystemdVault(tmp_path)).token()


def test_systemd_without_credentials_says_so(home: Home, tmp_path: Path) -> None:
    """Asked for systemd's credentials outside a service, or without a key, nothing is invented."""
    with pytest.raises(NoCredentials, match="systemd has handed no key"):
        open_credentials(home, "systemd", environ={}).key()
    empty = open_credentials(home, "systemd", environ={"CREDENTIALS_DIRECTORY": str(tmp_path)})
    with pytest.raises(ReadOnlyCredentials):
        empty.key_for_new_store()


def test_keyrings_are_loaded_only_when_used() -> None:
    """Importing the credentials costs neither keyring nor cryptography."""
    program = "import sys, store.home.credentials; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not {"keyring", "cryptography"} & set(done.stdout.split())


@pytest.mark.parametrize("saved", ["\ufeff{}\r\n", " {} \n", "{}"])
def test_a_key_that_went_through_an_editor_is_still_the_key(tmp_path: Path, saved: str) -> None:
    """A byte order mark, other line ends or spaces around a key file's digits do not lock anybody out."""
    home = make_home(tmp_path / "home")
    credentials = Credentials(home, FileVault(home.credentials))
    key = credentials.key_for_new_store()
    (home.credentials / KEY).write_text(saved.format(key.hex().upper()), "utf-8")
    assert credentials.key() == key


@pytest.mark.parametrize("content", ["", "xyz", "00" * 31, "00" * 33])
def test_what_is_no_key_is_said_to_be_none(tmp_path: Path, content: str) -> None:
    """A key file that was emptied or cut is named as such, never a traceback and never a new key."""
    home = make_home(tmp_path / "home")
    credentials = Credentials(home, FileVault(home.credentials))
    credentials.key_for_new_store()
    (home.credentials / KEY).write_text(content)
    with pytest.raises(DamagedKey):
        credentials.key_for_new_store()
    assert (home.credentials / KEY).read_text() == content
