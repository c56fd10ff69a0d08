"""The merge of a batch, by property: any order, any repetition, any split into batches gives the same central."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping
from itertools import count

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.ledger.buckets import SetChecksum
from store.ledger.hlc import hlc_from_ms, ms_from_hlc, system_clock_ms
from store.ledger.line import Line, canonical_json, new_id
from store.ledger.merge import replaces
from store.ledger.row_mapping import to_unsigned
from sync.central.accounts.authentication import Caller
from sync.central.accounts.scope import BucketOwner, Grant
from sync.central.db.tables import LineRow
from sync.central.writes.merge_batch import ExistingState, MergeBatch
from sync.central.writes.validation import validate_line

ME, P = new_id(), new_id()
IDS, DEVICES = [new_id() for _ in range(4)], [new_id() for _ in range(2)]
NOW = hlc_from_ms(system_clock_ms())
CALLER = Caller("210903", "a", ME, "我", DEVICES[0], "", 0, (Grant("bureau"),), "", "", "", 0, SetChecksum(), "")

versions = st.builds(
    lambda line_id, stamp, device, text: Line(line_id, "diary", P, NOW + stamp, device, ME, False, {"text": text}),
    st.sampled_from(IDS),
    st.integers(0, 3),
    st.sampled_from(DEVICES),
    st.sampled_from("甲乙"),
)


class Store:
    """What the database would have: the results of batches applied in memory."""

    def __init__(self) -> None:
        self.lines: dict[str, LineRow] = {}
        self.grounds: dict[str, BucketOwner] = {}
        self.total = SetChecksum()
        self.kept: set[tuple[str, int]] = set()
        self.numbers: Iterator[int] = count(1)

    def push(self, lines: list[Line]) -> list[str]:
        """Merge one batch."""
        batch = MergeBatch(
            CALLER, ExistingState(self.grounds, self.lines, {}), ms_from_hlc(NOW), lambda: next(self.numbers)
        )
        outcomes = [
            batch.merge_line(validate_line(orjson.loads(canonical_json(line)), system_clock_ms())).outcome
            for line in lines
        ]
        self.lines |= batch.current
        self.grounds |= batch.new_owners
        for row in batch.bucket_deltas.values():
            self.total = self.total.add(SetChecksum(*row[1:]))
        self.kept |= {(entry.id, entry.digest) for entry in (*batch.replaced_versions, *batch.late_versions)}
        return outcomes


def winners(lines: list[Line]) -> dict[str, Line]:
    """Of each line the version that the merge rule chooses."""
    best: dict[str, Line] = {}
    for line in lines:
        if line.id not in best or replaces(line, best[line.id]):
            best[line.id] = line
    return best


@given(st.lists(versions, max_size=12), st.integers(1, 5), st.randoms(use_true_random=False))
def test_any_order_gives_the_same(lines: list[Line], size: int, chance: random.Random) -> None:
    """However versions are ordered, repeated and cut into batches, the winners are current, every other version is
    kept, and the sum is that of the winners."""
    shuffled = [*lines, *lines]
    chance.shuffle(shuffled)
    store = Store()
    for start in range(0, len(shuffled), size):
        assert "rejected" not in store.push(shuffled[start : start + size])
    best = winners(lines)
    assert {line_id: entry.wire for line_id, entry in store.lines.items()} == {
        line_id: canonical_json(line).decode() for line_id, line in best.items()
    }
    assert store.total == _sum(store.lines.values())
    losers = {canonical_json(line) for line in lines} - {canonical_json(line) for line in best.values()}
    assert len(store.kept) == len(losers)


def _sum(entries: Iterable[LineRow]) -> SetChecksum:
    total = SetChecksum()
    for entry in entries:
        total = total.with_digest(to_unsigned(entry.digest))
    return total


@given(st.lists(versions, min_size=1, max_size=8))
def test_numbers_only_rise(lines: list[Line]) -> None:
    """Every current line has a number of its own, and a line that is replaced gets a higher one."""
    store, before = Store(), 0
    for line in lines:
        store.push([line])
        numbers = [entry.seq for entry in store.lines.values()]
        assert len(set(numbers)) == len(numbers)
        assert max(numbers) >= before
        before = max(numbers)


OTHER, UNITS, STRANGER = new_id(), [new_id() for _ in range(2)], new_id()
ISSUES = {new_id(): place for place in (P, P, OTHER)}
GRANTS = [
    Grant("butler", P), Grant("lead_leader", P), Grant("department", None, UNITS[0]), Grant("principal_leader"),
    Grant("auditor"), Grant("supervision_office"), Grant("bureau"),
]  # fmt: skip
SAID: list[tuple[str, Mapping[str, object]]] = [
    ("visit", {"at": "2026-11-30T10:00:00+08:00", "how": "visit"}),
    ("assignment", {"role": "butler", "person_id": ME}),
    ("assignment", {"role": "stand_in", "person_id": STRANGER, "for_id": ME, "to_date": "2026-12-30"}),
    ("contact", {"phone": "13900000000", "person_id": ME}),
    ("contact", {"phone": "13900000000", "person_id": STRANGER}),
    ("of a newer version", {"act": "done"}),
    *[("issue_step", {"act": act}) for act in ("assigned", "accepted", "progress", "opinion", "returned", "reminded")],
    *[("issue_step", {"act": "resolved", "level": level}) for level in (1, 3)],
    *[("issue_step", {"act": act, "department_id": unit}) for act in ("disputed", "opinion") for unit in UNITS],
]  # fmt: skip


def new_lines(seed: int) -> list[Line]:
    """Lines that the central does not have, of every sort and of each issue, which some may write and others may not,
    in any order."""
    made = []
    for kind, body in SAID:
        for issue, place in ISSUES.items():
            at = None if kind == "contact" or body.get("role") == "stand_in" else place
            said = {**body, "issue_id": issue} if kind == "issue_step" else body
            for device, author, deleted in ((DEVICES[0], ME, False), (STRANGER, ME, False), (DEVICES[0], ME, True)):
                made.append(Line(new_id(), kind.replace(" ", "_"), at, NOW, device, author, deleted, said))
            made.append(Line(new_id(), kind.replace(" ", "_"), at, NOW, DEVICES[0], STRANGER, False, said))
    random.Random(seed).shuffle(made)
    return made


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("grant", GRANTS, ids=lambda grant: grant.role)
def test_who_may_write_a_new_line_does_not_depend_on_those_before_it(grant: Grant, seed: int) -> None:
    """In one push each line is accepted or rejected, with the same reason, as if it came alone: whichever of the lines
    before it the permissions cannot tell it from."""
    departments = random.Random(seed).sample([None, *UNITS], 3)
    owners = {
        f"i:{issue}": BucketOwner(f"i:{issue}", "i", place, department, (UNITS[1],))
        for (issue, place), department in zip(ISSUES.items(), departments, strict=True)
    }
    existing = ExistingState(owners, {}, {}, others_devices=frozenset({STRANGER}))
    pushed = [validate_line(orjson.loads(canonical_json(line)), system_clock_ms()) for line in new_lines(seed)]

    def batch() -> MergeBatch:
        numbers = count(1)
        return MergeBatch(CALLER._replace(grants=(grant,)), existing, ms_from_hlc(NOW), lambda: next(numbers))

    together = batch()
    assert [together.merge_line(line) for line in pushed] == [batch().merge_line(line) for line in pushed]
