"""The steps of a round, one file each: the device half first, the central half (``answer_…``) after it.

The central's halves are written against ``sync/central/desk.py`` but never import it, so that a laptop does not load
the central to sync.
"""
