"""The bench itself: its floor does the work that ours does, its lines are as promised, its table can be read.

What starts the bench's processes runs in the soak only: two dozen of them prove nothing about the program.
"""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path

import pytest

from store.importing.records import import_records
from store.ledger.kinds import kinds
from store.ledger.line import Line, canonical_json, new_id
from sync.protocol.documents import EXCHANGE
from tests.bench import herd, keys, large, ledgers, office, pictures, rounds, stage, sticks
from tests.bench.device import opened
from tests.bench.keys import Hands
from tests.bench.lines import district
from tests.bench.report import Measure, as_json, as_table
from tests.bench.rounds import Stage
from tests.bench.terminal import painted

LINES = 400
SOAK_ONLY = pytest.mark.soak(only=True)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """A small stage: a real central and two real homes."""
    return Stage(tmp_path_factory.mktemp("bench") / "stage", LINES)


@SOAK_ONLY
def test_a_round_with_nothing_new_is_one_small_exchange(scene: Stage) -> None:
    """Nothing changed: one request, after the one by which a new process knows its central again, and one alone where
    the connection was kept. Message and answer have 600 bytes at most."""
    exchanges = scene.counted["nothing"].exchanges
    assert [exchange.path for exchange in exchanges] == ["/v1/identity", EXCHANGE]
    assert [exchange.path for exchange in scene.counted["kept"].exchanges] == [EXCHANGE]
    assert all(measure.reached for measure in rounds.measure(scene, 1, ["trips"]))


@SOAK_ONLY
def test_every_measurement_runs_on_both_sides(scene: Stage) -> None:
    """Push, pull, a few changes and nothing at all, ours, the floor and protocol 1, each of which checks that it did
    the work."""
    measures = list(rounds.measure(scene, 1, ["v1"]))
    assert len(measures) == 2 * len(rounds.ROUNDS) + 2
    assert all(measure.ratio is None or measure.ratio > 0 for measure in measures)
    assert scene.counted["push"].told["said"]["pushed"] >= LINES
    assert scene.counted["pull"].told["said"]["pulled"] >= LINES


@SOAK_ONLY
def test_a_round_of_a_rewound_central_is_an_ordinary_one(scene: Stage) -> None:
    """A central that was put back to an earlier state between two runs is not taken for one that was set back: the
    lines that were changed cross the wire in one message, and nothing is healed."""
    stage.rewind(scene.central, "full")
    counted = scene.count_far("changed")
    assert [exchange.path for exchange in counted.exchanges] == ["/v1/identity", EXCHANGE]


@SOAK_ONLY
def test_lines_cross_a_far_line_in_both_directions(scene: Stage) -> None:
    """A round over the delaying proxy ends in agreement, and the floor's requests come through it too."""
    tag = scene.add(20)
    assert scene.far(tag) > rounds.ROUND_TRIP_S
    assert scene.far_floor(scene.count_far(tag).exchanges) > rounds.ROUND_TRIP_S


@SOAK_ONLY
def test_writing_and_recomputing_run_on_both_sides(scene: Stage) -> None:
    """Mixed lines through the ledger and bare, every state anew and read: each in a process that checks its work."""
    measures = list(office.measure(scene.home, LINES, 1, ("apply", "recompute")))
    assert len(measures) == 2
    assert all(measure.ratio is not None and measure.ratio > 0 for measure in measures)


@SOAK_ONLY
def test_a_first_use_and_a_large_store_are_measured(scene: Stage) -> None:
    """A device's first round is timed until its screens have what they need, each command on a store is run whole."""
    assert next(rounds.measure(scene, 1, ["first"])).name == "first use"
    measures = list(large.measure(scene.home, LINES, 1, ["large"]))
    assert len(measures) == len(large.LISTS) + 2 * len(large.WHOLE)


@SOAK_ONLY
def test_a_ledger_is_looked_at_whole(scene: Stage, tmp_path: Path) -> None:
    """Every row of the bench's table is one that is taken: what is refused costs nothing."""
    measures = list(ledgers.measure(scene.home, LINES, 1, ["ledger"]))
    assert len(measures) == 4 and measures[0].ratio and measures[3].facts["rows"]
    file = tmp_path / "ledger.xlsx"
    ledgers.write_ledger(file, ledgers.names_in(scene.home), LINES)
    ledger = opened(scene.home)
    assert import_records(ledger, file, "issues", dry_run=True).counts.added == LINES


