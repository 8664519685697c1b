"""Fill the communications that version 1.2 adds."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Fill the communications from the past messages and activities, as an installation does."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    env['crm.communication']._rebuild()
