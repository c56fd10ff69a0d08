"""The kinds of ledger line, one model each. A new kind is a file here, a migration and its texts in two languages.

Class attributes of a model say the rest (``base.py``): area, indexed fields, writers. Nothing imports these files but
``store/ledger/kinds.py``, which loads all of them; they import `base`, `store.ledger.buckets` and
`store.ledger.kind_facts`.
"""
