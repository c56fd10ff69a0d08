"""Bundles at the central: a message or a join that came as a file is answered by a file.

The documents in it are answered by the same steps as over a network (``sync/central/steps``), as one device would have
sent them one after the other, then what is left to pull and the buckets that were granted. Answering twice changes
nothing twice. What says that the central is not able now (its clock, its disk) leaves no answer: the message can be
answered later. What refuses the device is its answer. The device's side is ``sync/steps/carried.py``.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import orjson
from sqlalchemy import Connection, select
from sqlalchemy.exc import SQLAlchemyError

from store.ledger.hlc import system_clock_ms
from store.ledger.line import RandomBytes
from store.values.times import district_time
from sync.central.accounts import identity
from sync.central.accounts.authentication import DeviceProof, keys_of_device
from sync.central.accounts.authority import read_authority
from sync.central.db.database import CentralDatabase
from sync.central.db.failures import DatabaseFailure, classify_failure, retry_conflicts
from sync.central.db.object_store import ObjectStore
from sync.central.db.settings import USUAL_LIMITS, DeviceLimits
from sync.central.db.tables import ACCOUNT, DEVICE
from sync.central.exceptions import CentralNotReady, Refusal
from sync.central.request import RequestContext
from sync.central.steps.carried_files import USUAL_ROOM, take_files, wanted_files
from sync.central.steps.exchange import make_answer
from sync.central.steps.fetch import read_buckets
from sync.central.steps.join import answer_join
from sync.protocol import MAX_FETCH_BUCKETS, DeviceKeys, FetchRequest
from sync.protocol.bundle.bundle_file import Bundle, BundleAddress, BundleHead, open_bundle, read_head, write_bundle
from sync.protocol.bundle.copies import QUESTIONS
from sync.protocol.bundle.exceptions import (
    BundleDamaged,
    BundleError,
    BundleExpired,
    BundleForOthers,
    BundleOfOtherDistrict,
    BundleOfStranger,
)
from sync.protocol.bundle.keys import BundleKeys
from sync.protocol.bundle.names import SUFFIX, BundleKind, bundle_name
from sync.protocol.carried import (
    AnswerOpening,
    CarriedJoin,
    CarriedJoinAnswer,
    CarriedRefusal,
    FetchedBuckets,
    FiledOpening,
    FilesOpening,
    HandedInAnswer,
    HandedInRequest,
    MessageOpening,
    SentVersions,
)
from sync.protocol.documents import ExchangeMessage

_NOT_NOW = (429, 503, 507)
"""Refusals that pass: the same message is answered later."""
JsonObject = dict[str, object]


class AnsweredBundle(NamedTuple):
    """The answer's ``file`` and ``bytes``, whose message it answers (``person``, empty where the central refuses a
    join), how many ``lines`` came with it and how many had which of the ``outcomes``, and why the device was
    ``refused``, if it was."""

    file: Path
    bytes: int
    person: str
    message: str
    lines: int
    outcomes: Mapping[str, int]
    refused: CarriedRefusal | None

    def to_json(self) -> JsonObject:
        """As ``guanjia central bundle --json`` prints it."""
        refused = self.refused and self.refused.code
        return {**self._asdict(), "file": str(self.file), "refused": refused}


class BundleResponder:
    """Answers bundles for the districts of one database. ``max_bytes`` is about the longest answer: what does not fit
    follows in the next one. The rest is as in `RequestContext`; so are ``objects``."""

    def __init__(
        self,
        database: CentralDatabase,
        clock_ms: Callable[[], int] = system_clock_ms,
        clock_is_synchronised: Callable[[], bool] = lambda: False,
        limits: DeviceLimits = USUAL_LIMITS,
        random_bytes: RandomBytes = os.urandom,
        max_bytes: int | None = None,
    ) -> None:
        self._database = database
        self._clock_ms, self._is_synchronised = clock_ms, clock_is_synchronised
        self._limits, self._random_bytes = limits, random_bytes
        self._max_bytes = max_bytes
        self.objects: ObjectStore | None = None

    def answer(self, path: Path, out: Path) -> AnsweredBundle:
        """Answer the message or join in a file, into the folder ``out`` or as the file ``out``; a name that is taken
        gets a number. Raises `BundleError` for what is not taken in, `CentralNotReady`."""
        head = read_head(path)
        with self._database.read() as connection:
            secret = identity.district_secret(connection, head.district)
        if secret is None:
            raise BundleOfOtherDistrict(file=path, district=head.district)
        keys = identity.key_pair(secret)
        if head.reader != keys.public.agree or head.kind not in QUESTIONS:
            raise BundleForOthers(file=path)
        if head.expires < self._clock_ms():
            raise BundleExpired(file=path, made_at=district_time(head.made_at).date().isoformat())
        bundle = open_bundle(path, keys)
        with self._translating_refusals(path):
            if head.kind == "join":
                return self._write(bundle, keys, self._join(bundle, secret), out)
            answered = self._message(bundle) if head.kind == "message" else self._files(bundle)
            return self._write(bundle, keys, answered, out)

    def has_written(self, head: BundleHead) -> bool:
        """Whether a bundle names this central as its writer; its signature is for the caller to check."""
        with self._database.read() as connection:
            secret = identity.district_secret(connection, head.district)
        return secret is not None and head.writer == identity.public_key(secret)

    def _write(self, bundle: Bundle, keys: BundleKeys, answered: _Answered, out: Path) -> AnsweredBundle:
        now, head = self._clock_ms(), bundle.head
        name = bundle_name(answered.person, answered.kind, district_time(now))
        target = out / name if out.is_dir() or out.suffix != SUFFIX else out
        address = BundleAddress(answered.kind, head.message, head.district, answered.reader.agree)
        file, size = write_bundle(target, address, keys, now, answered.documents)
        tally = answered.tally
        return AnsweredBundle(
            file, size, answered.person, head.message, tally.outcomes.total(), dict(tally.outcomes), tally.refused
        )

    @contextlib.contextmanager
    def _translating_refusals(self, path: Path) -> Iterator[None]:
        try:
            yield
        except Refusal as refusal:
            raise CentralNotReady(file=path, detail=refusal.detail) from None
        except SQLAlchemyError as error:
            if classify_failure(error) is DatabaseFailure.UNEXPECTED:
                raise
            raise CentralNotReady(file=path, detail=str(getattr(error, "orig", error))) from None
        except (ValueError, KeyError, TypeError):
            raise BundleDamaged(file=path) from None

    def _context(self, proof: DeviceProof | None) -> RequestContext:
        context = RequestContext(
            self._database, None, "", self._clock_ms, self._is_synchronised, limits=self._limits,
            random_bytes=self._random_bytes,
        )  # fmt: skip
        context.proof = proof
        return context

    # A message

    def _message(self, bundle: Bundle) -> _Answered:
        documents = bundle.documents()
        opening = MessageOpening.model_validate_json(next(documents))
        proof, keys, person = self._sender(bundle, opening.device)
        tally = _Tally()
        answers = _MessageAnswers(self._context(proof), opening, documents, tally, self._max_bytes)
        return _Answered("answer", keys, person, answers.documents(), tally)

    def _sender(self, bundle: Bundle, device: str) -> tuple[DeviceProof, DeviceKeys, str]:
        """Who has signed a bundle, and the person's name. Raises `BundleOfStranger`."""
        proof = DeviceProof(bundle.head.district, device, bundle.head.writer)
        with self._database.read() as connection:
            keys = keys_of_device(connection, proof.district, proof.device)
            person = _person_of(connection, proof)
        if keys is None or keys.sign != proof.sign_key:
            raise BundleOfStranger(file=bundle.path)
        return proof, keys, person

    # Attached files

    def _files(self, bundle: Bundle) -> _Answered:
        documents = bundle.documents()
        opening = FilesOpening.model_validate_json(next(documents))
        proof, keys, person = self._sender(bundle, opening.device)
        context, room = self._context(proof), USUAL_ROOM if self._max_bytes is None else self._max_bytes
        context.objects = self.objects
        try:
            filed = take_files(context, documents)
        except Refusal as refusal:
            if refusal.status in _NOT_NOW:
                raise
            filed = FiledOpening(time=self._clock_ms(), refusal=_refusal_of(refusal))
            return _Answered("filed", keys, person, [_json(filed)], _Tally(filed.refusal))
        wanted = wanted_files(context, opening.wanted, room)
        return _Answered("filed", keys, person, chain([_json(filed)], wanted), _Tally())

    # A join

    def _join(self, bundle: Bundle, secret: str) -> _Answered:
        """A join that is answered twice gets the same token, as long as its device has sent nothing."""
        request = CarriedJoin.model_validate_json(next(bundle.documents())).request
        keys = request.device.keys
        if keys is None or keys.sign != bundle.head.writer:
            raise BundleOfStranger(file=bundle.path)
        try:
            answer = answer_join(self._context(None), request, _token_secret(secret, bundle.head))
        except Refusal as refusal:
            if refusal.status in _NOT_NOW:
                raise
            refused = CarriedJoinAnswer(time=self._clock_ms(), refusal=_refusal_of(refusal))
            return _Answered("joined", keys, "", [_json(refused)], _Tally(refused.refusal))
        joined = CarriedJoinAnswer(time=answer.time, answer=answer, authority=read_authority(self._database))
        return _Answered("joined", keys, answer.person.name, [_json(joined)], _Tally())


