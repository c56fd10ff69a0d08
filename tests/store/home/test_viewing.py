"""Decrypted copies for the system's viewer: private, and gone on leaving, however that was."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from store.home.viewing import ViewingFolder


def test_a_copy_is_private_and_goes_on_leaving(tmp_path: Path) -> None:
    """Nobody else may enter the place or read a copy; emptied, nothing of it is left."""
    folder = ViewingFolder(tmp_path / "home", {})
    assert not folder.place.exists()
    path = folder.write("现场.jpg", [b"one", b"two"])
    assert path.read_bytes() == b"onetwo" and stat.S_IMODE(path.stat().st_mode) == 0o400
    assert folder.write("现场.jpg", [b"another"]) != path
    assert {stat.S_IMODE(each.stat().st_mode) for each in (folder.place, path.parent, path.parent.parent)} == {0o700}
    folder.empty()
    assert not any(folder.place.iterdir())


def test_what_a_killed_process_left_goes_when_the_next_begins(tmp_path: Path) -> None:
    """Leftovers without a living owner are removed; what another program has open stays."""
    living, next_one = ViewingFolder(tmp_path, {}), ViewingFolder(tmp_path, {})
    kept = living.write("a.jpg", [b"a"])
    dead = living.place / "0123456789abcdef"
    (dead / "x").mkdir(parents=True)
    (dead / "x" / "secret.jpg").write_bytes(b"left")
    assert next_one.remove_leftovers() == 1
    assert kept.exists() and not dead.exists()


def test_the_runtime_folder_of_the_user_is_preferred(tmp_path: Path) -> None:
    """It is in memory: what is decrypted there never reaches the disk. Two homes have two places."""
    runtime = tmp_path / "run"
    runtime.mkdir(mode=0o700)
    places = {ViewingFolder(tmp_path / home, {"XDG_RUNTIME_DIR": os.fspath(runtime)}).place for home in ("a", "b")}
    assert len(places) == 2 and all(place.parent == runtime for place in places)
