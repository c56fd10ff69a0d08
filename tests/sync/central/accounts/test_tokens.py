"""Tokens: one successor, few devices, and a revocation that nothing but a new invitation undoes."""

from __future__ import annotations

from pathlib import Path

import pytest

from store.ledger.line import new_id
from sync.central.admin import admin
from sync.central.admin.setup import open_database
from sync.central.api.app import create_app
from sync.central.db.settings import MAX_DEVICES, SETTINGS_FILE, DeviceLimits, load_central_settings
from tests.sync.central_fixture import Central, Laptop, create_central, running_central, serving_app


def renewed(laptop: Laptop, device: str | None = None) -> Laptop:
    """A copy of the laptop, with the token that it got for itself."""
    copy = Laptop(str(laptop.client.base_url))
    copy.device, copy.person = device or copy.device, laptop.person
    copy.token = laptop.ask("/v1/renew", {"device": {"id": copy.device, "name": "副本"}})["token"]
    copy.client.headers["authorization"] = f"Bearer {copy.token}"
    return copy


def works(laptop: Laptop) -> bool:
    """Whether its token is accepted."""
    return laptop.post("/v1/hello", laptop.greeting()).status_code == 200


def active(central: Central) -> list[str]:
    """The devices that are not revoked."""
    return [device["id"] for device in admin.list_devices(central.data_dir) if not device["revoked_at"]]


def test_a_copied_store_takes_the_place_of_its_original(central: Central) -> None:
    """renew gives a token to one device, and the first use of that ends the one that it was copied from."""
    laptop = central.enrol("王")
    copy = renewed(laptop)
    assert works(laptop)
    assert works(copy)
    assert not works(laptop)
    assert active(central) == [copy.device]
    assert [entry["action"] for entry in admin.audit_page(central.data_dir)][-3:-1] == ["renew", "replaced"]


def test_a_lost_answer_shuts_nobody_out(central: Central) -> None:
    """Until its successor is used a token stays valid, and gives the same device another token."""
    laptop = central.enrol("王")
    lost = renewed(laptop)
    copy = renewed(laptop, lost.device)
    assert not works(lost)
    assert works(copy)
    assert active(central) == [copy.device]


def test_one_token_makes_one_device(central: Central) -> None:
    """However often a token is renewed, it has one successor; and what was used is renewed no more."""
    laptop = central.enrol("王")
    copies = [renewed(laptop) for _ in range(20)]
    assert [works(copy) for copy in copies] == [False] * 19 + [True]
    assert laptop.post("/v1/renew", {"device": {"id": new_id(), "name": "x"}}).status_code == 401
    assert active(central) == [copies[-1].device]


def test_renewing_takes_no_other_device_over(central: Central) -> None:
    """A token gives no token for a sibling, a colleague's device, itself, or a device that was revoked."""
    laptop, sibling, other = central.enrol("王"), central.enrol("王"), central.enrol("张")
    gone = renewed(central.enrol("王"))
    admin.revoke(central.data_dir, gone.device)
    for device in (sibling.device, other.device, laptop.device, gone.device):
        asked = {"device": {"id": device, "name": "x"}}
        assert laptop.post("/v1/renew", asked).json()["code"] == "device_taken"
    assert works(sibling)
    assert not works(gone)


@pytest.mark.parametrize("used", [False, True])
def test_a_revocation_ends_all_that_came_from_the_token(central: Central, used: bool) -> None:
    """Revoking a device ends its successors, used or not yet; only a new invitation brings a person back."""
    first = central.enrol("王")
    second = renewed(first)
    if used:
        assert works(second)
    third = renewed(second if used else first)
    admin.revoke(central.data_dir, first.device)
    assert not any(map(works, (first, second, third)))
    assert active(central) == []
    third.join(central.invite("王"))
    assert works(third)


def test_revoking_a_person_ends_the_codes_that_wait_for_them(central: Central) -> None:
    """A code that was made before the revocation brings nobody back."""
    laptop = central.enrol("王")
    code = central.invite("王")
    admin.revoke(central.data_dir, "王")
    other = Laptop(central.url)
    asked = {"protocol": 1, "code": code, "device": {"id": other.device, "name": "x"}}
    assert other.post("/v1/join", asked).json()["code"] == "bad_invite"
    assert not works(laptop)


def test_a_person_has_few_devices(tmp_path: Path) -> None:
    """Five, if the central's settings say nothing else: the next one is refused until one is revoked, its code stays
    good."""
    with running_central(tmp_path) as central:
        laptops = [central.enrol("王") for _ in range(MAX_DEVICES)]
        last, code = Laptop(central.url), central.invite("王")
        asked = {"protocol": 1, "code": code, "device": {"id": last.device, "name": "x"}}
        answer = last.post("/v1/join", asked)
        assert (answer.status_code, answer.json()["code"], answer.json()["most"]) == (409, "too_many_devices", 5)
        admin.revoke(central.data_dir, laptops[0].device)
        last.join(code)
        laptops[1].join(central.invite("王"))  # one of the five, anew


def test_the_operator_says_how_many(tmp_path: Path) -> None:
    """central.toml may allow more or fewer."""
    data = tmp_path / "central"
    create_central(data)
    assert load_central_settings(data).limits.max_devices == MAX_DEVICES
    with (data / SETTINGS_FILE).open("a") as settings:
        settings.write("max_devices = 1\n")
    assert load_central_settings(data).limits.max_devices == 1
    with serving_app(create_app(open_database(data), limits=DeviceLimits(max_devices=1))) as url:
        central = Central(data, url, "")
        central.enrol("王")
        with pytest.raises(AssertionError, match="too_many_devices"):
            central.enrol("王")


def test_the_owner_is_told_of_each_device(central: Central) -> None:
    """hello names the devices of the account, and nobody else's."""
    first, second = central.enrol("王"), central.enrol("王")
    central.enrol("张")
    assert [device["id"] for device in first.hello()["devices"]] == [first.device, second.device]


def test_copies_of_a_home_count_among_a_persons_devices(central: Central) -> None:
    """Whoever makes the central believe again and again that their home was copied gets no more devices than any."""
    laptop = central.enrol("王")
    answers = []
    for n in range(2 * MAX_DEVICES):
        laptop.post("/v1/push", {"chain": {"prev": "x", "next": f"{n}"}, "lines": []})
        answers.append(laptop.post("/v1/renew", {"device": {"id": new_id(), "name": "x"}, "twin": True}))
    assert answers[-1].json()["code"] == "too_many_devices"
    assert len(active(central)) == MAX_DEVICES