def answer_handed_in(context: RequestContext, responder: BundleResponder, handed: HandedInRequest) -> HandedInAnswer:
    """The answer to another's bundle that the caller has brought, of the caller's district. Raises `Refusal` (401, 422,
    503)."""
    caller = context.caller()
    with tempfile.TemporaryDirectory(prefix="guanjia-") as folder:
        path = Path(folder) / f"handed{SUFFIX}"
        try:
            path.write_bytes(_decoded(handed.bundle))
            if read_head(path).district != caller.district:
                return HandedInAnswer(refused=BundleOfOtherDistrict.code)
            answered = responder.answer(path, Path(folder) / f"answer{SUFFIX}")
        except BundleError as error:
            return HandedInAnswer(refused=error.code)
        except CentralNotReady as error:
            raise Refusal(503, "unavailable", str(error.values.get("detail")), retry_after=300) from None
        return HandedInAnswer(bundle=base64.b64encode(answered.file.read_bytes()).decode())


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:  # not base64, or not even ASCII
        raise Refusal(422, "bad_request", "not base64") from None


class _Tally:
    """What is known of an answer once it is written."""

    def __init__(self, refused: CarriedRefusal | None = None) -> None:
        self.outcomes = Counter[str]()
        self.refused = refused


class _Answered(NamedTuple):
    """An answer to be written: its kind, its reader's keys, whose it is, its documents, and what is counted in them."""

    kind: BundleKind
    reader: DeviceKeys
    person: str
    documents: Iterable[bytes]
    tally: _Tally


