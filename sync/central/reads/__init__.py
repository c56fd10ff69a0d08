"""What a caller may read, in one snapshot. Use: ``snapshot.ScopedReads``, ``cursor`` (encrypted cursors).

It may import ``accounts`` and ``db``; it writes nothing.
"""
