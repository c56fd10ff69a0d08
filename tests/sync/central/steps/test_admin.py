"""The bureau's seat (issue 13): invitations, accounts, devices and the audit over the API, for the bureau alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import select

from store.ledger.hlc import system_clock_ms
from store.ledger.line import new_id
from sync.admin_protocol import (
    ACCOUNTS,
    AUDIT,
    CODES,
    DECIDE,
    DEVICES,
    FIGURES,
    INVITE,
    MAX_HOURS,
    PERSON,
    READMIT,
    STOP,
    WAITING,
    WITHDRAW_CODE,
    AccountsRequest,
    DevicesRequest,
)
from sync.central.accounts.rate_limit import AUDITED_REFUSED_TOKENS, MAX_REFUSED_TOKENS
from sync.central.accounts.scope import AUDITING_ROLES, ROLES
from sync.central.admin import admin
from sync.central.admin.setup import open_database
from sync.central.api.admin_routes import CALLS
from sync.central.audit_chain import check_chain
from sync.central.db.tables import DEVICE
from sync.central.exceptions import Refusal
from sync.central.request import RequestContext
from sync.central.steps.admin_accounts import answer_accounts, answer_devices
from sync.central.steps.join import answer_join
from sync.protocol import DeviceName, JoinRequest
from tests.sync.central.ledger import project, unit, visit
from tests.sync.central.test_statements import Bench, counted
from tests.sync.central_fixture import DISTRICT, Central, Laptop, running_central

CANARY = "金丝雀"
HOUR_MS = 3_600_000
EVERY_CALL: dict[str, dict[str, Any]] = {
    INVITE: {"name": CANARY}, CODES: {}, WITHDRAW_CODE: {"name": CANARY}, ACCOUNTS: {}, DEVICES: {"account": CANARY},
    STOP: {"name": CANARY}, READMIT: {"name": CANARY}, AUDIT: {"account": CANARY}, FIGURES: {},
    WAITING: {}, DECIDE: {},
    PERSON: {"people": [new_id()]},
}  # fmt: skip
"""Each call with a name that may be known; `EVERY_CALL` of a name that is not must look the same."""


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Central]:
    """One central for what changes nothing that other tests look at."""
    with running_central(tmp_path_factory.mktemp("seat")) as central:
        yield central


def actions(central_laptop: Laptop, **asked: Any) -> list[str]:
    """The actions of the audit, as the bureau reads it."""
    return [entry["action"] for entry in central_laptop.ask(AUDIT, asked)["entries"]]


def test_every_call_is_refused_to_every_other_role_whatever_it_names(office: Central) -> None:
    """A butler, leader, department or supervisor gets one and the same answer to each call, be the name known or not,
    and neither it nor the body tells anything; an auditor, where there is one, reads the audit and the figures."""
    boss = office.enrol("局长甲")
    of = project(boss)
    office_unit = unit(boss, "住建局")
    boss.push([of, office_unit])
    office.enrol(CANARY)
    assert set(EVERY_CALL) == {call.path for call in CALLS}
    for role in set(ROLES) - AUDITING_ROLES:
        own = office.enrol(
            f"某{role}", role, projects=[of.id] if role in ("butler", "lead_leader") else [],
            department="住建局" if role == "department" else None,
        )  # fmt: skip
        for path, asked in EVERY_CALL.items():
            unknown = {name: [new_id()] if isinstance(value, list) else "没有这个人" for name, value in asked.items()}
            answers = [own.post(path, body) for body in (asked, unknown)]
            assert [(one.status_code, one.json()["code"]) for one in answers] == [(403, "not_for_this_role")] * 2
            assert answers[0].content == answers[1].content
            assert CANARY not in answers[0].text
    assert actions(boss, action="admin_refused")
    auditor = office.enrol("审计员", "auditor")
    allowed = {path for path, asked in EVERY_CALL.items() if auditor.post(path, asked).status_code == 200}
    assert allowed == {AUDIT, FIGURES}
    stranger = Laptop(office.url)
    assert {stranger.post(path, asked).status_code for path, asked in EVERY_CALL.items()} == {401}


def test_who_keeps_asking_without_the_role_waits_and_shuts_out_nobody_else(at: Central) -> None:
    """A device that goes on calling the bureau's seat is told to wait after some calls, whichever they are; the audit
    has the first ones; the bureau, and another device of the same role, are answered as before."""
    boss, other, asking = at.enrol("局长"), at.enrol("某乙", "butler"), at.enrol("某甲", "butler")
    calls = list(EVERY_CALL.items())
    asked = [calls[n % len(calls)] for n in range(MAX_REFUSED_TOKENS + 2)]
    codes = [asking.post(path, body).status_code for path, body in asked]
    assert codes == [403] * MAX_REFUSED_TOKENS + [429] * 2
    assert other.post(CODES, {}).status_code == 403
    assert len(actions(boss, action="admin_refused")) == AUDITED_REFUSED_TOKENS + 1
    assert asking.hello()


def test_a_role_that_ends_while_a_call_arrives_reads_nothing(central: Central) -> None:
    """A body may take its time; what counts is the role that the caller has when the answer is read."""
    central.enrol("局长")
    gone = central.enrol("副局长")
    with closing(open_database(central.data_dir)) as database:
        context = RequestContext(database, gone.token)
        context.check_token()
        admin.withdraw(central.data_dir, "副局长", "bureau")
        with pytest.raises(Refusal) as refused:
            answer_accounts(context, AccountsRequest())
    assert refused.value.code == "not_for_this_role"


def test_a_code_is_made_for_hours_and_withdrawn_in_one_call(central: Central) -> None:
    """The bureau chooses how long a code is good, up to seven days; a second code for the same person ends the first;
    one that was withdrawn enrols nobody; the lists show neither code nor hash."""
    boss = central.enrol("局长")
    for hours in (0, MAX_HOURS + 1):
        assert boss.post(INVITE, {"name": "王", "hours": hours}).status_code == 422
    made = boss.ask(INVITE, {"name": "王", "role": "principal_leader", "hours": MAX_HOURS})
    assert abs(made["expires_at"] - system_clock_ms() - MAX_HOURS * HOUR_MS) < 60_000
    assert boss.post(INVITE, {"name": "王"}).json()["code"] == "which_person"
    again = boss.ask(INVITE, {"name": "王", "role": "principal_leader", "again": True})
    (waiting,) = codes_for(boss, "王")
    assert (waiting["id"], waiting["name"], waiting["roles"][0]["role"]) == (again["id"], "王", "principal_leader")
    assert again["code"].replace("-", "") not in orjson.dumps(waiting).decode()
    refused = Laptop(central.url).post("/v1/join", _joining(made["code"]))
    assert (refused.status_code, refused.json()["code"]) == (403, "bad_invite")
    assert boss.ask(WITHDRAW_CODE, {"name": again["id"]})["names"] == ["王"]
    assert Laptop(central.url).post("/v1/join", _joining(again["code"])).json()["code"] == "bad_invite"
    assert boss.post(WITHDRAW_CODE, {"name": "王"}).json()["code"] == "no_such_code"
    Laptop(central.url).join(boss.ask(INVITE, {"name": "王", "role": "principal_leader"})["code"])
    assert actions(boss, account="局长", action="invite") == ["invite"] * 3
    assert actions(boss, action="code_withdrawn") == ["code_withdrawn"]


def codes_for(laptop: Laptop, name: str) -> list[dict[str, Any]]:
    """The codes that wait for a name, as the bureau sees them."""
    return [code for code in laptop.ask(CODES, {})["codes"] if code["name"] == name]


def _joining(code: str) -> dict[str, Any]:
    return {"protocol": 1, "code": code, "device": {"id": new_id(), "name": "笔记本"}}


def test_names_are_told_apart_as_by_the_server(central: Central) -> None:
    """What a name may mean is asked back with the candidates; a role needs its department; no code is made then."""
    boss = central.enrol("局长")
    boss.push([boss.line("person", {"name": "李娜"}), boss.line("person", {"name": "李娜"})])
    asked = boss.post(INVITE, {"name": "李娜"}).json()
    assert asked["code"] == "which_person"
    assert asked["candidates"].count("李娜") == 2
    assert boss.post(INVITE, {"name": "丙", "role": "department"}).json()["code"] == "bad_role"
    assert boss.post(INVITE, {"name": "丙", "role": "department", "department": "无"}).json()["code"] == "unknown_name"
    assert codes_for(boss, "丙") == []


def test_devices_say_what_waits_on_them(central: Central) -> None:
    """With hello a device tells its program's version, its unsent and refused lines and its clock; a push counts what
    it has sent; the bureau reads it, and who has not been seen."""
    boss, butler = central.enrol("局长"), central.enrol("李管家", "principal_leader")
    told = butler.greeting() | {"program": "0.1.0", "unsent": 7, "refused": 2, "offset_ms": 95_000}
    butler.ask("/v1/hello", told)
    own = project(boss)
    boss.push([own])
    butler.push([visit(butler, own.id) for _ in range(3)])
    (device,) = boss.ask(DEVICES, {"account": "李管家"})["devices"]
    said = {name: device[name] for name in ("program", "unsent", "refused", "offset_ms", "person_name", "stopped_at")}
    assert said == {
        "program": "0.1.0", "unsent": 4, "refused": 5, "offset_ms": 95_000, "person_name": "李管家",
        "stopped_at": None,
    }  # fmt: skip
    assert boss.ask(DEVICES, {"unseen_days": 1})["devices"] == []
    first = boss.ask(DEVICES, {"limit": 1})
    rest = boss.ask(DEVICES, {"limit": 1, "after": first["devices"][0]["id"]})
    assert (first["more"], rest["more"]) == (True, False)
    assert {first["devices"][0]["id"], rest["devices"][0]["id"]} == {boss.device, butler.device}
    people = {one["name"]: one for one in boss.ask(ACCOUNTS, {})["accounts"]}
    assert people["李管家"]["roles"][0]["role"] == "principal_leader"
    assert (people["李管家"]["devices"], people["李管家"]["person"]) == (1, butler.person)
    assert boss.ask(FIGURES, {})["devices"] == 2


def test_a_device_is_stopped_at_once_and_the_last_of_the_bureau_never(central: Central) -> None:
    """A stopped person's next request is refused and their code worth nothing; the bureau cannot shut itself out, by
    device or by name, as long as no other officer is let in; several may do it."""
    boss, butler = central.enrol("局长"), central.enrol("李", "principal_leader")
    code = boss.ask(INVITE, {"name": "李", "again": True})["code"]
    (stopped,) = boss.ask(STOP, {"name": "李"})["devices"]
    assert stopped["stopped_at"] is not None
    assert butler.post("/v1/hello", butler.greeting()).json()["code"] == "revoked"
    assert Laptop(central.url).post("/v1/join", _joining(code)).json()["code"] == "bad_invite"
    for name in ("局长", boss.device):
        assert boss.post(STOP, {"name": name}).json()["code"] == "last_bureau"
    assert boss.post(STOP, {"name": "没有"}).json()["code"] == "unknown_name"
    second = central.enrol("副局长")
    assert len(second.ask(STOP, {"name": boss.device})["devices"]) == 1
    assert boss.post(ACCOUNTS, {}).status_code == 401
    assert second.post(STOP, {"name": "副局长"}).json()["code"] == "last_bureau"
    assert actions(second, action="revoke") == ["revoke", "revoke"]


def test_the_audit_is_read_by_page_and_filter(central: Central) -> None:
    """Pages by number, both ways; by person, action, line and time; whoever reads it is in it."""
    boss, other = central.enrol("局长"), central.enrol("李", "principal_leader")
    own = project(boss)
    boss.push([own])
    everything = boss.ask(AUDIT, {"after": 0})["entries"]
    assert [entry["seq"] for entry in everything] == sorted(entry["seq"] for entry in everything)
    pages, before = list[int](), 1 << 60
    while True:
        page = boss.ask(AUDIT, {"before": before, "limit": 2})
        pages += [entry["seq"] for entry in page["entries"] if entry["action"] != "audit_read"]
        if not page["more"]:
            break
        before = page["entries"][-1]["seq"]
    assert pages == [entry["seq"] for entry in reversed(everything)]
    assert [entry["line"] for entry in boss.ask(AUDIT, {"line": own.id})["entries"]] == [own.id]
    assert {entry["name"] for entry in boss.ask(AUDIT, {"account": "李"})["entries"]} == {"李"}
    assert actions(boss, action="write") == ["write"] * 3  # the roles of two, and a line
    assert actions(boss, until=everything[0]["at"]) == []
    assert other.post(AUDIT, {}).status_code == 403
    assert actions(boss, action="audit_read").count("audit_read") > 5


def test_equal_looks_of_an_hour_are_one_entry_of_the_audit(tmp_path: Path) -> None:
    """A list that is asked for again and again fills no audit: an equal look of the same device is recorded once an
    hour; another question, another device and the hour after are entries of their own. The chain holds."""
    bench = Bench(tmp_path, None)
    now_ms, number = system_clock_ms(), new_id()
    code = str(admin.invite(bench.data_dir, CANARY, "bureau")["code"])
    joined = answer_join(
        RequestContext(bench.database, None), JoinRequest(code=code, device=DeviceName(id=number, name="x"))
    )

    def looks(token: str | None, later_ms: int = 0, **asked: Any) -> list[tuple[object, object]]:
        """Look at the devices three times; gives whose looks at what the audit then has."""
        for _ in range(3):
            context = RequestContext(bench.database, token, clock_ms=lambda: now_ms + later_ms)
            answer_devices(context, DevicesRequest(**asked))
        entries = [entry for entry in admin.audit_page(bench.data_dir) if entry["action"] == "devices_read"]
        return [(entry["device"] == number, (entry["detail"] or {}).get("asked")) for entry in entries]

    try:
        first, account = bench.context.token, {"account": account_of(bench, number)}
        seen: list[tuple[object, object]] = [(False, None)]
        assert looks(first) == seen
        assert looks(first, account=CANARY) == (seen := [*seen, (False, account)])
        assert looks(joined.token) == (seen := [*seen, (True, None)])
        assert looks(first, HOUR_MS - 60_000) == seen
        assert looks(first, HOUR_MS + 60_000) == [*seen, (False, None)]
        with bench.database.read() as connection:
            assert check_chain(connection, DISTRICT).breaks == []
    finally:
        bench.database.close()


def account_of(bench: Bench, device: str) -> str:
    """The id of a device's account."""
    with bench.database.read() as connection:
        return str(connection.execute(select(DEVICE.c.account).where(DEVICE.c.id == device)).scalar())


def test_the_number_of_statements_does_not_grow(tmp_path: Path) -> None:
    """A list of 60 accounts and devices takes the statements of a list of three; both looks are new to the audit."""
    bench = Bench(tmp_path, None)
    try:
        counts = []
        for size in (2, 20):
            for _ in range(size):
                laptop = Laptop("http://unused")
                code = str(admin.invite(bench.data_dir, laptop.device, "bureau")["code"])
                joined = JoinRequest(code=code, device=DeviceName(id=laptop.device, name="x"))
                token = answer_join(RequestContext(bench.database, None), joined).token
            with counted(bench.database) as statements:
                context = RequestContext(bench.database, token)
                assert len(answer_accounts(context, AccountsRequest()).accounts) >= size
                assert len(answer_devices(context, DevicesRequest()).devices) >= size
            counts.append(len(statements))
        assert counts[0] == counts[1]
        assert counts[0] <= 24
    finally:
        bench.database.close()
