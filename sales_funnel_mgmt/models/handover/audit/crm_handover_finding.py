"""Define the finding: the result of an audit check for an opportunity or a customer of a handover."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...base.arguments import check_one
from .crm_pipeline_check import SEVERITIES


class CrmHandoverFinding(models.Model):
    """Record what an audit check found, and whether it was fixed or waived."""

    _name = 'crm.handover.finding'
    _description = "Handover Finding"
    _inherit = ['crm.given.record.mixin', 'crm.system.field.mixin']
    _order = 'severity_rank, line_id, id'
    _rec_name = 'check_name'

    line_id = fields.Many2one(
        comodel_name='crm.handover.line',
        string="Handover Line",
        readonly=True,
        system=True,
        ondelete='cascade',
        index='btree_not_null',
        help="Opportunity of the handover at which it was found. Empty if it concerns the customer.",
    )
    handover_customer_id = fields.Many2one(
        comodel_name='crm.handover.customer',
        readonly=True,
        system=True,
        ondelete='cascade',
        index='btree_not_null',
        help="Customer of the handover at which it was found. Empty if it concerns an opportunity.",
    )
    subject = fields.Char(
        compute='_compute_subject',
        compute_sudo=True,
        help="Name of the opportunity or of the customer at which it was found.",
    )
    handover_id = fields.Many2one(
        comodel_name='crm.handover',
        compute='_compute_handover_id',
        store=True,
        system=True,
        index=True,
        help="Handover that was audited.",
    )
    lead_id = fields.Many2one(
        related='line_id.lead_id', string="Opportunity", help="Opportunity at which it was found."
    )
    to_user_id = fields.Many2one(
        comodel_name='res.users',
        string="Receiver",
        compute='_compute_to_user_id',
        help="Salesperson who receives the opportunity or the customer.",
    )
    company_id = fields.Many2one(
        related='handover_id.company_id', store=True, system=True, help="Company of the handover."
    )
    check_id = fields.Many2one(
        comodel_name='crm.pipeline.check',
        string="Audit Check",
        readonly=True,
        system=True,
        ondelete='set null',
        index='btree_not_null',
        help="Rule of the audit. Empty if it has been deleted since.",
    )
    check_name = fields.Char(
        string="Finding",
        required=True,
        readonly=True,
        system=True,
        help="What was found: the name of the rule, as it was then.",
    )
    severity = fields.Selection(
        selection=SEVERITIES,
        required=True,
        readonly=True,
        system=True,
        help="How much it matters, as it was then. Blocking findings hold up the start.",
    )
    problem = fields.Char(
        readonly=True,
        system=True,
        help="Why the check could not be carried out. Empty if it could.",
    )
    severity_rank = fields.Integer(
        compute='_compute_severity_rank',
        store=True,
        system=True,
        help="0 for blocking, 1 for a warning, 2 for an information.",
    )
    state = fields.Selection(
        selection=[
            ('open', "Open"),
            ('fixed', "Fixed"),
            ('waived', "Waived"),
        ],
        compute='_compute_state',
        store=True,
        system=True,
        help="Fixed: the last audit did not find it any more. Waived: it may stay as it is, for the "
        "reason given.",
    )
    is_fixed = fields.Boolean(
        readonly=True,
        system=True,
        help="The last audit did not find it any more.",
    )
    is_waived = fields.Boolean(
        string="Waived",
        help="The handover may start although this is so. Needs a reason.",
    )
    waive_reason = fields.Char(
        string="Reason",
        help="Why the finding may stay as it is.",
    )
    waived_by_id = fields.Many2one(
        comodel_name='res.users',
        readonly=True,
        system=True,
        ondelete='set null',
        help="Who waived the finding.",
    )

    _line_check_uniq = models.UniqueIndex(
        '(line_id, check_id) WHERE check_id IS NOT NULL',
        "A check finds an opportunity once.",
    )
    _customer_check_uniq = models.UniqueIndex(
        '(handover_customer_id, check_id) WHERE check_id IS NOT NULL',
        "A check finds a customer once.",
    )
    _one_subject = models.Constraint(
        'CHECK(num_nonnulls(line_id, handover_customer_id) = 1)',
        "A finding is about an opportunity or about a customer.",
    )

    # === COMPUTE METHODS === #

    @api.depends('line_id.handover_id', 'handover_customer_id.handover_id')
    def _compute_handover_id(self):
        for finding in self:
            finding.handover_id = (
                finding.line_id.handover_id or finding.handover_customer_id.handover_id
            )

    @api.depends('line_id.lead_name', 'handover_customer_id.customer_name')
    def _compute_subject(self):
        for finding in self:
            finding.subject = (
                finding.line_id.display_name or finding.handover_customer_id.display_name
            )

    @api.depends('line_id.to_user_id', 'handover_customer_id.to_user_id')
    def _compute_to_user_id(self):
        for finding in self:
            finding.to_user_id = (
                finding.line_id.to_user_id or finding.handover_customer_id.to_user_id
            )

    @api.depends('severity')
    def _compute_severity_rank(self):
        ranks = {'blocking': 0, 'warning': 1, 'info': 2}
        for finding in self:
            finding.severity_rank = ranks.get(finding.severity, 2)

    @api.depends('is_fixed', 'is_waived')
    def _compute_state(self):
        for finding in self:
            finding.state = (
                'fixed' if finding.is_fixed else 'waived' if finding.is_waived else 'open'
            )

    @api.depends('check_id', 'check_name', 'problem')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for finding in self:
            name = finding.check_id.name or finding.check_name
            finding.display_name = (
                self.env._(
                    "The check “%(check)s” could not be carried out: %(problem)s",
                    check=name,
                    problem=finding.problem,
                )
                if finding.problem
                else name
            )

    # === CONSTRAINT METHODS === #

    @api.constrains('is_waived', 'waive_reason')
    def _check_waive_reason(self):
        unexplained = self.filtered(
            lambda finding: finding.is_waived and not (finding.waive_reason or "").strip()
        )
        if unexplained:
            raise ValidationError(
                self.env._(
                    "A finding is waived with a reason. Please give one for: %(findings)s",
                    findings=", ".join(
                        f"{finding.subject}: {finding.display_name}" for finding in unexplained
                    ),
                )
            )

    # === CRUD METHODS === #

    def write(self, vals):
        """Override to store the user who waives a finding."""
        if not {'is_waived', 'waive_reason'}.isdisjoint(vals) and not self.env.su:
            self.handover_id._check_state('draft')
        result = super().write(vals)
        if 'is_waived' in vals:
            # In sudo mode: only the system writes this field.
            self.sudo().waived_by_id = self.env.user if vals['is_waived'] else False
        return result

    # === BUSINESS METHODS === #

    def _get_key(self):
        """Return the field and the ID of what the finding is about, and the ID of its check."""
        subject = self.line_id or self.handover_customer_id
        return (subject._finding_field, subject.id, self.check_id.id)

    @api.model
    def _update_found(self, known, wanted):
        """Store what an audit has found. In sudo mode.

        The name and the severity of a known finding stay, unless the check has stopped working, or
        works again.

        :param dict known: Stored findings, by field and ID of what they are about, and ID of the check.
        :param dict wanted: Values of the findings, by the same keys.
        """
        reopened = self.union(*(known[key] for key in known.keys() & wanted.keys()))
        reopened.filtered('is_fixed').is_fixed = False
        for key in known.keys() & wanted.keys():
            if known[key].problem != wanted[key]['problem']:
                known[key].write(wanted[key])
        self.create([
            {name: id_, 'check_id': check_id, **values}
            for (name, id_, check_id), values in wanted.items()
            if (name, id_, check_id) not in known
        ])

    # === ACTION METHODS === #

    def action_fix(self):
        """Open the opportunity or the customer to correct it."""
        check_one(self)
        if self.line_id:
            return self.line_id.action_open_lead()
        return self.handover_customer_id.action_open_customer()
