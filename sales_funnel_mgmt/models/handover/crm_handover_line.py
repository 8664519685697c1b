"""Define the line of a handover: one opportunity with its receiver and its state."""

import logging

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..base.naming import name_some

_logger = logging.getLogger(__name__)
# States of a line whose opportunity is being handed over
ONGOING_STATES = ('waiting', 'in_progress')


class CrmHandoverLine(models.Model):
    """Record the receiver, the transfer and the tasks of one opportunity of a handover."""

    _name = 'crm.handover.line'
    _description = "Handover Line"
    _inherit = ['crm.given.record.mixin', 'crm.lead.link.mixin', 'crm.system.field.mixin']
    _order = 'handover_id desc, wave, id'
    _rec_name = 'lead_name'
    _check_company_auto = True
    # Field of the findings that links to a record of this model
    _finding_field = 'line_id'

    handover_id = fields.Many2one(
        comodel_name='crm.handover',
        required=True,
        ondelete='cascade',
        index=True,
        help="Handover that this opportunity is part of.",
    )
    lead_id = fields.Many2one(
        comodel_name='crm.lead',
        string="Opportunity",
        ondelete='set null',
        index='btree_not_null',
        domain="[('type', '=', 'opportunity')]",
        help="Opportunity that is handed over. Empty once it is deleted or merged into another one.",
    )
    lead_name = fields.Char(
        string="Name of the Opportunity",
        readonly=True,
        system=True,
        help="Name that the opportunity had; stays when it is deleted.",
    )
    partner_id = fields.Many2one(
        comodel_name='res.partner',
        string="Customer",
        readonly=True,
        system=True,
        ondelete='set null',
        index='btree_not_null',
        help="Customer of the opportunity when the handover was started, or at the last audit while it is "
        "a draft.",
    )
    company_id = fields.Many2one(
        related='handover_id.company_id', store=True, system=True, help="Company of the handover."
    )
    company_currency = fields.Many2one(
        related='handover_id.company_currency', help="Currency of the company."
    )
    stage_id = fields.Many2one(
        comodel_name='crm.stage',
        readonly=True,
        system=True,
        ondelete='set null',
        help="Stage of the opportunity when the handover was started, or now while it is a draft.",
    )
    expected_revenue = fields.Monetary(
        currency_field='company_currency',
        readonly=True,
        system=True,
        help="Expected revenue when the handover was started, or at the last audit while it is a draft.",
    )
    wave = fields.Integer(
        readonly=True,
        system=True,
        default=1,
        aggregator=None,
        help="The tasks of a wave begin when the wave before it is done: a policy of the stage.",
    )
    from_user_id = fields.Many2one(
        comodel_name='res.users',
        string="Outgoing Salesperson",
        readonly=True,
        system=True,
        ondelete='set null',
        index='btree_not_null',
        help="Salesperson of the opportunity before the handover.",
    )
    from_user_name = fields.Char(
        string="Name of the Outgoing Salesperson",
        readonly=True,
        system=True,
        help="Name that the outgoing salesperson had; stays when the user is deleted. Empty if the "
        "opportunity had no salesperson.",
    )
    previous_team_id = fields.Many2one(
        comodel_name='crm.team',
        string="Previous Sales Team",
        readonly=True,
        system=True,
        ondelete='set null',
        help="Sales team of the opportunity before the transfer.",
    )
    to_user_id = fields.Many2one(
        comodel_name='res.users',
        string="Receiver",
        ondelete='set null',
        index='btree_not_null',
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Salesperson who gets the opportunity. Empty: not allocated, it stays where it is.",
    )
    to_team_id = fields.Many2one(
        comodel_name='crm.team',
        string="New Sales Team",
        readonly=True,
        system=True,
        ondelete='set null',
        help="Sales team of the opportunity after the transfer: the same one if the receiver belongs to "
        "it, else a team of the receiver that works with the stage.",
    )
    state = fields.Selection(
        selection=[
            ('draft', "Draft"),
            ('waiting', "Waiting"),
            ('in_progress', "In Progress"),
            ('done', "Done"),
            ('skipped', "Skipped"),
            ('undone', "Undone"),
            ('cancelled', "Cancelled"),
        ],
        default='draft',
        required=True,
        readonly=True,
        system=True,
        index=True,
        help="Waiting: its wave has not begun. In progress: mandatory tasks are open. Done: with its "
        "new salesperson, mandatory tasks done. Skipped: not handed over, the remark says why. "
        "Undone: given back within 24 hours.",
    )
    remark = fields.Char(
        readonly=True,
        system=True,
        help="What kept the opportunity from being handed over.",
    )
    finding_ids = fields.One2many(
        comodel_name='crm.handover.finding',
        inverse_name='line_id',
        string="Findings",
        help="What the audit found at this opportunity.",
    )
    open_finding_count = fields.Integer(
        string="Open Findings",
        compute='_compute_finding_counts',
        help="Findings that are neither fixed nor waived.",
    )
    blocking_finding_count = fields.Integer(
        string="Blocking",
        compute='_compute_finding_counts',
        help="Blocking findings that are neither fixed nor waived.",
    )
    is_salesperson_locked = fields.Boolean(
        related='lead_id.is_salesperson_locked',
        string="Locked",
        help="The stage has the salesperson lock: the opportunity changes hands only with a reason.",
    )
    override_reason = fields.Char(
        help="Why a locked opportunity is handed over all the same. It is noted in its chatter.",
    )
    cancelled_tasks = fields.Char(
        readonly=True,
        system=True,
        help="Mandatory tasks that were deleted and not done. They hold the opportunity until a sales "
        "administrator gives a reason.",
    )
    cancelled_task_count = fields.Integer(
        readonly=True,
        system=True,
        help="Number of mandatory tasks that were deleted and not done.",
    )
    cancelled_task_reason = fields.Char(
        string="Reason for Cancelled Tasks",
        help="Why the opportunity counts as handed over without its cancelled tasks.",
    )
    activity_ids = fields.One2many(
        comodel_name='mail.activity',
        inverse_name='handover_line_id',
        string="Tasks",
        context={'active_test': False},
        readonly=True,
        system=True,
        help="Tasks of the handover at this opportunity, done ones included.",
    )
    planned_task_count = fields.Integer(
        readonly=True,
        system=True,
        help="Tasks that the plan of the stage had at the start, for lines whose wave has not begun.",
    )
    is_repeat = fields.Boolean(
        string="Repeated Win",
        readonly=True,
        system=True,
        help="The customer was won with a later opportunity of this handover as well: the tasks of won "
        "customers are done once for each customer.",
    )
    transferred_at = fields.Datetime(
        string="Transferred",
        readonly=True,
        system=True,
        help="When the opportunity got its new salesperson (UTC).",
    )
    transferred_by_id = fields.Many2one(
        comodel_name='res.users',
        readonly=True,
        system=True,
        ondelete='set null',
        help="Who started the handover, or did the last task before the transfer.",
    )
    moved_records = fields.Json(
        readonly=True,
        system=True,
        help="IDs of the activities and meetings that moved along, to give them back.",
    )

    # Indexes hold for concurrent transactions as well.
    _ongoing_lead_uniq = models.UniqueIndex(
        "(lead_id) WHERE state IN ('waiting', 'in_progress') AND lead_id IS NOT NULL",
        "An opportunity is in one handover at a time: it is in another one that is in progress.",
    )
    _handover_lead_uniq = models.UniqueIndex(
        '(handover_id, lead_id) WHERE lead_id IS NOT NULL',
        "An opportunity is once in a handover.",
    )
    _to_user_idx = models.Index('(to_user_id, state)')

    # === COMPUTE METHODS === #

    @api.depends('finding_ids.state', 'finding_ids.severity')
    def _compute_finding_counts(self):
        for line in self:
            findings = line.finding_ids.filtered(lambda finding: finding.state == 'open')
            line.open_finding_count = len(findings)
            line.blocking_finding_count = len(
                findings.filtered(lambda finding: finding.severity == 'blocking')
            )

    @api.depends('lead_id.name', 'lead_name')
    def _compute_display_name(self):
        for line in self:
            # What became of the opportunity later is not for those who had it then.
            line.display_name = line.lead_name or line.lead_id.name

    # === CONSTRAINT METHODS === #

    @api.constrains('to_user_id')
    def _check_to_user(self):
        for (handover, user), lines in self.grouped(
            lambda line: (line.handover_id, line.to_user_id)
        ).items():
            if user:
                handover._check_can_receive(user)
            own = lines.filtered(lambda line: line.to_user_id == line.from_user_id)
            if user and own:
                raise ValidationError(
                    self.env._(
                        "%(user)s has these opportunities already; please choose another receiver: "
                        "%(leads)s",
                        user=user.name,
                        leads=own._name_some(),
                    )
                )

    @api.constrains('override_reason', 'cancelled_task_reason')
    def _check_reasons(self):
        for name in ('override_reason', 'cancelled_task_reason'):
            blank = self.filtered(lambda line, name=name: line[name] and not line[name].strip())
            if blank:
                raise ValidationError(
                    self.env._(
                        "“%(field)s” needs words, or stays empty. Please correct: %(leads)s",
                        field=self._fields[name]._description_string(self.env),
                        leads=blank._name_some(),
                    )
                )

    @api.constrains('lead_id', 'handover_id')
    def _check_lead(self):
        for line in self:
            lead = line.lead_id
            if lead.type == 'lead':
                raise ValidationError(
                    self.env._(
                        "%(lead)s is a lead: convert it to an opportunity first.", lead=lead.name
                    )
                )
            if lead.company_id and lead.company_id != line.handover_id.company_id:
                raise ValidationError(
                    self.env._(
                        "%(lead)s belongs to %(lead_company)s, the handover %(handover)s to "
                        "%(company)s. Please hand it over in a handover of its company.",
                        lead=lead.name,
                        lead_company=lead.company_id.name,
                        handover=line.handover_id.name,
                        company=line.handover_id.company_id.name,
                    )
                )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override to copy stage, amount and salesperson of the opportunities."""
        lines = super().create(vals_list)
        lines.handover_id._check_state('draft')
        lines._check_lead_access()
        # In sudo mode: only the system writes the copied values.
        lines_sudo = lines.sudo()
        lines_sudo._take_snapshot()
        lines_sudo._link_customers()
        return lines

    def write(self, vals):
        """Override to keep users from changing what happened.

        After the start, the opportunities stay. Receivers and reasons for locked opportunities may
        change until the transfer, the reason for cancelled tasks until the line is done.
        """
        if self.env.su:
            return super().write(vals)
        # First: the errors below name opportunities.
        self.check_access('write')
        if not {'lead_id', 'handover_id'}.isdisjoint(vals):
            self.handover_id._check_state('draft')
        if not {'to_user_id', 'override_reason'}.isdisjoint(vals):
            self.handover_id._check_state('draft', 'in_progress')
            self._check_not_transferred()
        if 'cancelled_task_reason' in vals:
            self.handover_id._check_state('in_progress')
        former = {line: line.to_user_id for line in self}
        result = super().write(vals)
        if 'handover_id' in vals:
            self.handover_id._check_state('draft')
        if 'lead_id' in vals:
            self._check_lead_access()
            self.sudo()._take_snapshot()
            self.sudo()._link_customers()
        started = self.filtered(lambda line: line.state in ONGOING_STATES)
        if 'to_user_id' in vals:
            started._check_has_receiver()
            # In sudo mode: only the system writes tasks of handovers and the states.
            started.sudo()._change_receiver(former)
            self.sudo()._give_receiver_to_customers()
        if not {'to_user_id', 'override_reason', 'cancelled_task_reason'}.isdisjoint(vals):
            started.sudo()._advance()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_started(self):
        if any(line.handover_id.started_at for line in self):
            raise UserError(
                self.env._(
                    "A handover that was started keeps its opportunities: cancel it, or undo single ones."
                )
            )

    # === BUSINESS METHODS === #

    def _check_lead_access(self):
        """Check that the user may write to the opportunities."""
        self.lead_id.check_access('write')

    def _check_not_transferred(self):
        """Check that the opportunities are still with their outgoing salespeople.

        :raise UserError: If one was transferred, skipped or cancelled.
        """
        done = self.filtered(
            lambda line: line.transferred_at or line.state not in ('draft', *ONGOING_STATES)
        )
        if done:
            raise UserError(
                self.env._(
                    "Receiver and reason are a record of what happened and cannot be changed any "
                    "more: %(leads)s. You can hand the opportunities over again.",
                    leads=done._name_some(),
                )
            )

    def _check_has_receiver(self):
        """Check that each line has a receiver.

        :raise UserError: If one has none.
        """
        empty = self.filtered(lambda line: not line.to_user_id)
        if empty:
            raise UserError(
                self.env._(
                    "The handover is in progress. Please choose another receiver for: %(leads)s",
                    leads=empty._name_some(),
                )
            )

    def _take_snapshot(self):
        """Copy what the opportunities are now: name, customer, stage and others. In sudo mode."""
        lines = self.filtered('lead_id')
        lines.lead_id.fetch([
            'name',
            'partner_id',
            'stage_id',
            'expected_revenue',
            'user_id',
            'team_id',
        ])
        for changes, group in lines.grouped(lambda line: line._get_snapshot_changes()).items():
            if changes:
                group.write(dict(changes))

    def _get_snapshot_changes(self):
        """Return the fields of the line that differ from the opportunity.

        :return: Pairs of a field name and a value, as a tuple to group lines by.
        :rtype: tuple[tuple[str, object], ...]
        """
        self.ensure_one()
        lead = self.lead_id
        values = {
            'lead_name': lead.name,
            'partner_id': lead.partner_id.id,
            'stage_id': lead.stage_id.id,
            'expected_revenue': lead.expected_revenue,
            'wave': lead.stage_id.handover_wave or 1,
            'from_user_id': lead.user_id.id,
            'from_user_name': lead.user_id.name,
            'previous_team_id': lead.team_id.id,
        }
        if self.to_user_id and self.to_user_id == lead.user_id:
            values['to_user_id'] = False
        return tuple(
            (name, value)
            for name, value in values.items()
            if self._fields[name].convert_to_write(self[name], self) != (value or False)
        )

    @api.model
    def _get_held_by_lock_domain(self):
        """Return the domain of the lines with a salesperson lock and without the reason it needs."""
        return Domain([
            ('lead_id.is_salesperson_locked', '=', True),
            ('override_reason', 'in', (False, "")),
            ('to_user_id', '!=', False),
            ('transferred_at', '=', False),
        ])

    def _name_some(self):
        """Return the names of the opportunities for a message, the first ones if they are many."""
        return name_some(self.env, self)

    @api.model
    def _repair_names_of_outgoing_salespeople(self):
        """Fill the names of the outgoing salespeople of lines that earlier versions have made."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE crm_handover_line line
                   SET from_user_name = partner.name
                  FROM res_users outgoing
                  JOIN res_partner partner ON partner.id = outgoing.partner_id
                 WHERE outgoing.id = line.from_user_id
                   AND line.from_user_name IS NULL
                """
            )
        )
        _logger.info(
            "Lines of handovers: %s got the name of their salesperson", self.env.cr.rowcount
        )
        self.invalidate_model(['from_user_name'])

    @api.model
    def _repair_customers(self):
        """Fill the customers of lines that earlier versions have made.

        Who was the customer of a transferred opportunity then is not known any more: it is the one of
        today, as those versions showed.
        """
        self.env.cr.execute(
            SQL(
                """
                UPDATE crm_handover_line line
                   SET partner_id = lead.partner_id
                  FROM crm_lead lead
                 WHERE lead.id = line.lead_id
                   AND line.partner_id IS NULL
                   AND lead.partner_id IS NOT NULL
                """
            )
        )
        _logger.info("Lines of handovers: %s got their customer", self.env.cr.rowcount)
        self.invalidate_model(['partner_id'])
