"""What the suite plays in turn: nothing is left out for ever, and what must be proved in every turn never is."""

from __future__ import annotations

import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple, cast

import pytest

from tests.sampling import ALL, IN_TURN, ROOT, in_this_turn, left_out, mark_what_is_in_turn, turn_of_commit

TURN = 1_000


@pytest.mark.parametrize(("members", "turns"), [(2, 2), (59, 4), (12, 3), (3, 9)])
def test_everything_has_its_turn_and_every_turn_has_something(members: int, turns: int) -> None:
    """In so many turns, whenever they begin, each is played once, and no turn is without one."""
    names = [f"tests/test_x.py::test_y[{number}]" for number in range(members)]
    parts = [in_this_turn(names, turns, TURN + turn) for turn in range(min(turns, members))]
    assert sorted(name for part in parts for name in part) == sorted(names)
    assert all(parts)


def test_a_requirement_is_proved_in_every_turn(request: pytest.FixtureRequest) -> None:
    """Of a folder that is played in turn, what proves a requirement is never left out; the rest is, by turns, and a run
    that is no run of all tests leaves out nothing."""
    items = [
        pytest.Function.from_parent(request.node.parent, name=f"test_{number}", callobj=in_this_turn)
        for number in range(6)
    ]
    items[4].add_marker(pytest.mark.proves("R01"))
    mark_what_is_in_turn(items, {"tests/": 3})
    turns = [left_out(items, str(TURN + turn)) for turn in range(3)]
    assert all(turns) and not set.intersection(*turns)
    assert set.union(*turns) == {item.nodeid for item in items} - {items[4].nodeid}
    assert left_out(items, ALL) == set()


class Variant(NamedTuple):
    """As much of a test as is asked for its turn."""

    nodeid: str
    callspec: SimpleNamespace

    def get_closest_marker(self, name: str) -> pytest.Mark | None:
        """Its marker says that the languages take turns."""
        return pytest.mark.soak(turns=2, of="language").mark if name == "soak" else None


def test_a_matrix_may_be_played_along_one_dimension() -> None:
    """Each screen is looked at in every turn, in one language, and in the other in the next."""
    both = [
        Variant(f"test_x.py::test_y[{screen}-{language}]", SimpleNamespace(indices={"s": screen, "language": language}))
        for screen in range(9)
        for language in range(2)
    ]
    first, second = (left_out(cast("list[pytest.Item]", both), str(TURN + turn)) for turn in range(2))
    assert first | second == {variant.nodeid for variant in both}
    assert sorted(name.partition("-")[0] for name in first) == sorted({v.nodeid.partition("-")[0] for v in both})


def test_the_folders_in_turn_are_there() -> None:
    """A folder that was renamed would be played whole again, and nobody would notice."""
    assert [folder for folder in IN_TURN if not (ROOT / folder).is_dir()] == []


def test_a_commit_has_its_turn_and_the_next_one_the_next(tmp_path: Path) -> None:
    """The turn follows from the history alone; where there is none it is the first."""
    git = ("git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@example.org")
    assert turn_of_commit(tmp_path / "nowhere") == 0
    subprocess.run([*git, "init", "-q"], check=True)
    for number in (1, 2):
        subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "Change"], check=True)
        turn_of_commit.cache_clear()
        assert turn_of_commit(tmp_path) == number
