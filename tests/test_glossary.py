"""The glossary is true: every row names a file that exists, and the README leads to it before anything else."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
GLOSSARY = ROOT / "store" / "GLOSSARY.md"
COLUMNS = 5


def rows() -> list[list[str]]:
    """The cells of every term's row."""
    lines = [line for line in GLOSSARY.read_text("utf-8").splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [row for row in cells if row[0] != "term"]


def test_every_term_has_its_chinese_word_meaning_and_file() -> None:
    """A row has all five cells, the Chinese word is Chinese, and the file that holds the rule exists."""
    terms = rows()
    assert len(terms) >= 40
    assert [row for row in terms if len(row) != COLUMNS or not all(row)] == []
    assert [row[0] for row in terms if not re.search(r"[一-鿿]", row[1])] == []
    assert [row[4] for row in terms if not (ROOT / row[4].strip("`")).is_file()] == []


def test_no_term_is_explained_twice() -> None:
    """Each term has one row."""
    terms = [row[0] for row in rows()]
    assert len(terms) == len(set(terms))


def test_the_readme_leads_to_the_glossary_first() -> None:
    """After the guides in Chinese, which lead elsewhere, the glossary is the first link of the README."""
    links = re.findall(r"\]\(([^)]+)\)", (ROOT / "README.md").read_text("utf-8"))
    assert links[:3] == ["README.zh.md", "sync/ADMIN.zh.md", "store/GLOSSARY.md"]
