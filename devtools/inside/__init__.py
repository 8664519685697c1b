"""Programs that run inside Odoo: with the Python of Odoo's virtual environment."""
