"""Odoo's web client in headless Chromium: what ./dev crawl and ./dev screenshots are made of.

Runs in Odoo's venv, which has playwright; needs no Odoo, only the address of one.
"""
