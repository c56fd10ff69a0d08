"""evidence at the central: versions with the proof that they were taken in, and the seal of a package of them."""

from __future__ import annotations

import orjson

from store.ledger.line import derived_id
from sync.admin_protocol import ExportInfo
from sync.central.accounts import identity
from sync.central.exceptions import Refusal
from sync.central.request import RequestContext
from sync.protocol.evidence.package import EvidenceRequest, SealAnswer, SealRequest, SealText, canonical, seal_message

AUDITED = "evidence"
"""What the audit calls a package that was sealed, among the exports."""


def answer_evidence(context: RequestContext, request: EvidenceRequest) -> bytes:
    """Every version of those of the lines that are in the caller's scope, as an `EvidenceAnswer`. Of lines that are
    missing or out of scope nothing is said. Raises `Refusal` (401)."""
    with context.read() as reads:
        log = reads.intake
        versions = reads.versions_of(request.lines)
        size = log.tail.size if request.size is None else min(request.size, log.tail.size)
        proofs = log.proofs([version.accepted for version in versions], size)
        signed = log.signed_head()
    told = [
        {
            "line": orjson.Fragment(version.accepted.wire),
            "received_at": version.received_at,
            "reason": version.reason,
            "proof": None if proof is None else proof.model_dump(),
        }
        for version, proof in zip(versions, proofs, strict=True)
    ]
    return orjson.dumps({"signed": signed.model_dump(), "versions": told})


def answer_seal(context: RequestContext, request: SealRequest) -> SealAnswer:
    """Sign a manifest that the caller has made of a line in their scope, and record it in the audit, once for each
    manifest. Raises `Refusal` (401, 404, 503)."""
    with context.read() as reads:
        if not reads.history(request.of):
            raise Refusal(404, "not_found", "no such line in your scope")
    caller, now = context.caller(), context.now_ms()
    export = ExportInfo(
        id=derived_id(caller.district, AUDITED, request.manifest), at=now, what=AUDITED, file_kind="zip",
        rows=request.versions,
    )  # fmt: skip
    with context.write(caller) as transaction:
        transaction.record_exports([export])
    text = SealText(
        district=caller.district,
        manifest=request.manifest,
        subject=request.subject,
        of=request.of,
        person=caller.person,
        name=caller.name,
        device=caller.device,
        at=now,
    )
    said = canonical(text.model_dump()).decode()
    return SealAnswer(text=said, signature=identity.sign(caller.secret, seal_message(said)))
