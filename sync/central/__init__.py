"""The central: orders, authorises and never guesses (decision 4). Start reading at ``app.py``, then ``routes.py``."""
