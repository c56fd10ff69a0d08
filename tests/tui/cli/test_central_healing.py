"""``guanjia central healing``: what the bureau decides, in one act, and what it is told."""

from __future__ import annotations

from pathlib import Path

from store.ledger.line import canonical_json
from sync.central.admin.setup import open_database, write_central
from sync.central.db.commit_order import lock_district
from sync.central.db.database import insert_rows
from sync.central.db.tables import CLAIM, ClaimRow
from tests.sync.central.ledger import visit
from tests.sync.central_fixture import DISTRICT, Laptop, create_central
from tests.tui.cli.conftest import CommandLine


def test_what_cannot_be_taken_in_is_said_and_waits(here: CommandLine, tmp_path: Path) -> None:
    """One claim is rejected and the rest accepted in one command; the one whose text is not valid waits on, which is
    said, and the exit code asks for a look. A name in both lists changes nothing."""
    data = tmp_path / "central"
    create_central(data)
    nobody = Laptop("http://127.0.0.1:1")
    nobody.person = nobody.device
    good, bad, odd = (visit(nobody, nobody.device, text) for text in ("真的", "假的", "坏的"))
    odd = odd._replace(body={**odd.body, "at": "2026-99-99"})
    open_database(data).close()
    with write_central(data) as connection:
        counter = lock_district(connection, DISTRICT, 1)
        assert counter is not None
        who = (nobody.person, nobody.device)
        claims = [
            ClaimRow(DISTRICT, counter.next_seq(), line.id, n, canonical_json(line).decode(), *who, 1, None)
            for n, line in enumerate((good, bad, odd))
        ]
        insert_rows(connection, CLAIM, claims)
        counter.save(connection)
    command = ("central", "healing", "--data", str(data))
    both = here.run(*command, "--accept", bad.id, "--reject", bad.id, "--json", code=1)
    assert both.error["code"] == "contradicting_decision"
    assert len(here.json(*command, code=3)["claims"]) == 3
    told = here.run(*command, "--all", "--reject", bad.id, code=3)
    assert "--reject" in told.err
    assert [claim["id"] for claim in here.json(*command, code=3)["claims"]] == [odd.id]
    here.run(*command, "--reject", odd.id)
