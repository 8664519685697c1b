"""Define the audit check: a rule that finds incomplete or implausible opportunities."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools.safe_eval import datetime, dateutil, safe_eval, time

SEVERITIES = [
    ('info', "Information"),
    ('warning', "Warning"),
    ('blocking', "Blocking"),
]


class CrmPipelineCheck(models.Model):
    """Find opportunities by a domain, or by one of the built-in rules."""

    _name = 'crm.pipeline.check'
    _description = "Audit Check"
    _order = 'sequence, id'

    name = fields.Char(
        string="Finding",
        required=True,
        translate=True,
        help="What is wrong with the opportunities that are found.",
    )
    sequence = fields.Integer(default=10, help="Order of the checks.")
    active = fields.Boolean(default=True, help="Archived checks are not made.")
    severity = fields.Selection(
        selection=SEVERITIES,
        required=True,
        default='warning',
        help="A handover starts only when its blocking findings are fixed, or waived with a reason.",
    )
    code = fields.Selection(
        selection=[('domain', "Conditions")],
        string="Finds",
        required=True,
        default='domain',
        help="Opportunities that meet conditions on their own fields, or one of the built-in rules.",
    )
    domain = fields.Char(
        string="Conditions",
        default='[]',
        help="Opportunities that are found: those that meet these conditions.",
    )
    parameter = fields.Float(
        string="Threshold",
        help="Figure of a built-in rule: days, percent or a factor, as the rule says.",
    )
    description = fields.Text(
        translate=True,
        help="What the check means and how to fix a finding.",
    )

    # === CONSTRAINT METHODS === #

    @api.constrains('domain', 'code')
    def _check_domain(self):
        for check in self.filtered(lambda check: check.code == 'domain'):
            try:
                domain = check._get_domain()
                if domain.is_true():
                    raise ValueError(  # noqa: TRY301 - all that is wrong is said in one way
                        self.env._("It finds every opportunity.")
                    )
                domain.validate(self.env['crm.lead'])
            # A user's expression can fail in any way: a name, the syntax, a value.
            except Exception as error:
                raise ValidationError(
                    self.env._(
                        "The conditions of the check “%(check)s” cannot be used: %(error)s",
                        check=check.name,
                        error=error,
                    )
                ) from error

    # === BUSINESS METHODS === #

    def _get_domain(self):
        """Evaluate the conditions of this check.

        :rtype: odoo.fields.Domain
        """
        self.ensure_one()
        return Domain(
            safe_eval(
                self.domain or '[]',
                {
                    'uid': self.env.uid,
                    'context_today': lambda: fields.Date.context_today(self),
                    'datetime': datetime,
                    'relativedelta': dateutil.relativedelta.relativedelta,
                    'time': time,
                },
            )
        )

    def _find(self, leads):
        """Find opportunities with one query.

        :param crm.lead leads: Opportunities to check. They may be closed.
        :return: The opportunities that do not pass the check.
        :rtype: crm.lead
        """
        self.ensure_one()
        if self.code == 'domain':
            return leads.with_context(active_test=False).search(
                Domain('id', 'in', leads.ids) & self._get_domain()
            )
        return leads.browse(getattr(self, f'_find_{self.code}')(leads))