class _MessageAnswers:
    """The documents that answer one message."""

    def __init__(
        self,
        context: RequestContext,
        opening: MessageOpening,
        documents: Iterator[bytes],
        tally: _Tally,
        max_bytes: int | None,
    ) -> None:
        self._context = context
        self._documents = documents
        self._tally = tally
        self._left = max_bytes
        self._to_fetch = set(opening.buckets)

    def documents(self) -> Iterator[bytes]:
        """The opening, the answers to the message's documents, what is left to pull, the granted buckets. Raises
        `Refusal` for what passes."""
        try:
            answers = self._answers()
            first = next(answers, None)
        except Refusal as refusal:
            if refusal.status in _NOT_NOW:
                raise
            self._tally.refused = _refusal_of(refusal)
            yield _json(AnswerOpening(time=self._context.now_ms(), refusal=self._tally.refused))
            return
        yield _json(AnswerOpening(time=self._context.now_ms()))
        if first is None:
            raise KeyError("message")
        yield first
        yield from answers

    def _answers(self) -> Iterator[bytes]:
        """Answers of the message's documents, as if each had followed the answer before; then pages, then buckets."""
        message, cursor, answer = ExchangeMessage(), None, JsonObject()
        for number, document in enumerate(self._documents):
            message, lines, sent = _read_document(document)
            if number:
                message = message.model_copy(update={"cursor": cursor, "hello": None})
            elif message.hello is not None:
                made_at = message.hello.time + (message.hello.offset_ms or 0)
                self._context.arrived_ms = min(self._context.now_ms(), made_at)  # late is no wrong clock, early is
            answer = self._answer(message, lines)
            self._count_outcomes(answer)
            yield self._counted({"answer": answer, "sent": sent})
            if lines and "push" not in answer:  # the device corrects itself first
                return
            cursor = self._note_page(answer, message.cursor)
        while self._has_more(answer) and self._has_room():
            message = ExchangeMessage(cursor=cursor, limit=message.limit)
            answer = self._answer(message, [])
            yield self._counted({"answer": answer, "sent": []})
            cursor = self._note_page(answer, message.cursor)
        if not self._has_more(answer):
            yield from self._buckets()

    def _answer(self, message: ExchangeMessage, lines: list[object]) -> JsonObject:
        return retry_conflicts(lambda: make_answer(self._context, message, lines, in_order=False))

    def _count_outcomes(self, answer: JsonObject) -> None:
        if isinstance(push := answer.get("push"), dict):
            self._tally.outcomes.update(str(each["outcome"]) for each in push["outcomes"])

    def _note_page(self, answer: JsonObject, cursor: str | None) -> str | None:
        """Note what the page of an answer grants and drops; gives the cursor behind it."""
        page = answer.get("pull")
        if not isinstance(page, dict):
            return cursor
        self._to_fetch = (self._to_fetch - {*page["dropped"]}) | {*page["granted"]}
        return str(page["cursor"])

    def _has_more(self, answer: JsonObject) -> bool:
        page = answer.get("pull")
        return isinstance(page, dict) and bool(page["more"])

    def _has_room(self) -> bool:
        return self._left is None or self._left > 0

    def _counted(self, document: JsonObject) -> bytes:
        written = orjson.dumps(document)
        if self._left is not None:
            self._left -= len(written)
        return written

    def _buckets(self) -> Iterator[bytes]:
        """The buckets that the device still has to fetch, whole, in the order of their names."""
        wanted = sorted(self._to_fetch)
        for start in range(0, len(wanted), MAX_FETCH_BUCKETS):
            chunk = wanted[start : start + MAX_FETCH_BUCKETS]
            after: str | None = None
            if not self._has_room():
                return
            while True:
                page = read_buckets(self._context, FetchRequest(buckets=chunk, after=after))
                yield self._counted({"fetch": page, **FetchedBuckets(buckets=chunk).model_dump()})
                after = None if page["after"] is None else str(page["after"])
                if after is None:
                    break


