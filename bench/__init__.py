"""A benchmark: stock Odoo and the addon on the same data, in one run.

`seed` fills a database with crm alone, `databases` copies it, the addon is installed in the
copy, and `__main__` has a `worker` process for each of the two do every measure in turn.
A capability of the addon has a module of its own here with its `MEASURES`, named in
`capabilities.CAPABILITIES`; it uses `measure.Measure`.
"""
