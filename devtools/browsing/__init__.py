"""Use Odoo's web client in headless Chromium, for `./dev crawl` and `./dev screenshots`.

These programs run in Odoo's venv, which has playwright. They need only the address of a server.
"""
