from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = 'base.partner.merge.automatic.wizard'

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        """Merging re-points opportunities and quota rates in plain SQL, which recomputes nothing."""
        result = super()._merge(partner_ids, dst_partner=dst_partner, extra_checks=extra_checks)
        survivors = self.env['res.partner'].browse(partner_ids).exists() | (
            dst_partner or self.env['res.partner']
        )
        self.env['crm.lead']._refresh_quota_rates([
            ('active', '=', True),
            ('partner_id.commercial_partner_id', 'in', survivors.commercial_partner_id.ids),
        ])
        return result