def _read_document(document: bytes) -> tuple[ExchangeMessage, list[object], list[object]]:
    """A message, its lines, which are checked one by one when they are taken in, and which versions they are. Raises
    `ValidationError`, `KeyError`, `TypeError`."""
    value = orjson.loads(document)
    if not isinstance(value["message"], dict):
        raise TypeError("message")
    lines = value["message"].pop("lines", [])
    sent = SentVersions(sent=value.get("sent", [])).sent
    message = ExchangeMessage.model_validate(value["message"])
    if not isinstance(lines, list) or len(lines) != len(sent):
        raise TypeError("lines")
    return message, lines, [list(version) for version in sent]


def _person_of(connection: Connection, proof: DeviceProof) -> str:
    chosen = select(ACCOUNT.c.name).join(
        DEVICE, (DEVICE.c.district == ACCOUNT.c.district) & (DEVICE.c.account == ACCOUNT.c.id)
    )
    own = (DEVICE.c.district == proof.district) & (DEVICE.c.id == proof.device)
    return connection.execute(chosen.where(own)).scalar() or ""


def _refusal_of(refusal: Refusal) -> CarriedRefusal:
    extra = {name: value for name, value in refusal.extra.items() if isinstance(value, str | int | bool | None)}
    return CarriedRefusal(status=refusal.status, code=refusal.code, detail=refusal.detail[:1_000], extra=extra)


def _json(document: AnswerOpening | CarriedJoinAnswer | FiledOpening) -> bytes:
    return orjson.dumps(document.model_dump())


def _token_secret(secret: str, head: BundleHead) -> str:
    """What nobody can foresee without the district's secret, and that is the same for the same join."""
    asked = f"{head.message} {head.writer}".encode()
    return hashlib.blake2b(asked, key=secret.encode()[:64], digest_size=32, person=b"join token").hexdigest()
