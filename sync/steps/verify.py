"""verify on the device: a round ends by comparing checksums; only the buckets that differ are fetched again.

The checksum of the whole scope is part of hello; those of 256 groups, then of the buckets within the groups that
differ, locate a difference (decision 6). Buckets that left the scope without an event, as when a central was restored
from an older backup, are named too, and deleted. The central's side is ``sync/central/steps/verify.py``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from store.ledger.buckets import bucket_group
from sync.device.device import Device
from sync.exceptions import NotTheCentral
from sync.protocol import ClaimedOwner, HelloAnswer, VerifyAnswer, VerifyRequest, WireChecksum
from sync.protocol.calls import Central
from sync.round_stats import RoundStats
from sync.steps.fetch import fetch, repair_buckets
from sync.steps.heal import send_held, send_versions
from sync.steps.hello import hello
from sync.steps.pull import pull
from sync.steps.twins import push_as_own_device

BYTES_PER_BUCKET = 250
"""About what the name, checksum and owner of a bucket take in a request."""
MAX_COMPARISONS = 4
"""Others may write during a comparison; after this many the next round continues."""


async def verify(device: Device, central: Central, stats: RoundStats, hello_answer: HelloAnswer | None) -> None:
    """Compare, and repair what differs. ``hello_answer`` is that of this round's hello if no line moved since."""
    for _ in range(MAX_COMPARISONS):
        stats.begin_step("verify")
        answer = hello_answer or await hello(device, central, stats)
        hello_answer = None
        if answer.news:
            await pull(device, central, stats)
            await fetch(device, central, stats)
        elif answer.equal:
            stats.verified, stats.differing_buckets = True, ()
            return
        elif not await _repair_differences(device, central, stats):
            return


def _claimed_owners(device: Device, buckets: list[str]) -> dict[str, ClaimedOwner]:
    """Whose the issues and procedures are by what this device knows: the central does not say which it has."""
    owners = device.ledger.bucket_owners(buckets)
    return {
        bucket: ClaimedOwner(project=owner.project, department=owner.department, co_handlers=list(owner.co_handlers))
        for bucket, owner in owners.items()
    }


async def _repair_differences(device: Device, central: Central, stats: RoundStats) -> bool:
    """Find what differs, fetch it, and push what the central lacks. Checksums of this store are recomputed first, since
    its own rows may be damaged. Gives False when nothing changed, as with a line that cannot be read here."""
    recomputed = await device.run_in_store(device.ledger.recompute_checksums)
    before = (stats.pulled, stats.pushed, stats.superseded)
    cursor = (await device.facts()).get("cursor") or None
    checksums = await device.run_in_store(device.ledger.group_checksums)
    groups = await central.verify(VerifyRequest(cursor=cursor, groups=dict(checksums)))
    if groups.news or not groups.differ:
        return True
    buckets = await _compare_buckets(device, central, stats, cursor, groups.differ)
    if buckets.news:
        return True
    stats.differing_buckets = buckets.differ
    unknown = await device.run_in_store(device.ledger.buckets_of_unknown_kinds)
    dropped = [bucket for bucket in buckets.dropped if bucket not in unknown]
    if dropped:
        if stats.can_heal:  # what is deleted here may be the last copy
            if stats.central_clock_off_ms is not None:
                return False
            refs = await device.run_in_store(device.ledger.versions_in_buckets, dropped)
            if not await send_versions(device, central, stats, refs, (await device.facts()).get("epoch")):
                return False
        await device.run_in_store(device.ledger.merge, [], dropped=dropped)

    async def nothing_new() -> bool:
        return not (await hello(device, central, stats)).news

    if not await repair_buckets(device, central, stats, buckets.differ, still_valid=nothing_new):
        return True
    await send_held(device, central, stats)
    await push_as_own_device(device, central, stats)
    if stats.can_heal and stats.central_clock_off_ms is None and not stats.blocked:
        stats.offered_buckets.update(buckets.differ)
    return bool(recomputed or dropped) or (stats.pulled, stats.pushed, stats.superseded) != before


async def _compare_buckets(
    device: Device, central: Central, stats: RoundStats, cursor: str | None, groups: list[str]
) -> VerifyAnswer:
    """Which buckets of these groups differ, asked for in parts that the line carries. Once a bucket was offered nothing
    is claimed of it: the central has had its lines by then, and knows better whose it is."""
    checksums = await device.run_in_store(device.ledger.bucket_checksums, groups)
    most = max(1, device.page_limits.max_bytes // BYTES_PER_BUCKET)
    differ: list[str] = []
    dropped: list[str] = []
    for within in _parts(groups, Counter(map(bucket_group, checksums)), most):
        buckets: dict[str, WireChecksum] = {
            bucket: sums for bucket, sums in checksums.items() if bucket_group(bucket) in within
        }
        claimed = [name for name in buckets if name not in stats.offered_buckets]
        owners = await device.run_in_store(_claimed_owners, device, claimed)
        answer = await central.verify(VerifyRequest(cursor=cursor, buckets=buckets, within=within, owners=owners))
        if answer.news:
            return answer
        if not buckets.keys() >= set(answer.dropped):
            raise NotTheCentral(central="", detail="it sent lines that were not asked for")
        differ += answer.differ
        dropped += answer.dropped
    return VerifyAnswer(news=False, differ=sorted(differ), dropped=sorted(dropped))


def _parts(groups: list[str], sizes: Counter[str], most: int) -> Iterator[list[str]]:
    """The groups in parts of about ``most`` buckets, one group at least."""
    part: list[str] = []
    for group in groups:
        if part and sum(sizes[each] for each in part) + sizes[group] > most:
            yield part
            part = []
        part.append(group)
    if part:
        yield part
