"""The invariants of a simulated district after its quiet rounds, whatever happened before.

1.  Every device's dump equals, byte for byte, the part of the central that its account's roles grant. While an
    officer has not yet decided about lines that the central rejected, only those lines may differ; in the end none
    do. (An earlier version brings nothing back to a central that was set back. What it has of others who are gone
    stays with it until the upgrade.)
2.  Every device's last round moved nothing and was verified; its checksums are those of the lines in its scope, also
    when recomputed; its stored issue states equal computed ones; the central's integrity check finds nothing.
3.  Nothing that an officer wrote is lost. What the ledger acknowledged is current or in a history on the device that
    it was written on. Where the scope was withdrawn since (perhaps before the line arrived, as late work), or the
    device's disk was replaced by a backup, it is at the central (a current line, or an older version) if the central
    ever accepted it; if it never did, its author had written the next version of the line on the same device, or the
    central had rejected it, or the disk was lost with it unsent. Officers may discard rejected lines. After a central
    was restored from an older copy, it receives what it had accepted since from the authors' devices, and only from
    them.
4.  The central never accepted a stamp more than two minutes ahead of its own time, nor more than its clock's bounds
    ahead of the true time.
5.  The current version of every line is the greatest, by `store.ledger.merge`, of all that the central ever accepted
    (and has not lost for good by the restore of an older copy, as in 3).
6.  A version never loses against one that its author had seen, nor does the merge rule prefer that one, whichever is
    current. No device shows a version again that it had shown replaced. (``causality.py``)
7.  After a central was restored from an older copy, whatever a device held then with a receipt, and was not lost with
    its disk since, is there again, current or as an older version, once the central knows that it was set back: by the
    command that did it, or by what any device proves. (What was accepted while its answer was lost, and replaced by its
    author since, nobody knows to have been accepted; it is in the history of its device, as in 3.)
8.  An issue keeps the close-out number that a device has shown, and no two issues have one number, unless the central
    says so. (After a restore an earlier version shows its numbers by pushing them, and others than its officer's own
    not before the upgrade.)
9.  Once the network is well, every device has sent what it has within three rounds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

import orjson

from store.domain.issue_lifecycle import compute_state
from store.ledger.buckets import SetChecksum
from store.ledger.line import Line, canonical_json, digest_of, parse_line
from store.writer.project_figures import wrong_project_figures
from store.writer.transaction import HELD
from sync.central.accounts.scope import Grant
from sync.central.admin import admin
from tests.simulation.causality import Version, content_of, misordered, overwritten, versions_of
from tests.simulation.laptop import Laptop
from tests.simulation.record import AcknowledgedWrite, Record, winners
from tests.simulation.world import World


def broken(world: World, *, all_decided: bool) -> list[str]:
    """Descriptions of the invariants that do not hold. ``all_decided``: no rejected line waits for its officer."""
    lines = central_lines(world)
    violations = [text for laptop in world.laptops for text in _device(world, laptop, lines, all_decided)]
    violations += _central(world, lines) if all_decided else ()
    violations += losses(world.record, what_remains(world, lines))
    lasting = world.record.lasting(world.central.versions())
    violations += not_greatest(lasting, lines)
    violations += overwritten(world.record.causal, lasting, lines)
    violations += misordered(world.record.causal, lasting)
    violations += [f"{name}: lines are unsent after three quiet rounds" for name in world.unsent]
    violations += world.record.went_back
    return violations + _regained(world) + list(_numbers(world, lines))


def central_lines(world: World) -> dict[str, Line]:
    """The central's current lines by id."""
    return {line.id: line for line in (_line(wire) for (wire,) in world.central.rows("line", "wire"))}


def _line(wire: str | bytes) -> Line:
    return parse_line(orjson.loads(wire))


# 1 and 2: the devices


