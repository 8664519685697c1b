"""A sales pipeline from CSV files into Odoo's CRM.

`csv_folder` reads and judges the files without Odoo; `masters` and `opportunities` create the
records; `summary` compares what is in the database with what was in the files.
"""
