"""Files that the district requires with an act: refused without, taken with a reason, counted and shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from store.commands import issues, register_lines, visits
from store.commands.attaching import attaching
from store.commands.exceptions import AttachmentUnreadable, FilesRequired
from store.domain.registers import FILE_RULE_REGISTER
from store.queries.approvals import approval
from store.queries.attachments import attachments_of_issue
from store.queries.evaluation_facts import evaluation_facts
from store.queries.issues import issue
from store.queries.period_figures import period_figures
from tests.pictures import jpeg
from tests.store.devices import MergeOnlyCentral, device, sync
from tests.store.queries.sample import Sample


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A photo as a phone wrote it."""
    path = tmp_path / "IMG_1.JPG"
    path.write_bytes(jpeg())
    return path


def require(district: Sample, act: str, files: int, **fields: str) -> None:
    """A rule that is valid since long ago unless said otherwise."""
    register_lines.add(
        district.ledger, FILE_RULE_REGISTER, act=act, count=str(files), **{"valid_from": "2020-01-01", **fields}
    )


def accepted(district: Sample) -> str:
    """The sample's issue, which its department has accepted; gives its state."""
    district.act(district.issue, "assign")
    district.act(district.issue, "accept")
    return state(district)


def settle(district: Sample, **fields: Any) -> None:
    """Settle the sample's issue."""
    district.act(district.issue, "settle", measure="接通", evidence="照片", **fields)


def state(district: Sample) -> str:
    """The state of the sample's issue."""
    found = issue(district.connection, district.issue, district.on)
    assert found is not None
    return found.row.state


def lacking(district: Sample) -> tuple[int, int | None, bool]:
    """How many settlements the summary and the department's evaluation count as without files, and whether the
    approval says so."""
    found, shown = issue(district.connection, district.issue, district.on), None
    assert found is not None
    if found.row.state == "settled":
        shown = approval(district.connection, district.issue, district.on)
    facts = evaluation_facts(district.connection, district.on, "2026", unit=found.row.department_id, person=None)
    counted = period_figures(district.connection, "0000", "9999")["without_files"]
    return counted, facts["without_files"], shown is not None and shown.files < shown.needed_files


def test_settling_needs_the_files_that_the_district_requires(district: Sample, photo: Path) -> None:
    """Without any it is refused and nothing is written; with one in the same form it is settled, and nothing lacks."""
    require(district, "settled", 1)
    before = accepted(district)
    with pytest.raises(FilesRequired, match="1"):
        settle(district)
    assert (state(district), lacking(district)) == (before, (0, 0, False))
    with attaching(district.ledger, [photo]):
        settle(district)
    assert (state(district), lacking(district)) == ("settled", (0, 0, False))
    (row,) = attachments_of_issue(district.connection, district.issue)
    district.ledger.delete("attachment", row.id)
    assert lacking(district) == (1, 1, True)


def test_a_reason_settles_without_and_is_counted(district: Sample) -> None:
    """The reason is stored with the step; summary, evaluation and approval say that the files are missing."""
    require(district, "settled", 2)
    accepted(district)
    settle(district, reason="设备间禁止拍照")
    assert (state(district), lacking(district)) == ("settled", (1, 1, True))
    shown = approval(district.connection, district.issue, district.on)
    assert shown is not None and shown.settlement.reason == "设备间禁止拍照"


def test_a_file_that_cannot_be_kept_does_not_count(district: Sample, tmp_path: Path) -> None:
    """What is wrong with the file is told, and nothing is written; what was refused does not reach the next write."""
    require(district, "settled", 1)
    before = accepted(district)
    with pytest.raises(AttachmentUnreadable), attaching(district.ledger, [tmp_path / "gone.jpg"]):
        settle(district)
    assert state(district) == before
    issues.act(district.ledger, district.issue, "progress", text="材料已到")


def test_the_rule_that_fits_best_and_is_valid_counts(district: Sample) -> None:
    """One for the issue's category before one for all; none that is not valid on the day of the act."""
    issues.edit(district.ledger, district.issue, category="land")
    require(district, "settled", 3)
    require(district, "settled", 0, category="land", valid_from="2020-01-02")
    require(district, "settled", 5, category="funding")
    require(district, "settled", 5, category="land", valid_from="2020-01-01", valid_until="2020-02-01")
    require(district, "settled", 5, category="land", valid_from="2099-01-01")
    accepted(district)
    settle(district)
    assert (state(district), lacking(district)) == ("settled", (0, 0, False))


def test_a_visit_settles_no_issue_that_needs_files(district: Sample, photo: Path) -> None:
    """The visit's pictures are of the visit; the sentence says to settle on its own, and nothing is half written."""
    require(district, "settled", 1)
    before = accepted(district)
    moved = {"issue": district.issue, "verb": "settle", "measure": "接通", "evidence": "照片"}
    with pytest.raises(FilesRequired), attaching(district.ledger, [photo]):
        visits.log(district.ledger, project=district.water, text="看了现场", moving=[moved])
    assert state(district) == before


def test_an_approval_counts_the_files_of_the_settlement(district: Sample, photo: Path, tmp_path: Path) -> None:
    """Where approving needs files, those of the settlement will do; where there are fewer, a reason is needed."""
    central, bureau = MergeOnlyCentral(), device(tmp_path, "bureau", person="局", clock=district.clock)
    require(district, "approved", 2)
    accepted(district)
    with attaching(district.ledger, [photo]):
        settle(district)
    sync(district.ledger, central)
    sync(bureau, central)
    with pytest.raises(FilesRequired, match=r"2.*1"):
        issues.act(bureau, district.issue, "approve")
    register_lines.add(bureau, FILE_RULE_REGISTER, act="approved", count="1", valid_from="2020-01-02")
    issues.act(bureau, district.issue, "approve")
    sync(bureau, central)
    sync(district.ledger, central)
    assert state(district) == "closed"
