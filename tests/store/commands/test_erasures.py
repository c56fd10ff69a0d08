"""Whose files go with an erased person."""

from __future__ import annotations

from pathlib import Path

from store.commands import visits
from store.commands.attaching import attaching
from store.commands.erasures import plan_erasure
from store.ledger.line import new_id
from store.queries.attachments import attachments_of
from tests.store.queries.sample import Sample


def test_a_file_of_somebody_with_a_longer_name_stays_and_is_told(district: Sample, tmp_path: Path) -> None:
    """Of files that have the name in theirs those go that name the person: not those of people who are known, here or
    from a visit, by a name that begins so. All are told."""
    person, paths = new_id(), [tmp_path / f"{name}谈话记录.pdf" for name in ("毕三", "毕三峰", "毕三元", "毕四")]
    for path in paths:
        path.write_bytes(b"%PDF-1.7 " + path.name.encode())
    for id, name in ((person, "毕三"), (new_id(), "毕三峰")):
        district.ledger.put("person", {"name": name}, id=id)
    with attaching(district.ledger, paths) as done:
        visit = visits.log(district.ledger, project=district.water, who="毕三元", text="看了现场").id
    plan = plan_erasure(district.connection, person)
    names = {row.id: row.name[:3] for row in attachments_of(district.connection, [visit])}
    assert not done.refused
    assert [names[id] for id in plan.files] == ["毕三谈"]
    assert {names.get(line.id) for line in plan.texts} >= {"毕三谈", "毕三峰", "毕三元"}
    assert "毕四谈" not in {names.get(line.id) for line in plan.texts}
