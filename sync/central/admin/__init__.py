"""The operator's side of the central. Use: ``admin`` (the commands), ``setup.open_database``, ``rebucket.rebucket``.

It may import everything of the central but ``api``, ``steps`` and ``request``; ``bundle_folder`` answers what came as
files.
"""
