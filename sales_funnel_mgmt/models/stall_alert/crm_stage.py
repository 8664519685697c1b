"""When an opportunity is stalled: the thresholds of stages and companies, as cut-off moments.

Whatever needs to know joins `_get_stall_policy_query` with the open stays.
"""

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL


class CrmStage(models.Model):
    _inherit = 'crm.stage'

    silence_threshold_days = fields.Integer(
        string="Days of Silence",
        help="An opportunity of this stage without a contact with the customer for longer than this "
        "many days is stalled. 0: the company's setting applies. Days to rot is the other clock: how "
        "long an opportunity may be in the stage.",
    )
    has_stall_alerts = fields.Boolean(
        string="Stall Alerts",
        default=True,
        help="Opportunities of this stage can be stalled. Days to rot and Days of Silence say when; "
        "where they are 0, the settings of the company apply.",
    )

    # === CONSTRAINT METHODS === #

    @api.constrains('silence_threshold_days')
    def _check_silence_threshold_days(self):
        wrong = self.filtered(lambda stage: stage.silence_threshold_days < 0)
        if wrong:
            raise ValidationError(
                self.env._(
                    "Days of silence cannot be negative: 0 stands for the company's setting. "
                    "Please correct: %(stages)s",
                    stages=", ".join(wrong.mapped('display_name')),
                )
            )

    # === BUSINESS METHODS === #

    @api.model
    def _get_stall_policies(self):
        """Return when opportunities stall, for each company and stage in which they can.

        Opportunities without a company follow the first one; theirs is the company id 0.

        :return: List of (company id, stage id, days in stage allowed, the moment before which an
            opportunity must have entered to be over, days of silence allowed, the moment of the last
            contact likewise). The days are 0 and the moment None where a clock is off.
        :rtype: list[tuple]
        """
        companies = self._get_stall_companies()
        # In sudo mode: what stalls does not depend on who asks.
        stages_sudo = self.sudo().search(
            Domain('is_won', '=', False) & Domain('has_stall_alerts', '=', True)
        )
        cutoffs = {}

        def cutoff(company, days):
            if days <= 0:
                return None
            if (company, days) not in cutoffs:
                cutoffs[company, days] = company._get_stall_cutoff(days)
            return cutoffs[company, days]

        policies = []
        for company_id, company in companies.items():
            for stage in stages_sudo:
                age = stage.rotting_threshold_days or company.stall_age_days
                silence = stage.silence_threshold_days or company.stall_silence_days
                policies.append((
                    company_id,
                    stage.id,
                    max(age, 0),
                    cutoff(company, age),
                    silence,
                    cutoff(company, silence),
                ))
        return policies

    @api.model
    def _get_stall_companies(self):
        """Return the company whose settings count, by the company id of an opportunity (0: none)."""
        # In sudo mode, archived ones too: an opportunity's company need not be one of the user's.
        companies_sudo = (
            self
            .env['res.company']
            .sudo()
            .with_context(active_test=False)
            .search(Domain.TRUE, order='id')
        )
        return {0: companies_sudo[:1], **{company.id: company for company in companies_sudo}}

    @api.model
    def _get_stall_policy_query(self):
        """Return `_get_stall_policies` as a subselect with the columns company_id, stage_id, age_days,
        age_cutoff, silence_days, silence_cutoff. To be joined with open stays (`left_at` empty, not
        `is_won`) on the stage and COALESCE(company_id, 0): over the age is `stage_entered_at <
        age_cutoff`.

        :rtype: SQL
        """
        # the first row is there for the types of the columns, and where there are no stages
        rows = [SQL("(0, 0, 0, NULL::timestamp, 0, NULL::timestamp)")]
        rows += [
            SQL("(%s, %s, %s, %s::timestamp, %s, %s::timestamp)", *policy)
            for policy in self._get_stall_policies()
        ]
        return SQL(
            """(SELECT * FROM (VALUES %s) AS value (
                company_id, stage_id, age_days, age_cutoff, silence_days, silence_cutoff))""",
            SQL(", ").join(rows),
        )
