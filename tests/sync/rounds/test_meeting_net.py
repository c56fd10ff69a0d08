"""Meetings over a local network: who comes in by code, who does not, and what strangers and failures do."""

from __future__ import annotations

import base64
import contextlib
import http.client
import socket
import ssl
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sync.protocol import WireMessage
from sync.protocol.bundle.exceptions import MeetingFailed, MistypedMeetingCode, WrongMeetingCode
from sync.round.meeting import MetColleague, card_of_other, give, take
from sync.round.meeting_code import new_code, place_in, proof_key, prove
from sync.round.meeting_exchange import Given, Greeting, HostGreeting
from sync.round.meeting_net import (
    EXCHANGE,
    GREET,
    MAX_FROM_ONE,
    MAX_WRONG,
    TIMEOUT_S,
    hosting,
    meet_host,
)
from tests.sync.central_fixture import Central
from tests.sync.laptops import Laptop, agree, project_of, visit
from tests.sync.rounds.test_meeting import provisional


def test_laptops_meet_over_the_network_by_code(pair: tuple[Laptop, Laptop], at: Central, tmp_path: Path) -> None:
    """One shows a code, the other types it, in whatever case: each gets what the other has, over TLS whose certificate
    only the code vouches for. A wrong code is refused and nothing is given or written; after some of them from one
    address the right one is refused there too."""
    first, second = pair
    agree(first, second)
    theirs, ours = visit(first, project_of(first)), visit(second, project_of(second), "乙看的")
    met_here: list[MetColleague] = []
    with hosting(first.home, first.settings, met_here.append, "127.0.0.1", 0) as held:
        with pytest.raises(WrongMeetingCode):
            meet_host(second.home, second.settings, new_code("", 0), str(held))
        assert (met_here, provisional(second)) == ([], [])
        came = meet_host(second.home, second.settings, held.code.lower().replace("-", " "), str(held))
        assert (came, met_here) == (MetColleague("张甲", 1, 1), [MetColleague("李乙", 1, 1)])
        for _ in range(MAX_WRONG - 1):
            with pytest.raises(WrongMeetingCode):
                meet_host(second.home, second.settings, new_code("", 0), str(held))
        with pytest.raises(WrongMeetingCode):
            meet_host(second.home, second.settings, held.code, str(held))
    with pytest.raises(MeetingFailed):
        meet_host(second.home, second.settings, held.code, str(held))
    assert [each.line for each in provisional(second)] == [theirs.id]
    assert [each.line for each in provisional(first)] == [ours.id]


def test_the_code_alone_leads_to_the_meeting(pair: tuple[Laptop, Laptop], at: Central) -> None:
    """A code says where the meeting is, so that nobody types an address; a slip in it is told before anything is
    sent. What is more than one bundle comes in several, none of them left out, over one connection."""
    first, second = pair
    agree(first, second)
    written = {visit(first, project_of(first), f"看第{n}次").id for n in range(5)}
    own = visit(second, project_of(second), "乙看的")
    told: list[MetColleague] = []
    with hosting(first.home, first.settings, told.append, "127.4.2.1", page_lines=2) as held:
        slip = held.code[:-1] + ("2" if held.code[-1] != "2" else "3")
        with pytest.raises(MistypedMeetingCode):
            meet_host(second.home, second.settings, slip)
        assert held.is_in_code and place_in(held.code) == ("127.4.2.1", held.port)
        came = meet_host(second.home, second.settings, held.code.replace("-", "").lower())
    assert (came, told) == (MetColleague("张甲", 1, 5), [MetColleague("李乙", 5, 1)])
    assert {each.line for each in provisional(second)} == written
    assert [each.line for each in provisional(first)] == [own.id]


def test_a_stranger_on_the_network_learns_and_writes_nothing(
    pair: tuple[Laptop, Laptop], at: Central, tmp_path: Path
) -> None:
    """Whoever does not know the code gets the same empty refusal to everything: a wrong proof, an exchange without a
    greeting, a body of any form or length. A proof that was made for another certificate, as somebody between the two
    would pass it on, is worth nothing."""
    first, second = pair
    agree(first, second)
    with hosting(first.home, first.settings, lambda _met: pytest.fail("let in"), "127.0.0.1", 0) as held:
        nonce = "0" * 64
        passed_on = Greeting(nonce=nonce, proof=prove(proof_key(held.code, b"another certificate"), "guest", nonce))
        for path, body in (
            (GREET, passed_on.model_dump_json().encode()),
            (GREET, b"x"),
            (EXCHANGE, Given(bundle="").model_dump_json().encode()),
            ("/", b""),
        ):
            for method in ("POST", "GET", "PROPFIND"):
                assert _ask_as_stranger(held.port, path, body, method) == (403, b"{}")
        with contextlib.suppress(
            OSError, http.client.HTTPException
        ):  # while it is still on its way, its end is cut off
            assert _ask_as_stranger(held.port, EXCHANGE, b"x" * 100_000) == (403, b"{}")
    assert provisional(first) == []


