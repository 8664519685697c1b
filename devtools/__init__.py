"""What stands behind `./dev`: a real Odoo 19, its PostgreSQL, and the project's tests."""