def _device(world: World, laptop: Laptop, lines: dict[str, Line], all_decided: bool) -> Iterator[str]:
    granted = _granted_to(world, laptop.account, lines)
    waiting = laptop.waiting()
    kept = {line_id for line_id, state in waiting.items() if state == HELD and laptop.is_old}
    if all_decided and waiting.keys() - kept:
        yield f"{laptop.name}: {len(waiting)} lines still wait: {waiting}"
    held = laptop.lines()
    for line_id in sorted(granted.keys() | held.keys()):
        if line_id not in waiting and granted.get(line_id) != held.get(line_id):
            yield f"{laptop.name}: differs in {granted.get(line_id)} / {held.get(line_id)}"
    expected = sorted(canonical_json(line) for line_id, line in granted.items() if line_id not in kept)
    if all_decided and laptop.dump(kept) != expected:
        yield f"{laptop.name}: the dumps differ"
    if not laptop.at_rest:
        yield f"{laptop.name}: its last round was {laptop.last}"
    if laptop.ledger.total_checksum() != sum_of(granted):
        yield f"{laptop.name}: its sum is {laptop.ledger.total_checksum()}, not {sum_of(granted)}"
    if wrong := laptop.ledger.recompute_checksums():
        yield f"{laptop.name}: recounted {wrong}"
    yield from _states(laptop, held)
    if other := wrong_project_figures(laptop.ledger.database.connection()):
        yield f"{laptop.name}: the figures of {other} are not those of their lines"


def _states(laptop: Laptop, held: dict[str, Line]) -> Iterator[str]:
    steps = defaultdict(list)
    for line in held.values():
        if line.kind == "issue_step":
            steps[line.body["issue_id"]].append(line)
    fresh = {i: compute_state(line, steps[i]) for i, line in held.items() if line.kind == "issue" and not line.deleted}
    connection = laptop.ledger.database.connection()
    others = defaultdict(list)
    for issue, *co_handler in connection.execute("SELECT issue_id, department_id, owed FROM co_handler ORDER BY place"):
        others[issue].append(tuple(co_handler))
    rows = connection.execute("SELECT id, state, department_id FROM issue_state")
    kept = {row[0]: (row[1], row[2], others[row[0]]) for row in rows}
    computed = {
        line_id: (
            state.state,
            state.department_id,
            [(c.department_id, c.department_id in state.owed) for c in state.co_handlers],
        )
        for line_id, state in fresh.items()
    }
    if kept != computed:
        yield f"{laptop.name}: issue states {kept} are not {computed}"


def granted_lines(lines: dict[str, Line], grants: list[Grant]) -> dict[str, Line]:
    """The lines that these roles grant, computed from domain.md and not by the central's code."""
    steps = defaultdict(list)
    for line in lines.values():
        if line.kind == "issue_step":
            steps[line.body["issue_id"]].append(line)
    departments = {i: _departments_of(line, steps[i]) for i, line in lines.items() if line.kind == "issue"}
    return {i: line for i, line in lines.items() if any(_grants(grant, line, departments) for grant in grants)}


def _departments_of(issue: Line, steps: list[Line]) -> set[str | None]:
    state = compute_state(issue, steps)
    return {state.department_id, *(each.department_id for each in state.co_handlers)}


def _grants(grant: Grant, line: Line, departments: dict[str, set[str | None]]) -> bool:
    if line.kind == "contact":
        return grant.role not in ("supervision_office", "principal_leader")
    if grant.role in ("bureau", "supervision_office", "principal_leader") or line.kind in ("unit", "person"):
        return True
    if line.kind == "assignment" and line.project is None:
        return True
    if grant.role in ("butler", "lead_leader"):
        return line.project == grant.project
    if line.kind in ("project", "assignment"):
        return True
    root = line.id if line.kind == "issue" else line.body.get("issue_id")
    return line.kind in ("issue", "issue_step", "close_out") and grant.department in departments.get(str(root), ())


def _granted_to(world: World, account: str, lines: dict[str, Line]) -> dict[str, Line]:
    """The lines of the account's own district that its roles grant."""
    district = world.central.district_of(account)
    own = {row[0] for row in world.central.rows(f"line WHERE district = '{district}'", "id")}
    return granted_lines({i: line for i, line in lines.items() if i in own}, world.central.grants[account])


def sum_of(lines: dict[str, Line]) -> SetChecksum:
    """The checksum of these lines."""
    total = SetChecksum()
    for line in lines.values():
        total = total.with_digest(digest_of(canonical_json(line)))
    return total


# 2, 4, 5: the central


