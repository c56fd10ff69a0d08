"""verify at the central: which checksums differ, by group and then by bucket."""

from __future__ import annotations

from collections.abc import Mapping

from store.ledger.buckets import SetChecksum
from sync.central.accounts.authentication import Caller
from sync.central.request import RequestContext
from sync.protocol import VerifyAnswer, VerifyRequest, WireChecksum


def answer_verify(context: RequestContext, request: VerifyRequest) -> VerifyAnswer:
    """What differs. Before it answers that a bucket differs it checks and repairs its own checksums. Raises `Refusal`
    (401)."""
    answer, caller = _compare(context, request)
    if answer.news or (request.buckets is None and answer.differ):
        return answer
    if request.buckets is None:
        context.repair_total(caller)
    elif answer.differ:
        context.check_buckets(caller, answer.differ)
        return _compare(context, request)[0]
    return answer


def _compare(context: RequestContext, request: VerifyRequest) -> tuple[VerifyAnswer, Caller]:
    with context.read() as reads:
        if reads.has_news(reads.parse_cursor(request.cursor)):
            return VerifyAnswer(news=True, differ=[]), reads.caller
        if request.buckets is None:
            differ = _differing(request.groups or {}, reads.group_checksums())
            return VerifyAnswer(news=False, differ=differ), reads.caller
        hidden = reads.out_of_scope([name for name, theirs in request.buckets.items() if any(theirs)])
        differ = _differing(request.buckets, reads.bucket_checksums(request.within, list(request.buckets)))
        answer = VerifyAnswer(news=False, differ=[n for n in differ if n not in hidden], dropped=sorted(hidden))
        return answer, reads.caller


def _differing(theirs: Mapping[str, WireChecksum], ours: Mapping[str, SetChecksum]) -> list[str]:
    """Names whose checksums differ; a name that one side lacks counts as empty there."""
    names = {*theirs, *ours}
    return sorted(name for name in names if SetChecksum(*theirs.get(name, ())) != ours.get(name, SetChecksum()))
