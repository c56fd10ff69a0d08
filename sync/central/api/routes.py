"""The endpoints of protocols 1 and 2. A route decodes the request and calls its step (``sync/central/steps``); the
request context authenticates and authorises."""

from __future__ import annotations

from anyio import to_thread
from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from store.ledger.line import is_id
from sync import protocol
from sync.admin_protocol import EXPORTS, ExportsAnswer, ExportsRequest
from sync.central.api.answering import ERRORS, ContextDep, answer, answer_sent_bytes, answer_with_bytes
from sync.central.api.bodies import parse_exchange, parse_heal, parse_push, parse_request, parse_sent_bytes
from sync.central.api.change_feed import Subscriber
from sync.central.api.openapi import RAW_BODY, request_body
from sync.central.api.wire import BUCKET_NAMES, CHECKSUMS, FILES, LINES, PARTS
from sync.central.bundles import BundleResponder, answer_handed_in
from sync.central.exceptions import Refusal
from sync.central.steps.authority import answer_authority
from sync.central.steps.blobs import answer_get, answer_put, answer_read, answer_send, answer_states
from sync.central.steps.come_back import answer_return
from sync.central.steps.evidence import answer_evidence, answer_seal
from sync.central.steps.exchange import answer_exchange
from sync.central.steps.exports import answer_exports
from sync.central.steps.fetch import answer_fetch
from sync.central.steps.heal import answer_heal
from sync.central.steps.hello import answer_hello
from sync.central.steps.history import answer_history
from sync.central.steps.identity import answer_identity
from sync.central.steps.intake import answer_intake
from sync.central.steps.invitation import answer_invitation
from sync.central.steps.join import answer_join
from sync.central.steps.pull import answer_pull
from sync.central.steps.push import answer_push
from sync.central.steps.renew import answer_renew
from sync.central.steps.roster import answer_roster
from sync.central.steps.rotate import answer_rotate
from sync.central.steps.verify import answer_verify
from sync.protocol.authority import AUTHORITY, AuthorityAnswer, AuthorityRequest
from sync.protocol.blobs import (
    BLOB_GET,
    BLOB_PUT,
    BLOB_READ,
    BLOB_SEND,
    BLOB_STATES,
    BlobGetAnswer,
    BlobGetRequest,
    BlobPutAnswer,
    BlobPutRequest,
    BlobReadRequest,
    BlobStatesAnswer,
    BlobStatesRequest,
)
from sync.protocol.carried import BUNDLE, MAX_CARRIED_BYTES, HandedInAnswer, HandedInRequest
from sync.protocol.documents import EXCHANGE, ExchangeAnswer, ExchangeMessage
from sync.protocol.evidence.package import EVIDENCE, SEAL, EvidenceAnswer, EvidenceRequest, SealAnswer, SealRequest
from sync.protocol.intake import INTAKE, IntakeAnswer, IntakeRequest

router = APIRouter(responses=ERRORS)


@router.post(
    protocol.JOIN, summary="Trade a one-time code for a device token",
    response_model=protocol.JoinAnswer, openapi_extra=request_body(protocol.JoinRequest),
)  # fmt: skip
async def join(request: Request, context: ContextDep) -> Response:
    """Enrols a device. A code is valid once, as long as its maker said; attempts are rate limited."""
    return await answer(
        request,
        context,
        lambda body: answer_join(context, parse_request(protocol.JoinRequest, body)),
        needs_token=False,
    )


@router.post(
    protocol.INVITATION, summary="Whom a one-time code is for, without using it",
    response_model=protocol.InvitationAnswer, openapi_extra=request_body(protocol.InvitationRequest),
)  # fmt: skip
async def invitation(request: Request, context: ContextDep) -> Response:
    """For who holds the code, so that a home is not joined as another person's by mistake. Limited as joining is."""
    return await answer(
        request,
        context,
        lambda body: answer_invitation(context, parse_request(protocol.InvitationRequest, body)),
        needs_token=False,
    )


