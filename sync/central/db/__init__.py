"""The central's database: tables and rows, engine, migrations, triggers, the district's counter, the settings file.

Use: ``database.CentralDatabase``, ``tables``, ``commit_order.lock_district``. It knows nothing of callers or lines'
rules.
"""
