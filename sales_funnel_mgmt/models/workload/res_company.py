"""Define the company settings for concentration, novices and key accounts."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..base.arguments import LARGEST_MONTHS
from ..base.tools import check_percentage

COUNT_FIELDS = ('concentration_min_customers', 'novice_months', 'key_account_revenue')


class ResCompany(models.Model):
    _inherit = 'res.company'

    concentration_limit = fields.Float(
        string="Concentration Limit (%)",
        digits=(5, 2),
        default=80,
        help="Largest share (0 to 100) of a sales team's won customers that one salesperson should "
        "hold. Above it there is a warning.",
    )
    concentration_min_customers = fields.Integer(
        string="Concentration From (Customers)",
        default=5,
        help="A sales team that holds fewer won customers than this gets no warning; neither does a "
        "team of one.",
    )
    novice_months = fields.Integer(
        string="Novice For (Months)",
        default=6,
        help="A member of a sales team is a novice for so many months after joining it, unless their "
        "seniority is set by hand. 0: nobody is.",
    )
    key_account_revenue = fields.Monetary(
        string="Key Account From",
        currency_field='currency_id',
        help="A customer whose won opportunities are worth this much or more, in the currency of the "
        "company, is a key account, unless it is set by hand. 0: only by hand.",
    )

    # === CONSTRAINT METHODS === #

    @api.constrains('concentration_limit')
    def _check_concentration_limit(self):
        check_percentage(self, 'concentration_limit')

    @api.constrains(*COUNT_FIELDS)
    def _check_workload_settings(self):
        for company in self:
            if company.novice_months > LARGEST_MONTHS:
                raise ValidationError(
                    self.env._(
                        "Nobody is a novice for longer than %(most)s months (%(company)s).",
                        most=LARGEST_MONTHS,
                        company=company.display_name,
                    )
                )
            for name in COUNT_FIELDS:
                if company[name] < 0:
                    raise ValidationError(
                        self.env._(
                            "%(field)s cannot be negative (%(company)s).",
                            field=self._fields[name].get_description(self.env, ['string'])[
                                'string'
                            ],
                            company=company.display_name,
                        )
                    )
