"""What a caller may read, in one snapshot. Use: ``snapshot.ScopedReads``, ``cursor`` (encrypted cursors),
``person_texts`` (what is held on a person).

It may import ``accounts`` and ``db``; it writes nothing.
"""