@router.post(
    protocol.IDENTITY, summary="Prove who answers, before a token is sent",
    response_model=protocol.IdentityAnswer, openapi_extra=request_body(protocol.IdentityRequest),
)  # fmt: skip
async def identity(request: Request, context: ContextDep) -> Response:
    """Signs a random number with the central's key. 404 where it does not serve the district."""
    return await answer(
        request,
        context,
        lambda body: answer_identity(context, parse_request(protocol.IdentityRequest, body)),
        needs_token=False,
    )


@router.post(
    AUTHORITY, summary="Name the authority of this central's certificate, signed with its key",
    response_model=AuthorityAnswer, openapi_extra=request_body(AuthorityRequest),
)  # fmt: skip
async def authority(request: Request, context: ContextDep) -> Response:
    """For a device that has the pin of the key and trusts no authority yet. 404 where no district has it."""
    database = request.app.state.database
    return await answer(
        request,
        context,
        lambda body: answer_authority(database, parse_request(AuthorityRequest, body)),
        needs_token=False,
    )


@router.post(
    protocol.HELLO, summary="Say where the device stands; the whole round when nothing happened",
    response_model=protocol.HelloAnswer, openapi_extra=request_body(protocol.HelloRequest),
)  # fmt: skip
async def hello(request: Request, context: ContextDep) -> Response:
    """Is there news after the cursor, and are the checksums of the scope equal?"""
    return await answer(
        request, context, lambda body: answer_hello(context, parse_request(protocol.HelloRequest, body))
    )


@router.post(
    BUNDLE, summary="Hand in the bundle of another device, which has no network",
    response_model=HandedInAnswer, openapi_extra=request_body(HandedInRequest),
)  # fmt: skip
async def bundle(request: Request, context: ContextDep) -> Response:
    """Answers it by a bundle that only its writer can open, or says why not."""
    state = request.app.state
    responder = BundleResponder(
        state.database, state.clock_ms, state.clock_is_synchronised, state.limits, state.random_bytes, MAX_CARRIED_BYTES
    )
    responder.objects = state.objects
    return await answer(
        request, context, lambda body: answer_handed_in(context, responder, parse_request(HandedInRequest, body)), FILES
    )


@router.post(
    EXCHANGE, summary="A round in one message and one answer",
    response_model=ExchangeAnswer, openapi_extra=request_body(ExchangeMessage),
)  # fmt: skip
async def exchange(request: Request, context: ContextDep) -> Response:
    """Protocol 2: hello, push and pull in one, by the same rules. Idempotent."""
    return await answer(request, context, lambda body: answer_exchange(context, *parse_exchange(body)), LINES)


@router.post(
    protocol.PUSH, summary="Send unsent lines; one outcome a line, in order",
    response_model=protocol.PushAnswer, openapi_extra=request_body(protocol.PushRequest),
)  # fmt: skip
async def push(request: Request, context: ContextDep) -> Response:
    """Idempotent: lines that were pushed before get the same outcome."""
    return await answer(request, context, lambda body: answer_push(context, *parse_push(body)), LINES)


@router.post(
    protocol.PULL, summary="The next page of lines after a cursor, in commit order",
    response_model=protocol.PullAnswer, openapi_extra=request_body(protocol.PullRequest),
)  # fmt: skip
async def pull(request: Request, context: ContextDep) -> Response:
    """Lines of other devices, and the buckets that entered or left the scope up to the same place."""
    return await answer(request, context, lambda body: answer_pull(context, parse_request(protocol.PullRequest, body)))


@router.post(
    protocol.FETCH, summary="Whole buckets, paged, in byte order of their names",
    response_model=protocol.FetchAnswer, openapi_extra=request_body(protocol.FetchRequest),
)  # fmt: skip
async def fetch(request: Request, context: ContextDep) -> Response:
    """For backfill and repair. A bucket out of scope looks like an empty one."""
    return await answer(
        request, context, lambda body: answer_fetch(context, parse_request(protocol.FetchRequest, body)), BUCKET_NAMES
    )