def _central(world: World, lines: dict[str, Line]) -> Iterator[str]:
    for district in world.central.districts:
        report = admin.check_integrity(world.central.folder, district=district)
        if report["damaged"] or report["buckets"] or report["total"]:
            yield f"the central's check found {report}"
        if breaks := admin.check_audit(world.central.folder, district=district).breaks:
            yield f"the audit's chain is broken: {breaks}"
    for line in world.record.ahead:
        yield f"taken although ahead of its time: {line}"
    for line_id in sorted(lines.keys() - world.record.accepted.keys()):
        if lines[line_id].kind not in ("close_out", "assignment"):  # the central's own
            yield f"nobody sent {lines[line_id]}"


def not_greatest(lasting: Iterable[Line], current: Mapping[str, Line]) -> Iterator[str]:
    """Lines whose current version is not the greatest of those that the central took and has not lost."""
    for line_id, winner in winners(lasting).items():
        if line_id not in current or content_of(current[line_id]) != content_of(winner):
            yield f"not the greatest that was taken: {current.get(line_id)}, but {winner}"


# 7 and 8: after the central was set back


def _regained(world: World) -> list[str]:
    missing = world.record.expected_back(world.central.epoch) - versions_of(world.central.versions())
    return [f"{name} held what did not come back: {it}" for name, it in sorted(world.record.to_return) if it in missing]


def _numbers(world: World, lines: dict[str, Line]) -> Iterator[str]:
    given = world.record.issue_numbers()
    for line in lines.values():
        if line.kind == "close_out":
            given.setdefault(str(line.body["issue_id"]), set()).add(str(line.body["number"]))
    yield from number_violations(given, world.central.doubled_numbers())


def number_violations(given: Mapping[str, set[str]], told: Collection[str]) -> Iterator[str]:
    """Issues with several numbers, and numbers of several issues that the bureau is not ``told`` of. ``given``: all
    numbers that each issue has ever shown."""
    issues = defaultdict(set)
    for issue, numbers in given.items():
        if len(numbers) > 1:
            yield f"issue {issue} has had the numbers {sorted(numbers)}"
        for number in numbers:
            issues[number].add(issue)
    yield from (f"{number} was given to {ids}" for number, ids in issues.items() if len(ids) > 1 and number not in told)


# 3: what people wrote


class Remains(NamedTuple):
    """All versions that are left in the end, at the central and on each device; the (account, bucket) that ever left
    an account's scope; the lines at the central that each account may read."""

    at_central: set[Version]
    on_devices: Mapping[str, set[Version]]
    withdrawn: set[tuple[str, str]]
    granted: Mapping[str, Collection[str]]


def what_remains(world: World, lines: dict[str, Line]) -> Remains:
    """What is left in a simulated district."""
    at_central = versions_of(world.central.versions())
    on_devices = {laptop.name: laptop.versions() for laptop in world.laptops}
    granted = {account: _granted_to(world, account, lines) for account in world.central.grants}
    return Remains(at_central, on_devices, world.record.withdrawn | world.central.withdrawals(), granted)


def losses(record: Record, remains: Remains) -> list[str]:
    """Acknowledged writes that nobody can restore, and have no excuse."""
    accepted = versions_of(line for versions in record.accepted.values() for line in versions.values())
    lost = []
    for written in record.written:
        version = (written.line, written.content)
        if version in remains.on_devices.get(written.laptop, set()):
            continue
        excused = (written.account, written.bucket) in remains.withdrawn or written.n in record.lost_with_disk
        excused |= written.line not in remains.granted[written.account]
        safe = version in remains.at_central if version in accepted else _may_be_gone(record, written)
        safe |= version in record.lost_at_central
        if (written.laptop, written.line) not in record.given_up and not (excused and safe):
            lost.append(f"lost: {written}, withdrawn or restored: {excused}, accepted: {version in accepted}")
    return lost


def _may_be_gone(record: Record, written: AcknowledgedWrite) -> bool:
    """Whether a version that the central never accepted may be missing: its disk was lost, the central rejected it, or
    its author wrote the next one on the same device."""
    if written.n in record.lost_with_disk or (written.line, written.content) in record.refused:
        return True
    later = record.written[written.n + 1 :]
    return any((write.laptop, write.line) == (written.laptop, written.line) for write in later)
