"""A home is one person's: made 0700, refused to others, and synced by one process at a time."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from store.exceptions import HomeNotFound, HomeNotPrivate
from store.home.paths import (
    REPLACE_ATTEMPTS,
    Home,
    RoundLock,
    is_private,
    replace_file,
    require_home,
    resolve_home,
    write_private,
)

NOBODY = 65534


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home just made."""
    home = Home(tmp_path / "home")
    home.create()
    return home


def test_windows_is_asked_again_while_somebody_reads_the_file(tmp_path: Path) -> None:
    """As Windows does it: a file that is being read cannot be replaced. It is, once the reader is done; one that is
    read for ever, or that must not be written, is told. Elsewhere the first refusal counts."""
    aside, path = tmp_path / "aside", tmp_path / "settings.toml"
    refusals = iter([True, True, False])
    asked: list[float] = []

    def replace(source: Path, target: Path) -> None:
        if next(refusals, True):
            raise PermissionError(13, "in use")
        source.replace(target)

    aside.write_text("new")
    replace_file(aside, path, is_windows=True, replace=replace, pause=asked.append)
    assert (path.read_text(), len(asked)) == ("new", 2)
    with pytest.raises(PermissionError):
        replace_file(aside, path, is_windows=True, replace=replace, pause=asked.append)
    assert len(asked) == 2 + REPLACE_ATTEMPTS - 1
    with pytest.raises(PermissionError):
        replace_file(aside, path, is_windows=False, replace=replace, pause=asked.append)
    assert len(asked) == 2 + REPLACE_ATTEMPTS - 1


def test_option_comes_before_environment_and_default(tmp_path: Path) -> None:
    """--home wins over GUANJIA_HOME, and that over the system's own place."""
    environ = {"GUANJIA_HOME": str(tmp_path / "b")}
    assert resolve_home(tmp_path / "a", environ).path == tmp_path / "a"
    assert resolve_home(None, environ).path == tmp_path / "b"
    assert resolve_home(None, {}).path.name == "guanjia"


def test_a_new_home_is_private_and_keeps_its_id(home: Home) -> None:
    """The folder is 0700, and creating it again changes neither it nor its id."""
    first = home.id
    home.create()
    assert is_private(home.path.stat())
    assert home.id == first
    assert len(first) == 32


def test_an_empty_folder_of_ours_is_made_private(tmp_path: Path) -> None:
    """A folder made by hand with the usual umask becomes a home; one with files in it is not touched."""
    empty, used = Home(tmp_path / "empty"), Home(tmp_path / "used")
    for home in (empty, used):
        home.path.mkdir()
        home.path.chmod(0o755)
    (used.path / "letter.txt").write_text("mine")
    empty.create()
    assert is_private(empty.path.stat())
    with pytest.raises(HomeNotPrivate):
        used.create()
    assert not is_private(used.path.stat())


def test_a_home_open_to_others_is_refused(home: Home) -> None:
    """A home that the group may enter is not opened until it is private again."""
    home.database.touch()
    assert require_home(home) == home
    home.path.chmod(0o750)
    with pytest.raises(HomeNotPrivate):
        require_home(home)


def test_no_folder_and_no_store_are_not_a_home(tmp_path: Path, home: Home) -> None:
    """Neither a missing folder nor one without a store is opened, and nothing is made by asking."""
    nowhere = Home(tmp_path / "nowhere")
    for candidate in (nowhere, home):
        with pytest.raises(HomeNotFound):
            require_home(candidate)
    with pytest.raises(HomeNotFound):
        _ = nowhere.id
    assert not nowhere.path.exists()


def test_a_file_in_place_of_a_home_is_refused(tmp_path: Path) -> None:
    """A file where the home should be is left alone."""
    (tmp_path / "file").write_text("mine")
    with pytest.raises(HomeNotPrivate):
        Home(tmp_path / "file").create()


