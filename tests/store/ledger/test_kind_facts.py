"""The facts of kinds that are known without loading a model."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from store.ledger.kind_facts import FACTS_FILE, facts_json, is_deletable, kind_facts
from store.ledger.kinds import facts_of_model, kinds
from tests.toy import toy_kind


def test_the_facts_file_is_what_the_models_say() -> None:
    """``python -m store.ledger.kinds`` would write the file as it is; read back, it gives the same facts."""
    derived = {name: facts_of_model(kind.model) for name, kind in kinds().items()}
    assert FACTS_FILE.read_text("utf-8") == facts_json(derived)
    assert kind_facts() == derived


def test_facts_are_read_without_the_models() -> None:
    """Permissions and qualifiers know every kind while neither pydantic nor SQLModel is loaded."""
    code = (
        "import sys; from store.domain.permissions import may_write; "
        "from store.search.qualifiers import matching_values; "
        "assert may_write(['lead_leader'], 'visit') and not may_write(['lead_leader'], 'issue'); "
        "assert matching_values('kind', 'visit', lambda family, value: value); "
        "print(sorted({'pydantic', 'sqlmodel', 'sqlalchemy'} & set(sys.modules)))"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_registered_kind_is_known_until_it_is_taken_away() -> None:
    """Registry and facts follow a kind that is added at run time; what is not known may be deleted."""
    before = set(kinds()), set(kind_facts())
    with toy_kind():
        assert kinds()["toy"].fields == ("name", "loud", "story")
        assert kind_facts()["toy"].text_fields == ("name", "story")
    assert (set(kinds()), set(kind_facts())) == before
    assert is_deletable("toy") and is_deletable("visit") and not is_deletable("project")
