"""verify at the central: which checksums differ, by group and then by bucket.

It does not say who serves a project whose buckets are dropped, as pull does: buckets are dropped here because the
device names them, and whoever names a project that was never theirs must learn nothing of it. The device deletes them
and tells that the project has left, so nobody goes on believing that it is theirs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from store.ledger.buckets import Area, SetChecksum
from sync.central.accounts.authentication import Caller
from sync.central.accounts.scope import BucketOwner, covers
from sync.central.request import RequestContext
from sync.protocol import ClaimedOwner, VerifyAnswer, VerifyRequest, WireChecksum


class Comparison(NamedTuple):
    """The answer, the caller, and those of the differing buckets that the central has in the caller's scope."""

    answer: VerifyAnswer
    caller: Caller
    own: list[str]


def answer_verify(context: RequestContext, request: VerifyRequest) -> VerifyAnswer:
    """What differs. Before it answers that a bucket differs it checks and repairs its own checksums; of buckets that
    are hidden or missing it does nothing, so that neither answer nor duration tells which. Raises `Refusal` (401)."""
    answer, caller, own = _compare(context, request)
    if answer.news or (request.buckets is None and answer.differ):
        return answer
    if request.buckets is None:
        context.repair_total(caller)
    elif own:
        context.check_buckets(caller, own)
        return _compare(context, request).answer
    return answer


def _compare(context: RequestContext, request: VerifyRequest) -> Comparison:
    with context.read() as reads:
        if reads.has_news(reads.parse_cursor(request.cursor)):
            return Comparison(VerifyAnswer(news=True, differ=[]), reads.caller, [])
        if request.buckets is None:
            differ = _differing(request.groups or {}, reads.group_checksums())
            return Comparison(VerifyAnswer(news=False, differ=differ), reads.caller, [])
        ours = reads.bucket_checksums(request.within, list(request.buckets))
        differ = _differing(request.buckets, ours)
        dropped = [name for name in differ if name not in ours and not _may_have(reads.caller, name, request.owners)]
        answer = VerifyAnswer(news=False, differ=[name for name in differ if name not in dropped], dropped=dropped)
        return Comparison(answer, reads.caller, [name for name in differ if name in ours])


def _may_have(caller: Caller, bucket: str, claims: Mapping[str, ClaimedOwner] | None) -> bool:
    """Whether a bucket that is not among those in scope would be, judged by its name and by what the device claims:
    never by what the central has, so that hidden and missing look alike. What the caller may have is sent again, as
    after the restore of a backup. A device that claims nothing, of an older version, deletes nothing on a guess."""
    area, _, root = bucket.partition(":")
    if area in (Area.HEAD, Area.BODY):
        owner = BucketOwner(bucket, area, root, None)
    elif area in (Area.ISSUE, Area.PROCEDURE) and claims is None:
        return True
    else:
        claim = (claims or {}).get(bucket) or ClaimedOwner()
        owner = BucketOwner(bucket, area, claim.project, claim.department, tuple(claim.co_handlers))
    return any(covers(grant, owner) for grant in caller.grants)


def _differing(theirs: Mapping[str, WireChecksum], ours: Mapping[str, SetChecksum]) -> list[str]:
    """Names whose checksums differ; a name that one side lacks counts as empty there."""
    names = {*theirs, *ours}
    return sorted(name for name in names if SetChecksum(*theirs.get(name, ())) != ours.get(name, SetChecksum()))
