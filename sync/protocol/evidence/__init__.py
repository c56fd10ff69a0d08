"""A package of evidence: one zip file that is checked with no network and no home (``guanjia verify``).

Reading order: ``container.py`` (the file), ``package.py`` (what is in it), ``check.py`` (whether it holds).
"""
