"""The central half of verify: which checksums differ, by group and then by bucket."""

from __future__ import annotations

from collections.abc import Mapping

from store.ledger.buckets import Sum
from sync.central.accounts.accounts import Caller
from sync.central.request import Desk
from sync.protocol import Sums, VerifyAnswer, VerifyRequest


def answer_verify(desk: Desk, request: VerifyRequest) -> VerifyAnswer:
    """The central half. Before it says that a bucket differs it makes sure that its own sums are right."""
    answer, caller = _compare(desk, request)
    if answer.news or (request.buckets is None and answer.differ):
        return answer
    if request.buckets is None:
        desk.settle(caller)
    elif answer.differ:
        desk.recheck(caller, answer.differ)
        return _compare(desk, request)[0]
    return answer


def _compare(desk: Desk, request: VerifyRequest) -> tuple[VerifyAnswer, Caller]:
    with desk.reading() as view:
        if view.has_news(view.cursor(request.cursor)):
            return VerifyAnswer(news=True, differ=[]), view.caller
        if request.buckets is None:
            return VerifyAnswer(news=False, differ=_differing(request.groups or {}, view.groups())), view.caller
        named = list(request.buckets)
        hidden = view.hidden([name for name, theirs in request.buckets.items() if any(theirs)])
        differ = _differing(request.buckets, view.buckets(request.within, named))
        answer = VerifyAnswer(news=False, differ=[n for n in differ if n not in hidden], dropped=sorted(hidden))
        return answer, view.caller


def _differing(theirs: Mapping[str, Sums], ours: Mapping[str, Sum]) -> list[str]:
    """Names whose sums differ; what one side has not is empty there."""
    names = {*theirs, *ours}
    return sorted(name for name in names if Sum(*theirs.get(name, ())) != ours.get(name, Sum()))
