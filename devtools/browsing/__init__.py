"""Odoo's web client in headless Chromium: what ./dev crawl and ./dev screenshots are made of.

Runs in Odoo's venv, which has the WebSocket client; needs no Odoo, only the address of one.
"""
