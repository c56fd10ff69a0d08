"""What the suite plays in turn: nothing is left out for ever, and what must be proved every day never is."""

from __future__ import annotations

from types import SimpleNamespace
from typing import NamedTuple, cast

import pytest

from tests.sampling import ALL, IN_TURN, ROOT, left_out, mark_what_is_in_turn, of_the_day

DAY = 739_000


@pytest.mark.parametrize(("members", "days"), [(2, 2), (59, 4), (12, 3), (3, 9)])
def test_everything_has_its_turn_and_every_day_has_something(members: int, days: int) -> None:
    """On so many days, whenever they begin, each is played once, and no day is without one."""
    names = [f"tests/test_x.py::test_y[{number}]" for number in range(members)]
    parts = [of_the_day(names, days, DAY + day) for day in range(min(days, members))]
    assert sorted(name for part in parts for name in part) == sorted(names)
    assert all(parts)


def test_a_requirement_is_proved_every_day(request: pytest.FixtureRequest) -> None:
    """Of a folder that is played in turn, what proves a requirement is never left out; the rest is, by days, and a run
    that is no run of all tests leaves out nothing."""
    items = [
        pytest.Function.from_parent(request.node.parent, name=f"test_{number}", callobj=of_the_day)
        for number in range(6)
    ]
    items[4].add_marker(pytest.mark.proves("R01"))
    mark_what_is_in_turn(items, {"tests/": 3})
    days = [left_out(items, str(DAY + day)) for day in range(3)]
    assert all(days) and not set.intersection(*days)
    assert set.union(*days) == {item.nodeid for item in items} - {items[4].nodeid}
    assert left_out(items, ALL) == set()


class Variant(NamedTuple):
    """As much of a test as is asked for its turn."""

    nodeid: str
    callspec: SimpleNamespace

    def get_closest_marker(self, name: str) -> pytest.Mark | None:
        """Its marker says that the languages take turns."""
        return pytest.mark.soak(days=2, of="language").mark if name == "soak" else None


def test_a_matrix_may_be_played_along_one_dimension() -> None:
    """Each screen is looked at every day, in one language, and in the other on the next day."""
    both = [
        Variant(f"test_x.py::test_y[{screen}-{language}]", SimpleNamespace(indices={"s": screen, "language": language}))
        for screen in range(9)
        for language in range(2)
    ]
    today, tomorrow = (left_out(cast("list[pytest.Item]", both), str(DAY + day)) for day in range(2))
    assert today | tomorrow == {variant.nodeid for variant in both}
    assert sorted(name.partition("-")[0] for name in today) == sorted({v.nodeid.partition("-")[0] for v in both})


def test_the_folders_in_turn_are_there() -> None:
    """A folder that was renamed would be played whole again, and nobody would notice."""
    assert [folder for folder in IN_TURN if not (ROOT / folder).is_dir()] == []
