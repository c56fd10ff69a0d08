"""Texts in Chinese and English: translation, labels of stored values, dates, catalogs.

Use: `translate._`, `translate.N_`, `translate.value_label`, `translate.error_text`; `dates` for days and times;
``*_text`` for records as text without Textual. ``extract`` updates the catalogs in ``locale``. May import ``store``
alone; ``translate`` imports little of it: the first paint and ``guanjia find`` wait for it.
"""