def test_whoever_holds_connections_open_shuts_nobody_out(
    pair: tuple[Laptop, Laptop], at: Central, tmp_path: Path
) -> None:
    """A stranger's silent connections fill what one address may have: one more of them is ended at once, and a guest
    from another address comes in meanwhile."""
    first, second = pair
    agree(first, second)
    with (
        hosting(first.home, first.settings, lambda _met: None, "127.0.0.1", 0) as held,
        contextlib.ExitStack() as silent,
    ):
        place, stranger = ("127.0.0.1", held.port), ("127.0.0.2", 0)
        for _ in range(MAX_FROM_ONE):
            silent.enter_context(socket.create_connection(place, 30, stranger))
        with socket.create_connection(place, 30, stranger) as refused:
            assert refused.recv(1) == b""
        assert meet_host(second.home, second.settings, held.code, str(held)).name == "张甲"


def test_who_does_not_show_the_code_in_time_is_cut_off(pair: tuple[Laptop, Laptop], at: Central) -> None:
    """A stranger's connection ends, long before a silent one would."""
    first, _second = pair
    with (
        hosting(first.home, first.settings, lambda _met: None, "127.0.0.1", 0, greet_s=0.1) as held,
        socket.create_connection(("127.0.0.1", held.port), TIMEOUT_S / 2) as silent,
    ):
        assert silent.recv(1) == b""


def test_a_meeting_ends_once_its_last_guest_has_the_answer(
    pair: tuple[Laptop, Laptop], at: Central, tmp_path: Path
) -> None:
    """A meeting that ends while a guest has shown the code waits until it has its answer, and tells of it then."""
    first, second = pair
    agree(first, second)
    visit(first, project_of(first))
    told: list[MetColleague] = []
    nonce, stranger = "0" * 64, ssl._create_unverified_context()
    with contextlib.ExitStack() as meeting, ThreadPoolExecutor(1) as pool, second.open() as guest:
        held = meeting.enter_context(hosting(first.home, first.settings, told.append, "127.0.0.1", 0))
        connection = http.client.HTTPSConnection("127.0.0.1", held.port, timeout=30, context=stranger)
        connection.connect()
        certificate: bytes = connection.sock.getpeercert(binary_form=True) or b""
        key = proof_key(held.code, certificate)
        greeting = _post(connection, GREET, Greeting(nonce=nonce, proof=prove(key, "guest", nonce)))
        host = card_of_other(guest, HostGreeting.model_validate_json(greeting).card)
        assert host is not None
        path = give(guest, host, tmp_path / "given.gjb").file
        ended = pool.submit(meeting.close)
        bundle = base64.b64encode(path.read_bytes()).decode()
        answer = Given.model_validate_json(
            _post(connection, EXCHANGE, Given(card=second.meta()["card"], bundle=bundle))
        )
        (tmp_path / "got.gjb").write_bytes(base64.b64decode(answer.bundle))
        assert take(guest, host, tmp_path / "got.gjb") == (1, 0)
        connection.close()
        ended.result(60)
    assert told == [MetColleague("李乙", 1, 0)]


def test_who_has_the_code_and_is_not_accepted_is_told_so(pair: tuple[Laptop, Laptop], at: Central) -> None:
    """A host whose store fails meanwhile accepts nothing: the guest is not told that the code is wrong, and the meeting
    goes on."""
    first, second = pair
    agree(first, second)
    with hosting(first.home, first.settings, lambda _met: None, "127.0.0.1", 0) as held:
        _rename(first, "provisional", "lost")
        with pytest.raises(MeetingFailed, match="did not accept the card or the lines"):
            meet_host(second.home, second.settings, held.code, str(held))
        _rename(first, "lost", "provisional")
        assert meet_host(second.home, second.settings, held.code, str(held)).name == "张甲"


def _rename(laptop: Laptop, table: str, to: str) -> None:
    with laptop.open() as device, device.ledger.database.write() as connection:
        connection.execute(f"ALTER TABLE {table} RENAME TO {to}")


def test_a_failure_beside_one_guest_ends_no_meeting(pair: tuple[Laptop, Laptop], at: Central) -> None:
    """Where telling of a guest fails, as on a terminal that is gone, the next comes in, whatever keyboard the address
    was typed with; no address is worse than a refusal."""
    first, second = pair
    agree(first, second)
    failures = [RuntimeError("closed")]

    def tell(_met: MetColleague) -> None:
        if failures:
            raise failures.pop()

    with hosting(first.home, first.settings, tell, "127.0.0.1", 0) as held:
        for typed in (str(held), f"127.0.0.1\uff1a{held.port}"):
            assert meet_host(second.home, second.settings, held.code, typed).name == "张甲"
        for wrong in ("127.0.0.1:99999", "127.0.0.1:\u00b2", "127.0.0.1 7421", "127.0.0.1:", ":", "a" * 300):
            with pytest.raises(MeetingFailed):
                meet_host(second.home, second.settings, held.code, wrong)
    assert failures == []


def _post(connection: http.client.HTTPSConnection, path: str, message: WireMessage) -> bytes:
    connection.request("POST", path, message.model_dump_json().encode())
    answer = connection.getresponse()
    assert answer.status == 200
    return answer.read()


def _ask_as_stranger(port: int, path: str, body: bytes, method: str = "POST") -> tuple[int, bytes]:
    connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=30, context=ssl._create_unverified_context())
    with contextlib.closing(connection):
        connection.request(method, path, body)
        answer = connection.getresponse()
        return answer.status, answer.read()
