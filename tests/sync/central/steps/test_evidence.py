"""evidence at the central: versions with proofs for those who may see them, and the seal of what they made."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from sqlalchemy import Engine, event

from store.ledger.line import Line, canonical_json, parse_line
from sync.central.admin import admin
from sync.protocol.documents import EXCHANGE
from sync.protocol.evidence.package import EVIDENCE, SEAL, EvidenceAnswer, SealText, seal_message
from sync.protocol.intake import IntakeEntry, IntakeHead, VersionProof, commitment, is_signed, read_head
from sync.protocol.merkle import is_included, root_of_proof
from tests.sync.central.ledger import project, visit
from tests.sync.central.steps.test_exchange import message
from tests.sync.central_fixture import DISTRICT, Central, Laptop


def ask(laptop: Laptop, *lines: Line, size: int | None = None) -> EvidenceAnswer:
    """What the central gives of these lines."""
    asked = {"lines": [line.id for line in lines], "size": size}
    return EvidenceAnswer.model_validate(laptop.ask(EVIDENCE, asked))


def is_proven(line: Line, proof: VersionProof | None, head: IntakeHead) -> bool:
    """Whether a proof leads from a version to the head."""
    assert proof is not None
    leaf = commitment(bytes.fromhex(proof.nonce), canonical_json(line))
    root = root_of_proof(proof.place, leaf, proof.count, [bytes.fromhex(part) for part in proof.path])
    assert root is not None
    entry = IntakeEntry(proof.number, proof.at, proof.count, root)
    log = [bytes.fromhex(part) for part in proof.log]
    return is_included(proof.number, entry.leaf, head.size, log, bytes.fromhex(head.root))


@pytest.mark.proves("R50")
def test_every_version_in_scope_is_proven(central: Central) -> None:
    """Current and past versions come with proofs that lead to the signed head, also from a later page for the head of
    the first one; a butler gets nothing of another's project, and the central seals nothing of it."""
    boss = central.enrol("局长")
    own, other = project(boss, "甲"), project(boss, "乙")
    boss.push([own, other])
    seen, hidden = visit(boss, own.id), visit(boss, other.id)
    boss.push([seen, hidden])
    later = seen._replace(stamp=seen.stamp + 1, base=seen.stamp, body={**seen.body, "text": "改过"})
    boss.push([later])
    butler = central.enrol("管家", "butler", projects=[own.id])
    key = boss.hello()["key"]
    first = ask(butler, seen, hidden, other)
    head = read_head(first.signed, key, DISTRICT)
    assert head is not None
    boss.push([visit(boss, own.id)])
    for answer in (first, ask(butler, seen, hidden, other, size=head.size)):
        versions = [(parse_line(each.line), each.proof) for each in answer.versions]
        assert sorted(line.stamp for line, _ in versions) == [seen.stamp, later.stamp]
        assert all(is_proven(line, proof, head) for line, proof in versions)
    changed = later._replace(body={**later.body, "text": "没改"})
    assert not is_proven(changed, next(each.proof for each in first.versions if each.reason is None), head)
    about = {"manifest": "ab" * 32, "subject": "project", "versions": 2, "files": 0}
    assert butler.post(SEAL, {**about, "of": other.id}).status_code == 404
    sealed = [butler.ask(SEAL, {**about, "of": own.id}) for _ in range(2)][-1]
    told = SealText.model_validate_json(sealed["text"])
    assert is_signed(seal_message(sealed["text"]), sealed["signature"], key)
    assert (told.manifest, told.person, told.of) == ("ab" * 32, butler.person, own.id)
    exports = [entry["detail"] for entry in admin.audit_page(central.data_dir) if entry["action"] == "export"]
    assert [each and each["what"] for each in exports] == ["evidence"]


@pytest.mark.proves("R50")
def test_erased_people_stay_erased(central: Central) -> None:
    """Of a person who was erased there is the version that says nothing, with its proof, and none that says more; the
    log holds."""
    boss = central.enrol("局长")
    person = boss.line("person", {"name": "金丝雀"})
    boss.push([person])
    boss.push([person._replace(stamp=person.stamp + 1, base=person.stamp, body={"name": "金丝雀", "title": "科长"})])
    boss.push([boss.line("erasure", {"person_id": person.id, "reason": "本人申请", "basis": "个人信息保护法"})])
    answer = ask(boss, person)
    assert [each.reason for each in answer.versions] == [None] and "金丝雀" not in answer.model_dump_json()
    head = read_head(answer.signed, boss.hello()["key"], DISTRICT)
    assert head is not None
    assert is_proven(parse_line(answer.versions[0].line), answer.versions[0].proof, head)
    assert admin.check_log(central.data_dir).holds


def test_nothing_that_a_device_says_of_the_log_makes_the_central_fail(at: Central) -> None:
    """A place in the log that is none gets the head without a proof; numbers beyond all bounds are refused."""
    boss = at.enrol("局长")
    of = project(boss, "甲")
    boss.push([of])
    for known in (
        "",
        "x",
        "a b:1:x",
        ":1:",
        "字:1:x",
        "x" * 70 + ":1:0",
        "a:٣:x",
        "a:-1:x",
        "a:1",
        "a:1:0",
        "a" + ":1" * 40,
    ):
        answer = boss.ask(EXCHANGE, message(boss) | {"intake": known})
        assert (answer["intake"]["since"], answer["intake"]["proof"]) == (0, []), known
    about = {"manifest": "ab" * 32, "subject": "project", "of": of.id, "versions": 1 << 47, "files": 0}
    assert boss.post(SEAL, about).status_code == 422


def test_evidence_of_many_versions_is_read_with_few_parameters(at: Central) -> None:
    """However many versions and entries of the log a package concerns, none of its statements has more parameters than
    a database takes."""
    boss = at.enrol("局长")
    of = project(boss, "甲")
    boss.push([of])
    for number in range(1, 12):
        boss.push([of._replace(stamp=of.stamp + number, base=of.stamp + number - 1)])
    parameters: list[int] = []

    def count(_connection: object, _cursor: object, _statement: str, values: Sequence[object], *_more: object) -> None:
        parameters.append(len(values))

    event.listen(Engine, "before_cursor_execute", count)
    try:
        assert len(ask(boss, of).versions) == 12
    finally:
        event.remove(Engine, "before_cursor_execute", count)
    assert max(parameters) < 12
