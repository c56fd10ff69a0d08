"""hello at the central: is there news after the cursor, and are the checksums of the scope equal?"""

from __future__ import annotations

from store.ledger.buckets import SetChecksum
from sync.central.accounts import identity
from sync.central.accounts.authentication import Caller, DeviceReport
from sync.central.metrics import ROUNDS
from sync.central.request import RequestContext
from sync.protocol import PROTOCOL, HelloAnswer, HelloRequest, StampRepair
from sync.protocol.documents import SPOKEN


def answer_hello(context: RequestContext, request: HelloRequest) -> HelloAnswer:
    """News after the cursor, equality of the checksums, the epoch, and the central's time, from one snapshot; and
    whether that time is believed, for which the device's counts. A cursor that this central cannot have given in its
    present state begins a new epoch; a clock that was ahead and is right again, a repair of what it has stamped. Raises
    `Refusal` (401, 426)."""
    return greet(context, request)[0]


def greet(context: RequestContext, request: HelloRequest) -> tuple[HelloAnswer, Caller]:
    """The answer of `answer_hello`, and the caller as of its snapshot. Raises the same."""
    context.require_protocol(request.protocol)
    if request.program is not None:  # else an older device, or one that only looks whether the central is there
        keys = (request.keys.sign, request.keys.agree) if request.keys is not None else (None, None)
        said = (request.unsent, request.refused, request.offset_ms, *keys, request.judged)
        context.report = DeviceReport(request.program, *said)
    answer, is_set_back, caller = _answer(context, request)
    ROUNDS.labels(caller.district).inc()
    if answer.clock_doubtful:
        return answer, caller
    is_repaired = context.repair_clock(caller)
    if is_set_back:
        context.begin_epoch(request.cursor)
    if is_set_back or is_repaired:
        answer, _, caller = _answer(context, request)
    if answer.equal and caller.epoch_number > 1 and request.epoch == caller.epoch:
        context.note_equal(caller)
    return answer, caller


def _answer(context: RequestContext, request: HelloRequest) -> tuple[HelloAnswer, bool, Caller]:
    with context.read() as reads:
        cursor, total = reads.parse_cursor(request.cursor), reads.total_checksum()
        answer = HelloAnswer(
            protocol=PROTOCOL,
            time=context.now_ms(),
            news=reads.has_news(cursor),
            equal=total == SetChecksum(*request.agreed),
            central=reads.caller.central,
            lines=total.lines,
            epoch=reads.caller.epoch,
            devices=reads.own_devices(),
            key=identity.public_key(reads.caller.secret),
            roster=reads.roster_mark(),
            roles=sorted({grant.role for grant in reads.caller.grants}),
            exports=True,
            rotate=context.token_life.is_rotation_due(reads.caller),
            repairs=[StampRepair(**repair._asdict()) for repair in reads.caller.repairs],
            waiting=reads.waiting_decisions(),
            speaks=SPOKEN,
            agree=identity.agreement_key(reads.caller.secret),
            device_key=reads.caller.report and reads.caller.report.sign_key,
            card=reads.card(context.now_ms()) if request.card else None,
            judged=reads.judged_until(request.met) if request.met else {},
        )
        is_set_back, caller = reads.set_back(request.cursor) is not None, reads.caller
    off_ms = context.clock_doubt_ms(caller, request.time, request.offset_ms)
    return answer.model_copy(update={"clock_doubtful": off_ms is not None, "clock_off_ms": off_ms}), is_set_back, caller
