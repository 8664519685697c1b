"""Define the handover: a planned change of salesperson for a set of opportunities."""

import logging

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..base.arguments import check_day, check_one

_logger = logging.getLogger(__name__)

# Fields that cannot be changed once the handover is started
FROZEN_FIELDS = frozenset((
    'allocation_method',
    'company_id',
    'from_user_id',
    'planned_date',
    'reason',
    'transfer_mode',
))
# Record rules of receivers: their names, and the conditions before 19.0.1.3.0 and since
RECEIVER_RULES = {
    'crm_handover_rule_personal': ("('state', '!=', 'draft')", "('started_at', '!=', False)"),
    'crm_handover_line_rule_personal': (
        "('state', '!=', 'draft')",
        "('handover_id.started_at', '!=', False)",
    ),
    'crm_handover_receiver_rule_personal': (
        "('handover_id.state', '!=', 'draft')",
        "('handover_id.started_at', '!=', False)",
    ),
    'crm_handover_finding_rule_personal': (
        "('line_id.state', '!=', 'draft')",
        "('handover_id.started_at', '!=', False)",
    ),
}


class CrmHandover(models.Model):
    """Record which opportunities go to which salespeople, why, and how far the change has come."""

    _name = 'crm.handover'
    _description = "Handover"
    _inherit = [
        'crm.given.record.mixin',
        'mail.thread',
        'mail.activity.mixin',
        'crm.system.field.mixin',
    ]
    _order = 'id desc'
    _mail_post_access = 'read'
    _check_company_auto = True

    name = fields.Char(
        string="Reference",
        default=lambda self: self.env._("New"),
        required=True,
        copy=False,
        readonly=True,
        system=True,
        index='trigram',
        help="Number of the handover.",
    )
    company_id = fields.Many2one(
        comodel_name='res.company',
        required=True,
        default=lambda self: self.env.company,
        help="Company of the opportunities. What belongs to two companies is handed over in two "
        "handovers.",
    )
    company_currency = fields.Many2one(
        related='company_id.currency_id',
        string="Currency",
        help="Currency of the amounts: that of the company.",
    )
    user_id = fields.Many2one(
        comodel_name='res.users',
        string="Responsible",
        default=lambda self: self.env.user,
        required=True,
        tracking=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Who runs the handover: the sales manager in person, for the tasks that ask for one, and "
        "who is told of overdue tasks.",
    )
    from_user_id = fields.Many2one(
        comodel_name='res.users',
        string="Outgoing Salesperson",
        domain="[('share', '=', False)]",
        context={'active_test': False},
        tracking=True,
        index='btree_not_null',
        help="Who gives the opportunities away. Empty if they come from several salespeople.",
    )
    reason = fields.Selection(
        selection=[
            ('departure', "Departure"),
            ('rebalancing', "Rebalancing"),
            ('leave', "Leave"),
            ('return', "Return from leave"),
            ('other', "Other"),
        ],
        required=True,
        default='departure',
        tracking=True,
        help="Why the opportunities change hands. In a departure or a leave, the outgoing salesperson "
        "gets no new leads assigned any more.",
    )
    note = fields.Text(
        string="Explanation",
        help="The reason in words, for those who get the opportunities.",
    )
    planned_date = fields.Date(
        default=lambda self: self.env.company._get_sales_today(),
        required=True,
        tracking=True,
        help="Day from which the due dates of the first tasks are counted.",
    )
    transfer_mode = fields.Selection(
        selection=[
            ('now', "At the start"),
            ('tasks_done', "When its mandatory tasks are done"),
        ],
        string="Ownership Moves",
        required=True,
        default='now',
        tracking=True,
        help="When an opportunity gets its new salesperson: all at once with the start, or each when "
        "the mandatory tasks of its stage's plan are done. Until then the receiver can read it.",
    )
    allocation_method = fields.Selection(
        selection=[
            ('single', "One receiver"),
            ('round_robin', "In turn"),
            ('balanced', "Balanced by value and number"),
            ('manual', "By hand"),
        ],
        string="Allocation",
        required=True,
        default='balanced',
        help="How the opportunities are spread. All of one customer go to the same receiver, nobody "
        "gets more than their limit; what fits nowhere stays unallocated.",
    )
    state = fields.Selection(
        selection=[
            ('draft', "Draft"),
            ('in_progress', "In Progress"),
            ('done', "Done"),
            ('cancelled', "Cancelled"),
        ],
        default='draft',
        required=True,
        readonly=True,
        system=True,
        copy=False,
        tracking=True,
        index=True,
        help="Draft: being prepared. In progress: started, tasks are open. Done: everything is with "
        "its new salesperson, and all mandatory tasks are done.",
    )
    started_at = fields.Datetime(
        string="Started",
        readonly=True,
        system=True,
        copy=False,
        help="When the handover was started (UTC).",
    )
    ended_at = fields.Datetime(
        string="Ended",
        readonly=True,
        system=True,
        copy=False,
        help="When the handover was done or cancelled (UTC).",
    )
    audited_at = fields.Datetime(
        string="Audited",
        readonly=True,
        system=True,
        copy=False,
        help="When the opportunities were last checked (UTC).",
    )
    optout_member_ids = fields.Many2many(
        comodel_name='crm.team.member',
        relation='crm_handover_optout_member_rel',
        column1='handover_id',
        column2='member_id',
        string="Paused Memberships",
        readonly=True,
        system=True,
        copy=False,
        context={'active_test': False},
        help="Team memberships of the outgoing salesperson whose lead assignment was paused by the "
        "start, and goes on if the handover is cancelled.",
    )
    receiver_ids = fields.One2many(
        comodel_name='crm.handover.receiver',
        inverse_name='handover_id',
        string="Receivers",
        copy=True,
        help="Who gets the opportunities.",
    )
    line_ids = fields.One2many(
        comodel_name='crm.handover.line',
        inverse_name='handover_id',
        string="Opportunities",
        help="The opportunities of this handover.",
    )
    finding_ids = fields.One2many(
        comodel_name='crm.handover.finding',
        inverse_name='handover_id',
        string="Findings",
        readonly=True,
        help="What the audit found.",
    )
    # === COMPUTE METHODS === #

    @api.depends('name', 'from_user_id')
    def _compute_display_name(self):
        for handover in self:
            # In sudo mode: the outgoing salesperson may belong to companies closed to a receiver.
            outgoing = handover.from_user_id.sudo().name
            handover.display_name = f"{handover.name} · {outgoing}" if outgoing else handover.name

    # === CONSTRAINT METHODS === #

    @api.constrains('planned_date')
    def _check_planned_date(self):
        for handover in self:
            check_day(self.env, handover.planned_date)

    @api.constrains('from_user_id', 'receiver_ids')
    def _check_receivers(self):
        self.receiver_ids._check_is_not_outgoing()

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override to number the handovers."""
        handovers = super().create(vals_list)
        for handover in handovers:
            # In sudo mode: only the system writes the number.
            handover.sudo().name = self.env['ir.sequence'].sudo().with_company(
                handover.company_id
            ).next_by_code('crm.handover') or self.env._("New")
        return handovers

    def write(self, vals):
        """Override to keep users from changing what a started handover is about."""
        if not self.env.su and not FROZEN_FIELDS.isdisjoint(vals):
            self.check_access('write')
            self._check_not_started()
        return super().write(vals)

    def _check_not_started(self):
        """Check that the handovers were never started.

        :raise UserError: If one was.
        """
        started = self.filtered('started_at')
        if started:
            raise UserError(
                self.env._(
                    "A handover that was started is a record of what happened and cannot be changed: "
                    "%(handovers)s. You can make a new one.",
                    handovers=", ".join(started.mapped('name')),
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_started(self):
        started = self.filtered('started_at')
        if started:
            raise UserError(
                self.env._(
                    "A handover that was started is a record of what happened and cannot be deleted: "
                    "%(handovers)s. You can cancel it while it is in progress.",
                    handovers=", ".join(started.mapped('name')),
                )
            )

    # === ACTION METHODS === #

    def action_add_pipeline(self):
        """Add the customers of the outgoing salesperson, with all that is held of them."""
        check_one(self)
        self._check_may_run()
        self._check_state('draft')
        user = self.from_user_id
        self._create_lines(self._find_own_leads(user, self.company_id))
        self._distribute_documents(self._find_own_documents(user, self.company_id))
        self._audit_and_allocate()
        return True

    def action_view_lines(self):
        """Open the opportunities of this handover."""
        check_one(self)
        return self._get_related_action('sales_funnel_mgmt.crm_handover_line_action')

    def action_view_tasks(self):
        """Open the tasks of this handover."""
        check_one(self)
        action = self.env['ir.actions.actions']._for_xml_id(
            'sales_funnel_mgmt.crm_handover_progress_report_action'
        )
        return {
            **action,
            'domain': [('handover_id', '=', self.id)],
            'context': {},
            'views': [(False, 'list'), (False, 'pivot'), (False, 'graph')],
        }

    # === BUSINESS METHODS === #

    @api.model
    def _create_from_leads(self, leads, find_responsible=None, **values):
        """Create draft handovers for opportunities, one for each company.

        The opportunities are audited at once. They are allocated as well if `values` has receivers.

        :param crm.lead leads: Opportunities to hand over. Records of type lead are ignored.
        :param find_responsible: Function that returns the responsible user of a handover, from its
            company and its opportunities. By default the current user is responsible.
        :param values: Values of the handovers, such as from_user_id and reason.
        :return: The new handovers. Empty if there is no opportunity.
        :rtype: crm.handover
        """
        opportunities = leads.filtered(lambda lead: lead.type == 'opportunity')
        handovers = self.browse()
        own_companies = opportunities.company_id
        for company, company_leads in opportunities.grouped(
            # Opportunities without company join the only company of the others, if there is one.
            lambda lead: (
                lead.company_id or (own_companies if len(own_companies) == 1 else self.env.company)
            )
        ).items():
            handover_values = {'company_id': company.id, **values}
            if 'from_user_id' not in values and len(company_leads.user_id) == 1:
                handover_values['from_user_id'] = company_leads.user_id.id
            if find_responsible:
                handover_values['user_id'] = find_responsible(company, company_leads).id
            handover = self.create(handover_values)
            handover._add_leads(company_leads)
            handovers += handover
        return handovers

    def _add_leads(self, leads):
        """Add opportunities to the handover, audit all its opportunities, and allocate them.

        The contacts, leads and quotations that their salespeople hold of the same customers are added
        as well.

        :param crm.lead leads: Opportunities to add. Those that the handover has already are ignored.
        :return: The new lines.
        :rtype: crm.handover.line
        """
        self.ensure_one()
        lines = self._create_lines(leads)
        self._add_documents_of(leads)
        self._audit_and_allocate()
        return lines

    def _create_lines(self, leads):
        """Create lines for opportunities.

        :param crm.lead leads: Opportunities to add. Those that the handover has already are ignored.
        :return: The new lines.
        :rtype: crm.handover.line
        """
        self.ensure_one()
        known = self.line_ids.lead_id
        # In sudo mode: only the system creates lines. The caller may see the opportunities.
        lines_sudo = (
            self
            .env['crm.handover.line']
            .sudo()
            .create([
                {'handover_id': self.id, 'lead_id': lead.id}
                for lead in leads.sorted(
                    lambda lead: (lead.stage_id.sequence, lead.id), reverse=True
                )
                if lead not in known
            ])
        )
        return lines_sudo.with_env(self.env)

    def _audit_and_allocate(self):
        """Audit the opportunities, and allocate the customers if there are receivers."""
        self._run_audit()
        if self.receiver_ids:
            self._allocate()

    def _check_may_run(self):
        """Check that the user is a sales administrator, or the system.

        :raise AccessError: If the user may not run these handovers.
        """
        if not self.env.su and not self.env.user.has_group('sales_team.group_sale_manager'):
            raise AccessError(self.env._("Only sales administrators run handovers."))
        self.check_access('write')

    def _check_state(self, *states):
        """Check that the handovers are in one of the given states.

        :param str states: Allowed states.
        :raise UserError: If a handover is in another state.
        """
        labels = dict(self._fields['state']._description_selection(self.env))
        for handover in self:
            if handover.state not in states:
                raise UserError(
                    self.env._(
                        "The handover %(handover)s is in state “%(state)s”: this is possible only in "
                        "%(states)s.",
                        handover=handover.name,
                        state=labels[handover.state],
                        states=", ".join(labels[state] for state in states),
                    )
                )

    def _get_sheet_parts(self):
        """Return the lines that the user may see, by receiver, for the printed handover sheet.

        Customer, phone and e-mail are printed only of opportunities that the user may read now: what a
        receiver has passed on, or never got, is somebody else's.

        :return: Dicts with `user` (res.users), `lines` (crm.handover.line, in sudo mode) and `leads`
            (the opportunities of the lines that the user may read). Lines without a receiver come last.
        :rtype: list[dict]
        """
        self.ensure_one()
        visible = self.env['crm.handover.line'].search([('handover_id', '=', self.id)])
        readable = (
            self
            .env['crm.lead']
            .browse(
                # In sudo mode: only the IDs are taken from the lines.
                visible.sudo().lead_id.ids
            )
            ._filtered_access('read')
        )
        # In sudo mode: the sheet names contacts and users whose records the reader may not open.
        lines_by_user = visible.sudo().grouped('to_user_id')
        return [
            {'user': user, 'lines': lines, 'leads': lines.lead_id & readable}
            for user, lines in sorted(
                lines_by_user.items(), key=lambda item: (not item[0], item[0].name or "")
            )
        ]

    @api.model
    def _repair_rules_of_cancelled_drafts(self):
        """Keep receivers from reading drafts that were cancelled.

        The record rules are data that an upgrade leaves alone. A rule that was changed stays.
        """
        count = 0
        for name, (old, new) in RECEIVER_RULES.items():
            rule = self.env.ref(f'sales_funnel_mgmt.{name}', raise_if_not_found=False)
            if rule and old in rule.domain_force:
                rule.domain_force = rule.domain_force.replace(old, new)
                count += 1
        _logger.info("Record rules of handovers: %s repaired", count)
