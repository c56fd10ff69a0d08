"""Which lines the story of an issue consists of."""

from __future__ import annotations

from store.queries.evidence import issue_story, project_story
from tests.store.queries.sample import Sample


def test_a_story_has_the_rules_that_its_lights_and_acts_were_judged_by(district: Sample) -> None:
    """Limits, holidays, and the district's rules of time and files: without them nobody could compute them again."""
    since = {"valid_from": "2026-01-01"}
    rules = {
        district.ledger.put(kind, body).id
        for kind, body in (
            ("district_limit", {"name": "due_soon", "value": 3}),
            ("holiday_year", {"year": 2030, "off": ["2030-01-01"]}),
            ("time_rule", {"days": 2, "counting": "days", "start": "recorded", "pauses": "none", **since}),
            ("file_rule", {"act": "settled", "files": 1, **since}),
        )
    }
    assert rules <= set(issue_story(district.connection, district.issue).line_ids)
    assert rules <= set(project_story(district.connection, district.water).line_ids)
