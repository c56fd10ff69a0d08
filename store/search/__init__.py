"""Search over all lines: typed words and qualifiers in, ranked hits out; the index is written with each line.

Use: `session.search_lines` (words with qualifiers), `session.find` (words alone), `session.SearchSession` (a screen's
searches, of which only the latest counts), `session.find_by_name`, `ranking.SearchHit`, `ranking.hits_by_id`,
`query.name_matches`, `highlight.matched_ranges`; the writer uses `index` and `contact_phones`.

Text flows `tokenizer` → `index` when a line is written; `qualifiers` → `query` → `filters` → `ranking` → `line_text`
when something is searched. Imports `store.domain`, `store.ledger`, `store.home`, `store.db`, `store.values`. Searching
loads no model (``guanjia find`` is measured as a whole process); only `contact_phones`, which writes, does.
"""