@pytest.mark.needs("root", "linux")
@pytest.mark.parametrize("reachable", [True, False])
def test_another_user_cannot_open_the_home(home: Home, reachable: bool) -> None:
    """Another user of the machine is refused with a clear error, both by us and, beneath, by the system."""
    if reachable:
        os.chown(home.path, 1, 1)
    program = textwrap.dedent("""
        import os, sys
        sys.path.insert(0, os.getcwd())
        from pathlib import Path
        from store.exceptions import HomeNotPrivate
        from store.home.paths import Home, require_home
        os.setgroups([])
        os.setuid(int(sys.argv[2]))
        for act in (require_home, Home.create):
            try:
                act(Home(Path(sys.argv[1])))
            except HomeNotPrivate:
                print("refused")
    """)
    uid = 0 if reachable else NOBODY
    done = subprocess.run(
        [sys.executable, "-c", program, str(home.path), str(uid)], capture_output=True, text=True, check=True
    )
    assert done.stdout == "refused\nrefused\n", done.stderr


def test_a_private_file_is_0600_and_whole(home: Home) -> None:
    """What `write_private` leaves is readable by us alone, replaces the old file, and leaves nothing beside it."""
    before = set(home.path.iterdir())
    write_private(home.path / "secret", b"one")
    write_private(home.path / "secret", b"two")
    assert (home.path / "secret").read_bytes() == b"two"
    assert is_private((home.path / "secret").stat())
    assert set(home.path.iterdir()) - before == {home.path / "secret"}


def test_a_private_file_that_cannot_be_put_in_place_is_named_itself(tmp_path: Path) -> None:
    """Not the one aside, of which nothing stays."""
    (tmp_path / "settings.toml").mkdir()
    with pytest.raises(OSError) as refused:
        write_private(tmp_path / "settings.toml", b"x")
    assert (refused.value.filename, refused.value.filename2) == (str(tmp_path / "settings.toml"), None)
    assert [path.name for path in tmp_path.iterdir()] == ["settings.toml"]


def test_one_holder_at_a_time(home: Home) -> None:
    """A second lock on the home is refused while the first is held, and its holder can be named."""
    first, second = RoundLock(home.round_lock), RoundLock(home.round_lock)
    assert second.holder() is None
    assert first.acquire("daemon")
    assert not second.acquire("sync")
    assert second.holder() == (os.getpid(), "daemon")
    first.release()
    assert second.holder() is None
    assert second.acquire("sync")
    second.release()


@contextlib.contextmanager
def no_byte_more() -> Iterator[None]:
    """Every write to a file fails, as on a full disk."""
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_leaves_no_lock_behind(home: Home) -> None:
    """On a full disk a round takes its lock all the same, and gives it back: screens that stay open sync again once
    there is room. A file that cannot be written is named."""
    lock = RoundLock(home.round_lock)
    with no_byte_more():
        assert lock.acquire("sync")
        assert not RoundLock(home.round_lock).acquire("sync")
        lock.release()
        with pytest.raises(OSError, match="token"):
            write_private(home.path / "token", b"x")
    assert lock.acquire("sync")
    lock.release()


def test_the_lock_dies_with_its_process(home: Home) -> None:
    """After SIGKILL the lock is free at once, although the file still names the dead process."""
    program = f"""if True:
        import sys, time
        from pathlib import Path
        from store.home.paths import RoundLock
        print(RoundLock.acquire(lock := RoundLock(Path({str(home.round_lock)!r})), "daemon"), flush=True)
        time.sleep(600)
    """
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "True\n"
        lock = RoundLock(home.round_lock)
        assert lock.holder() == (process.pid, "daemon")
        assert not lock.acquire("sync")
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert home.round_lock.read_text().startswith(str(process.pid))
    assert lock.holder() is None
    assert lock.acquire("sync")
    lock.release()


def test_looking_at_the_lock_turns_nobody_away(home: Home) -> None:
    """A status command that looks at the very moment a daemon starts does not make the daemon give up."""
    looking = RoundLock(home.round_lock)
    for _ in range(50):
        looking.holder()
        lock = RoundLock(home.round_lock)
        assert lock.acquire("daemon")
        lock.release()


def test_find_needs_nothing_heavy() -> None:
    """The home and its settings are on the path of `guanjia find`: no pydantic, no SQLModel, no platformdirs."""
    program = "import sys, store.home.paths, store.home.settings; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not {"pydantic", "sqlmodel", "sqlalchemy", "platformdirs", "tomllib"} & set(done.stdout.split())
