"""Spread an amount over the quotas of several months, without losing a cent."""

from collections import defaultdict

from dateutil.relativedelta import relativedelta

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...base.months import spread

SPREADS = ('even', 'last_year', 'closing')


class CrmSalesQuota(models.Model):
    _inherit = 'crm.sales.quota'

    # === BUSINESS METHODS === #

    @api.model
    def _enter(self, owners, company, months, amount, how, replace_drafts=False):
        """Give each salesperson, or each sales team, the same amount for a period.

        :param owners: `res.users` or `crm.team` records.
        :param company: `res.company` record.
        :param list[date] months: First days of the months of the period.
        :param float amount: Amount of each owner for the whole period.
        :param str how: One of `SPREADS`: evenly, by last year's actuals or by expected closing;
            by default evenly, for an owner without such figures.
        :param bool replace_drafts: Delete the drafts of the same months.
        :return: The new quotas.
        """
        self._remove_drafts(owners, company, months, replace_drafts)
        weights = self._get_weights(owners, company, months, how)
        rounding = company.currency_id.rounding
        quotas = self.create([
            {
                self._get_owner_field(owners): owner.id,
                'company_id': company.id,
                'month': month,
                'amount': part,
            }
            for owner in owners
            for month, part in zip(months, spread(amount, weights[owner.id], rounding), strict=True)
        ])
        if len(months) > 1:
            # In sudo mode: only the system writes the origin of an amount.
            quotas.sudo().origin = 'spread'
        return quotas

    @api.model
    def _remove_drafts(self, owners, company, months, replace_drafts):
        """Delete the drafts of the owners in these months, and refuse confirmed quotas.

        :raise UserError: If there is a confirmed quota, or a draft and `replace_drafts` is false.
        """
        domain = Domain(self._get_owner_field(owners), 'in', owners.ids)
        if owners._name == 'crm.team':
            domain &= Domain('user_id', '=', False)
        existing = self.search(
            domain & Domain('company_id', '=', company.id) & Domain('month', 'in', months)
        )
        drafts = existing.filtered(lambda quota: quota.state == 'draft')
        confirmed = existing - drafts
        if confirmed:
            raise UserError(
                self.env._(
                    "There are confirmed quotas in this period already. Please revise them, or "
                    "choose other months: %(quotas)s",
                    quotas=confirmed._get_names(),
                )
            )
        if drafts and not replace_drafts:
            raise UserError(
                self.env._(
                    "There are quotas in this period already. Please choose 'Replace drafts', or "
                    "other months: %(quotas)s",
                    quotas=drafts._get_names(),
                )
            )
        drafts.unlink()

    @api.model
    def _get_weights(self, owners, company, months, how):
        """Return the weights of the months, by owner's id."""
        if how == 'even' or len(months) == 1:
            return defaultdict(lambda: [0] * len(months))
        if how == 'closing':
            found = self._get_open_amounts(owners, company, months)
            shift = relativedelta()
        else:
            shift = relativedelta(years=1)
            found = self._get_actuals(owners, company, [month - shift for month in months])
        return defaultdict(
            lambda: [0] * len(months),
            {
                # A month with more credit notes than orders has the weight 0.
                owner.id: [max(found.get((owner.id, month - shift), 0), 0) for month in months]
                for owner in owners
            },
        )

    @api.model
    def _get_actuals(self, owners, company, months):
        """Return the actuals of the months, by owner's id and month."""
        field = self._get_owner_field(owners)
        rows = self.env['crm.quota.report']._read_group(
            [
                (field, 'in', owners.ids),
                ('company_id', '=', company.id),
                ('date', '>=', months[0]),
                ('date', '<', months[-1] + relativedelta(months=1)),
            ],
            [field, 'date:month'],
            ['actual:sum'],
        )
        return {(owner.id, month): actual or 0 for owner, month, actual in rows}

    @api.model
    def _get_owner_field(self, owners):
        return 'team_id' if owners._name == 'crm.team' else 'user_id'
