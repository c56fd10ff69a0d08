"""Backups of a central, and a central made from one. Use: ``create.create_backup``, ``restore.restore_backup``.

A backup is one SQLite file of the central's schema, whichever database it came from (``backup_file.py``), so it
restores into either. It may import everything of the central but ``api``, ``steps`` and ``request``.
"""
