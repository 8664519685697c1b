"""Merge the quota rates and the handovers of customers with the customers."""

from collections import defaultdict

from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = 'base.partner.merge.automatic.wizard'

    def _update_foreign_keys(self, src_partners, dst_partner):
        """Merge the rates, then let Odoo update the foreign keys, and update the opportunities.

        Odoo updates the keys in SQL. If two of the customers have a rate in the same stage, it
        deletes all the rates of one of them. Instead, the rate of the remaining customer is kept,
        with a note about the rate that it replaces.
        """
        src_partners._check_salesperson_of_merge(dst_partner)
        # In sudo mode: users who merge contacts may lack access to rates, and must not lose any.
        self.sudo()._merge_quota_rates(src_partners, dst_partner)
        # Odoo would delete one of two customers of a handover, with all that is handed over of it.
        self.env['crm.handover.customer'].sudo()._merge_customers(src_partners, dst_partner)
        result = super()._update_foreign_keys(src_partners, dst_partner)
        self.env['crm.lead']._refresh_customers(dst_partner)
        self.env['crm.lead']._propagate_quota_rates([
            ('customer_id', '=', dst_partner.commercial_partner_id.id),
        ])
        return result

    def _merge_quota_rates(self, src_partners, dst_partner):
        rates = self.env['crm.quota.rate'].search([
            ('partner_id', 'in', (src_partners | dst_partner).ids),
        ])
        kept, replaced = {}, defaultdict(list)
        duplicates = self.env['crm.quota.rate']
        for rate in rates.sorted(lambda rate: (rate.partner_id != dst_partner, rate.id)):
            keeper = kept.setdefault((rate.stage_id, rate.company_id), rate)
            if keeper != rate:
                replaced[keeper].append(f"{rate.partner_id.display_name}: {rate.rate:g}%")
                duplicates |= rate
        if duplicates:
            union = self.env['crm.quota.rate'].union(*replaced)
            union._message_log_batch({
                rate.id: self.env._(
                    "Contacts were merged. This rate replaces: %(rates)s",
                    rates=", ".join(texts),
                )
                for rate, texts in replaced.items()
            })
            duplicates.unlink()
