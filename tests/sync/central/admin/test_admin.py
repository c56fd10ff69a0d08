"""The operator's commands: names, roles, lists."""

from __future__ import annotations

import pytest

from store.ledger.line import new_id
from sync.central.admin import admin
from sync.exceptions import BadRole, UnknownName
from tests.sync.central.ledger import project, unit
from tests.sync.central_fixture import Central


def test_projects_and_departments_are_named_as_people_name_them(central: Central) -> None:
    """A project by number, name or id, spaces and width aside; a department by its name."""
    boss = central.enrol("局长")
    own, office = project(boss, "风电 一期"), unit(boss)
    boss.push([own, office])
    data = central.data_dir
    for named in ("风电一期", "风电　一期", own.id):
        admin.grant(data, "局长", "butler", projects=[named])
        assert admin.withdraw(data, "局长", "butler", projects=[named]) == [
            {"role": "butler", "project": own.id, "department": None}
        ]
    added = admin.grant(data, "局长", "department", department="发改局")
    assert added == [{"role": "department", "project": None, "department": office.id}]
    assert admin.grant(data, "局长", "department", department=office.id) == []


def test_ambiguous_and_unknown_names_are_refused(central: Central) -> None:
    """Two projects of one name are told apart by id only; the error names the candidates."""
    boss = central.enrol("局长")
    twins = [project(boss, "风电"), project(boss, "风电")]
    boss.push(twins)
    with pytest.raises(UnknownName) as caught:
        admin.invite(central.data_dir, "甲", "butler", projects=["风电"])
    assert all(twin.id in str(caught.value) for twin in twins)
    with pytest.raises(UnknownName):
        admin.invite(central.data_dir, "甲", "department", department="没有的局")
    with pytest.raises(UnknownName):
        admin.grant(central.data_dir, "无此人", "bureau")
    with pytest.raises(UnknownName):
        admin.revoke(central.data_dir, new_id())


def test_bad_roles_are_refused(central: Central) -> None:
    """A role that does not exist, and a department's role without the department."""
    for role in ("king", "department"):
        with pytest.raises(BadRole):
            admin.invite(central.data_dir, "甲", role)


def test_all_devices_of_a_person_are_revoked_by_name(central: Central) -> None:
    """Naming an account revokes every device that speaks for it."""
    one, other = central.enrol("王"), central.enrol("张")
    revoked = admin.revoke(central.data_dir, "王")
    assert [device["id"] for device in revoked] == [one.device]
    assert other.hello()["protocol"] == 1


def test_lists(central: Central) -> None:
    """People with their roles, and counts of what is there: a project, and what makes its author one of the bureau."""
    boss = central.enrol("局长")
    boss.push([project(boss)])
    (person,) = admin.list_accounts(central.data_dir)
    assert (person["name"], person["person"], person["devices"]) == ("局长", boss.person, 1)
    assert person["roles"] == [{"role": "bureau", "project": None, "department": None}]
    stats = admin.stats(central.data_dir)
    assert {name: stats[name] for name in ("lines", "versions", "buckets", "accounts", "devices", "damaged")} == {
        "lines": 2, "versions": 0, "buckets": 2, "accounts": 1, "devices": 1, "damaged": 0,
    }  # fmt: skip
