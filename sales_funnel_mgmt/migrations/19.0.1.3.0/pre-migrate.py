"""Create the new columns of large tables before the ORM does."""

from odoo.tools import sql


def migrate(cr, version):
    """Create the new column of mail.message, so that the ORM does not rewrite the table."""
    if not sql.column_exists(cr, 'mail_message', 'is_automatic'):
        sql.create_column(cr, 'mail_message', 'is_automatic', 'bool')