@router.post(
    protocol.VERIFY, summary="Compare set-digests, by group, then by bucket",
    response_model=protocol.VerifyAnswer, openapi_extra=request_body(protocol.VerifyRequest),
)  # fmt: skip
async def verify(request: Request, context: ContextDep) -> Response:
    """Names what differs; if there is news after the cursor it says only that."""
    return await answer(
        request, context, lambda body: answer_verify(context, parse_request(protocol.VerifyRequest, body)), CHECKSUMS
    )


@router.post(
    protocol.HEAL, summary="Bring back what a central that was set back has lost",
    response_model=protocol.HealAnswer, openapi_extra=request_body(protocol.HealRequest),
)  # fmt: skip
async def heal(request: Request, context: ContextDep) -> Response:
    """Idempotent. Versions are taken in with this central's own receipts; others wait for the bureau."""
    return await answer(request, context, lambda body: answer_heal(context, *parse_heal(body)), LINES)


@router.post(
    INTAKE, summary="The head of the log of what was taken in, and that it begins with what the device knows",
    response_model=IntakeAnswer, openapi_extra=request_body(IntakeRequest),
)  # fmt: skip
async def intake(request: Request, context: ContextDep) -> Response:
    """For a device that knows the log of another epoch; an exchange has the same for all others."""
    return await answer(
        request, context, lambda body: answer_intake(context, parse_request(IntakeRequest, body)), CHECKSUMS
    )


@router.post(
    EVIDENCE, summary="Versions with the proof that they were taken in",
    response_model=EvidenceAnswer, openapi_extra=request_body(EvidenceRequest),
)  # fmt: skip
async def evidence(request: Request, context: ContextDep) -> Response:
    """For a package of evidence. A line out of scope looks like a missing one."""
    return await answer(
        request, context, lambda body: answer_evidence(context, parse_request(EvidenceRequest, body)), BUCKET_NAMES
    )


@router.post(
    SEAL, summary="The central's signature of a package's manifest",
    response_model=SealAnswer, openapi_extra=request_body(SealRequest),
)  # fmt: skip
async def seal(request: Request, context: ContextDep) -> Response:
    """It says who showed the manifest when, and is in the audit. 404 for a line that is missing or out of scope."""
    return await answer(request, context, lambda body: answer_seal(context, parse_request(SealRequest, body)))


@router.post(
    protocol.ROSTER, summary="What a device keeps for a central that is set back", response_model=protocol.RosterAnswer,
    openapi_extra=request_body(protocol.RosterRequest),
)  # fmt: skip
async def roster(request: Request, context: ContextDep) -> Response:
    """Accounts, roles and devices, sealed: the whole district's for the bureau, else those of the device's account."""
    return await answer(request, context, lambda _body: answer_roster(context))


@router.post(
    protocol.RETURN, summary="A device that a restored central does not know shows what it keeps for it",
    response_model=protocol.ReturnAnswer, openapi_extra=request_body(protocol.ReturnRequest),
)  # fmt: skip
async def come_back(request: Request, context: ContextDep) -> Response:
    """401 unless this central has sealed it for this very device and token. Limited as refused tokens are."""
    return await answer(
        request,
        context,
        lambda body: answer_return(context, parse_request(protocol.ReturnRequest, body)),
        needs_token=False,
    )


@router.post(
    protocol.RENEW, summary="A copied or restored store becomes a device of its own",
    response_model=protocol.RenewAnswer, openapi_extra=request_body(protocol.RenewRequest),
)  # fmt: skip
async def renew(request: Request, context: ContextDep) -> Response:
    """A token for another device of the same account."""
    return await answer(
        request, context, lambda body: answer_renew(context, parse_request(protocol.RenewRequest, body))
    )


@router.post(
    EXPORTS, summary="What was exported from the device, for the audit",
    response_model=ExportsAnswer, openapi_extra=request_body(ExportsRequest),
)  # fmt: skip
async def exports(request: Request, context: ContextDep) -> Response:
    """Idempotent: an export that is in the audit is told to be taken."""
    return await answer(
        request, context, lambda body: answer_exports(context, parse_request(ExportsRequest, body)), CHECKSUMS
    )


