"""Keep the favorites of users working when keys of the context get other names."""

import logging

from odoo import api, models
from odoo.tools import SQL

_logger = logging.getLogger(__name__)


class IrFilters(models.Model):
    _inherit = 'ir.filters'

    @api.model
    def _repair_periods(self):
        """Rename the keys of the period in the favorites that users saved before 19.0.1.3.0."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                r"""
                UPDATE ir_filters
                   SET context = regexp_replace(regexp_replace(
                           context, '\mstage_flow_period\M', 'report_period', 'g'),
                           '\mstage_flow_(from|to)\M', 'report_period_\1', 'g')
                 WHERE context ~ '\mstage_flow_(period|from|to)\M'
                """
            )
        )
        _logger.info("Favorites with a period: %s repaired", self.env.cr.rowcount)
        self.invalidate_model(['context'])
