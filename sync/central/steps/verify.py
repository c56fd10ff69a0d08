"""The central half of verify: which checksums differ, by group and then by bucket."""

from __future__ import annotations

from collections.abc import Mapping

from store.ledger.buckets import SetChecksum
from sync.central.accounts.accounts import Caller
from sync.central.request import RequestContext
from sync.protocol import VerifyAnswer, VerifyRequest, WireChecksum


def answer_verify(context: RequestContext, request: VerifyRequest) -> VerifyAnswer:
    """The central half. Before it says that a bucket differs it makes sure that its own sums are right."""
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
    with context.read() as view:
        if view.has_news(view.parse_cursor(request.cursor)):
            return VerifyAnswer(news=True, differ=[]), view.caller
        if request.buckets is None:
            return VerifyAnswer(
                news=False, differ=_differing(request.groups or {}, view.group_checksums())
            ), view.caller
        named = list(request.buckets)
        hidden = view.out_of_scope([name for name, theirs in request.buckets.items() if any(theirs)])
        differ = _differing(request.buckets, view.bucket_checksums(request.within, named))
        answer = VerifyAnswer(news=False, differ=[n for n in differ if n not in hidden], dropped=sorted(hidden))
        return answer, view.caller


def _differing(theirs: Mapping[str, WireChecksum], ours: Mapping[str, SetChecksum]) -> list[str]:
    """Names whose sums differ; what one side has not is empty there."""
    names = {*theirs, *ours}
    return sorted(name for name in names if SetChecksum(*theirs.get(name, ())) != ours.get(name, SetChecksum()))
