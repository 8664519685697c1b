"""Load a sales pipeline from CSV files into Odoo's CRM, by Odoo's own import."""
