"""Create the customer column that version 1.1 adds to opportunities."""

from odoo.tools import sql


def migrate(cr, version):
    """Create the new column of crm.lead, so that the ORM does not compute it row by row."""
    if not sql.column_exists(cr, 'crm_lead', 'customer_id'):
        sql.create_column(cr, 'crm_lead', 'customer_id', 'int4')
