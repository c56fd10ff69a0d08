"""Saved views: kept by a person under a name, replaced by the same name, seen by nobody else."""

from __future__ import annotations

import pytest

from store.commands import saved_views as commands
from store.commands.exceptions import EntryFieldMissing, ViewUnknown
from store.queries.saved_views import choices_of, saved_views
from tests.store.queries.sample import Sample


def test_a_view_is_kept_replaced_and_removed_by_its_name(district: Sample) -> None:
    """The same name of the same list is one view; order and direction come back as they were; others see nothing."""
    chosen = {"light": "red", "words": "a=b", "order": "due", "reverse": "yes", "owner": ""}
    commands.save(district.ledger, "issues", "红灯", {"light": "blue"})
    commands.save(district.ledger, "issues", " 红灯 ", chosen)
    commands.save(district.ledger, "projects", "红灯", {"order": "name"})
    other = {"person_id": "01900000-0000-7000-8000-00000000ffff", "place": "issues", "name": "别人的"}
    district.ledger.put("saved_view", other)
    kept = [(row.place, row.name, row.choices) for row in saved_views(district.connection)]
    assert kept == [
        ("issues", "红灯", {name: value for name, value in chosen.items() if value}),
        ("projects", "红灯", {"order": "name"}),
    ]
    assert len(saved_views(district.connection, "issues")) == 1
    with pytest.raises(ViewUnknown):
        commands.remove(district.ledger, "红灯")
    assert commands.remove(district.ledger, "红灯", "issues") == "红灯"
    assert [row.place for row in saved_views(district.connection)] == ["projects"]
    with pytest.raises(EntryFieldMissing):
        commands.save(district.ledger, "issues", "  ", {})


def test_everybody_saves_views_whatever_their_role(district: Sample) -> None:
    """An auditor, who writes nothing else, keeps views and removes them."""
    district.ledger.save_facts(central="http://x", roles='[{"role": "auditor"}]')
    district.ledger.within_roles = True
    commands.save(district.ledger, "issues", "红灯", {"light": "red"})
    commands.remove(district.ledger, "红灯")
    assert saved_views(district.connection) == []


def test_what_a_newer_version_wrote_into_a_view_harms_nothing() -> None:
    """Choices of another form are left out."""
    assert choices_of(["light=red", "=", "x", "y="], None) == {"light": "red"}
