"""Implement `./dev`: it sets up Odoo 19 and PostgreSQL, and runs the tests of the project."""