@router.post(
    BLOB_STATES, summary="What the central has of the bytes of attachments",
    response_model=BlobStatesAnswer, openapi_extra=request_body(BlobStatesRequest),
)  # fmt: skip
async def blob_states(request: Request, context: ContextDep) -> Response:
    """Bytes are named by a line in scope; others look as if they were not there."""
    return await answer(
        request, context, lambda body: answer_states(context, parse_request(BlobStatesRequest, body)), BUCKET_NAMES
    )


@router.post(
    BLOB_PUT, summary="A part of the bytes of an attachment",
    response_model=BlobPutAnswer, openapi_extra=request_body(BlobPutRequest),
)  # fmt: skip
async def blob_put(request: Request, context: ContextDep) -> Response:
    """Idempotent: a part counts once. What is complete is checked, and thrown away where it is something else."""
    return await answer(request, context, lambda body: answer_put(context, parse_request(BlobPutRequest, body)), PARTS)


@router.post(
    BLOB_GET, summary="Read a part of the bytes of an attachment",
    response_model=BlobGetAnswer, openapi_extra=request_body(BlobGetRequest),
)  # fmt: skip
async def blob_get(request: Request, context: ContextDep) -> Response:
    """Of bytes that are here whole, and named by a line in scope."""
    return await answer(request, context, lambda body: answer_get(context, parse_request(BlobGetRequest, body)))


@router.post(
    BLOB_SEND, summary="Parts of the bytes of an attachment, as they are",
    response_model=BlobPutAnswer, openapi_extra=RAW_BODY,
)  # fmt: skip
async def blob_send(request: Request, context: ContextDep) -> Response:
    """As put; the body is a head in JSON, a line feed and the bytes. Of one that is cut off the whole parts count."""
    return await answer_sent_bytes(request, context, lambda body: answer_send(context, *parse_sent_bytes(body)))


@router.post(
    BLOB_READ, summary="Read parts of the bytes of an attachment, as they are",
    response_model=BlobGetAnswer, openapi_extra=request_body(BlobReadRequest),
)  # fmt: skip
async def blob_read(request: Request, context: ContextDep) -> Response:
    """As get; eight bytes say how many there are in all, then they follow (application/octet-stream)."""
    return await answer_with_bytes(
        request, context, lambda body: answer_read(context, parse_request(BlobReadRequest, body))
    )


@router.post(
    protocol.ROTATE, summary="Another token for the same device, in the place of the present one",
    response_model=protocol.RenewAnswer, openapi_extra=request_body(protocol.RotateRequest),
)  # fmt: skip
async def rotate(request: Request, context: ContextDep) -> Response:
    """Both are good until the new one is first used."""
    return await answer(request, context, lambda _body: answer_rotate(context))


@router.get(
    protocol.HISTORY + "/{line_id}",
    summary="The versions of a line that the central keeps",
    response_model=protocol.HistoryAnswer,
)
async def history(line_id: str, request: Request, context: ContextDep) -> Response:
    """404 for a line that is missing or out of scope."""

    def history_of(_: bytes) -> bytes:
        versions = answer_history(context, line_id) if is_id(line_id) else None
        if versions is None:
            raise Refusal(404, "not_found", "no such line in your scope")
        return versions

    return await answer(request, context, history_of)


@router.get(protocol.LIVE, summary="Hints over server-sent events", response_class=StreamingResponse)
async def live(request: Request, context: ContextDep) -> Response:
    """An event `hint` when something in the account's scope has changed; comments keep the connection alive."""

    def subscribe() -> Subscriber:
        context.caller()  # for the life of its token
        subscribed: Subscriber = request.app.state.change_feed.subscribe(context.token)
        return subscribed

    subscriber = await to_thread.run_sync(context.run_rate_limited, subscribe)
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(
        request.app.state.change_feed.stream(subscriber), media_type="text/event-stream", headers=headers
    )
