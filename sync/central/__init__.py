"""The central: it orders and authorises the lines of its districts (decision 4).

Read ``api/routes.py`` (the HTTP endpoints), then a file of ``steps/``, then ``request.py`` (snapshots and write
transactions for one caller), ``reads/snapshot.py`` and ``writes/merge_batch.py``. It may import ``store`` and
``sync.protocol``; no device module imports it. Use: ``api.serve.serve``, ``admin.admin`` (``guanjia central …``).
"""
