"""Phrases: everybody keeps their own, the bureau the district's; nobody sees another's."""

from __future__ import annotations

import pytest

from store.commands import phrases
from store.commands.exceptions import PhraseUnknown
from store.db.device_facts import read_device_facts
from store.domain.registers import PHRASE_REGISTER
from store.queries.phrases import phrases as rows_of
from store.queries.register_lines import rows as register_rows
from store.writer.exceptions import BeyondRole
from tests.store.queries.sample import Sample


def texts(district: Sample) -> list[tuple[str, bool]]:
    """What is offered, and whether it is one's own; the register lists the same."""
    offered = [(row.text, row.own) for row in rows_of(district.connection)]
    assert sorted(text for text, _own in offered) == sorted(
        row["text"] for row in register_rows(district.connection, PHRASE_REGISTER)
    )
    return offered


def test_own_phrases_come_first_and_those_of_others_are_not_offered(district: Sample) -> None:
    """A phrase without a name is the district's, where one may write it; another person's is theirs alone."""
    me = read_device_facts(district.connection).person
    district.ledger.put("person", {"name": "本人"}, id=me)
    phrases.add(district.ledger, text="请于本周内答复")
    phrases.add(district.ledger, text="已现场踏勘", person=me)
    district.ledger.put("phrase", {"text": "别人的", "person_id": "01900000-0000-7000-8000-00000000ffff"})
    assert texts(district) == [("已现场踏勘", True), ("请于本周内答复", False)]


def test_who_writes_no_phrases_of_the_district_writes_their_own(district: Sample) -> None:
    """A butler's phrase is their own without a word, and goes again; the district's they leave alone."""
    phrases.add(district.ledger, text="请于本周内答复")
    (of_district,) = rows_of(district.connection)
    district.ledger.within_roles = True
    district.ledger.save_facts(central="http://x", roles='[{"role": "butler"}]')
    phrases.add(district.ledger, text="已现场踏勘")
    assert texts(district) == [("已现场踏勘", True), ("请于本周内答复", False)]
    for refused in (
        lambda: phrases.edit(district.ledger, of_district.id, text="改"),
        lambda: phrases.remove(district.ledger, "请于"),
    ):
        with pytest.raises(BeyondRole):
            refused()
    phrases.edit(district.ledger, rows_of(district.connection)[0].id, text="已到现场")
    assert phrases.remove(district.ledger, "已到") == "已到现场"
    assert texts(district) == [("请于本周内答复", False)]


def test_a_phrase_is_removed_only_where_one_is_meant(district: Sample) -> None:
    """A beginning that two have, or none, removes nothing."""
    phrases.add(district.ledger, text="请于本周内答复")
    phrases.add(district.ledger, text="请于下周内答复")
    for meant in ("请于", "没有", ""):
        with pytest.raises(PhraseUnknown):
            phrases.remove(district.ledger, meant)
    assert len(rows_of(district.connection)) == 2
