"""Compare the speed of stock Odoo and of the addon on the same data, in one run.

`seed` fills a database with crm only, `databases` copies it, and the addon is installed in the copy.
`__main__` starts a `worker` process for each database, and lets them do every measure in turn. Each
capability of the addon has a module with its `MEASURES`, listed in `capabilities.CAPABILITIES`.
"""