@SOAK_ONLY
def test_a_herd_comes_to_agree_and_streams_are_told(tmp_path: Path) -> None:
    """A few laptops and streams at a real central: every measurement runs, and each checks that all agree or were
    told."""
    measures = list(herd.measure(tmp_path, herd.NAMES, laptops=10, streams=20, workers=(0,)))
    assert [measure.facts.get("laptops") for measure in measures[:2]] == [10, 10]
    assert measures[1].lines == 10 * herd.LAPTOPS_A_PROJECT * herd.LINES
    assert measures[3].facts["streams"] == 20
    assert measures[4].facts["hints"] == herd.HINTS * (herd.LAPTOPS_A_PROJECT - 1)


def test_lines_are_the_same_each_time_and_about_600_bytes() -> None:
    """What is measured are Chinese lines of the promised size, and two runs measure the same texts."""
    one, other = ([draft.body.get("text") for draft in district(300)] for _ in range(2))
    assert one == other
    who = new_id()
    sizes = [
        len(
            canonical_json(
                Line(new_id(), d.kind, d.project, 1 << 60, who, who, False, kinds()[d.kind].validate(d.body), 0)
            )
        )
        for d in district(1_000)
    ]
    assert 550 < sum(sizes) / len(sizes) < 700


def test_a_ratio_above_its_reach_is_said() -> None:
    """The table marks what is over, and the JSON has the same numbers."""
    over, within = Measure("push", 10, 4.0, 1.0, reach=3), Measure("memory", 10, 90.0, unit="MB", reach=150)
    lines = as_table([over, within]).splitlines()
    assert "✗" in lines[1]
    assert "✓" in lines[2]
    assert [row["reached"] for row in json.loads(as_json([over, within]))] == [False, True]


def test_what_is_painted_is_told_by_its_background() -> None:
    """Runs of text end where the cursor jumps or the background changes; spaces and other colours do not matter."""
    output = b"\x1b[?2026h\x1b[2;1H\x1b[38;2;1;2;3;48;2;9;9;9mW1 \x1b[1;48;2;9;9;9mtitle\x1b[0m rest\x1b[3;1HW2"
    assert list(painted(output)) == [("W1title", b"48;2;9;9;9"), ("rest", b""), ("W2", b"")]


@SOAK_ONLY
def test_keys_are_timed_in_ours_and_in_the_bare_list(scene: Stage) -> None:
    """A few keys in a ledger of issues, in both terminals; what is waited for is the row under the cursor."""
    home = stage.rewind(scene.other, "fresh")
    keys.fill(home, stage.rewind(scene.central, "empty"), 60)
    hands = Hands(home)
    try:
        found = [*hands.timed(islice(hands.down(), 3)), *hands.timed(islice(hands.ends(), 2))]
    finally:
        hands.close()
    assert len(found) == 5
    assert all(ours > 0 and floor > 0 for ours, floor in found)


@SOAK_ONLY
def test_bytes_are_counted_by_the_tap(scene: Stage) -> None:
    """A push of all lines crosses the wire in pages, compressed: far fewer bytes than the lines have."""
    pushes = [exchange for exchange in scene.counted["push"].exchanges if exchange.path == EXCHANGE]
    assert 1 <= len(pushes) < 5
    assert 10_000 < sum(push.sent for push in pushes) < LINES * 600 / 2


@SOAK_ONLY
def test_a_stick_goes_round(tmp_path: Path) -> None:
    """Two laptops: a stick's way round them is measured, with the bytes on it."""
    measured = list(sticks.measure(tmp_path / "stick", 1, ["stick"], sticks.OFFICERS[:2]))
    assert [each.facts["laptops"] for each in measured] == [2]


@SOAK_ONLY
def test_pictures_are_measured_on_both_sides(scene: Stage, tmp_path: Path) -> None:
    """A working copy, a preview, bytes in both directions, and a home with very many: each checks that it did the
    work."""
    measures = list(pictures.measure(tmp_path / "pictures", 1, pictures.NAMES))
    assert len(measures) == 4
    assert all(int(measure.facts["requests"]) >= pictures.FILES for measure in measures[2:])
    crowded = list(pictures.measure_home(scene.home, LINES, 1, pictures.NAMES))
    assert len(crowded) == len(large.LISTS) + 1 + 4
