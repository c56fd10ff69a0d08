"""A restored home takes the place of the present one in one step: whatever is interrupted, there is a home."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from store.home.paths import Home
from tui.cli.commands.backup import exchange_names, swap_in


def homes(folder: Path) -> tuple[Home, Home]:
    """The present home and a restored one beside it."""
    made = Home(folder / ".home.restoring-1"), Home(folder / "home")
    for home, text in zip(made, ("restored", "present"), strict=True):
        home.path.mkdir()
        home.settings.write_text(text)
    return made


@pytest.mark.parametrize("exchange", [exchange_names, lambda first, second: False], ids=["one step", "two steps"])
def test_the_present_home_is_set_aside_whole(tmp_path: Path, exchange: Callable[[Path, Path], bool]) -> None:
    """Both homes are there afterwards, each whole and under its name, also where names cannot be exchanged."""
    restored, home = homes(tmp_path)
    target = swap_in(restored, home, exchange)
    assert target is not None
    assert (home.settings.read_text(), Home(target).settings.read_text()) == ("restored", "present")
    assert sorted(tmp_path.iterdir()) == sorted((home.path, target))


def test_there_is_a_home_whenever_it_is_interrupted(tmp_path: Path) -> None:
    """Killed before the exchange the present home is in its place, killed after it the restored one; nothing is
    lost."""
    restored, home = homes(tmp_path)

    def killed(first: Path, second: Path) -> bool:
        assert home.settings.read_text() == "present"
        assert exchange_names(first, second)
        assert (home.settings.read_text(), (first / "settings.toml").read_text()) == ("restored", "present")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        swap_in(restored, home, killed)
    assert home.settings.read_text() == "restored"


def test_nothing_is_exchanged_with_what_is_not_there(tmp_path: Path) -> None:
    """Where there is no home yet the restored one is put there, and names of missing folders are not exchanged."""
    restored, home = homes(tmp_path)
    home.path.rename(tmp_path / "elsewhere")
    assert not exchange_names(restored.path, home.path)
    assert swap_in(restored, home) is None
    assert home.settings.read_text() == "restored"
