"""Define the thresholds of stages, and combine them with those of the companies.

Queries about stalls join `_get_stall_policy_query` with the open stays.
"""

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..base.arguments import LARGEST_DAYS


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
        wrong = self.filtered(lambda stage: not 0 <= stage.silence_threshold_days <= LARGEST_DAYS)
        if wrong:
            raise ValidationError(
                self.env._(
                    "Days of silence must be between 0, which stands for the company's setting, and "
                    "%(most)s. Please correct: %(stages)s",
                    most=LARGEST_DAYS,
                    stages=", ".join(wrong.mapped('display_name')),
                )
            )

    # === BUSINESS METHODS === #

    @api.model
    def _get_stall_policies(self):
        """Return the thresholds for each company and stage in which opportunities can stall.

        Opportunities without company have the company ID 0 and the thresholds of the first company.

        :return: Tuples of company ID, stage ID, allowed days in the stage, their cutoff, allowed days
            of silence, and their cutoff. An opportunity is stalled if it entered the stage, or had its
            last contact, before the cutoff. Where a clock is off, days are 0 and the cutoff is None.
        :rtype: list[tuple]
        """
        companies = self._get_stall_companies()
        # In sudo mode: stalls do not depend on the access rights of the current user.
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
        """Return the company whose settings apply, by the company ID of an opportunity, or 0."""
        # In sudo mode and with archived ones: an opportunity's company may not be one of the user's.
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
        """Return `_get_stall_policies` as a subselect.

        Its columns are company_id, stage_id, age_days, age_cutoff, silence_days and silence_cutoff.
        Join it with open stays (`left_at` is empty, not `is_won`) on the stage and
        COALESCE(company_id, 0). A stay is too old if `stage_entered_at < age_cutoff`.

        :rtype: SQL
        """
        # The first row defines the types of the columns, also if there are no stages.
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
