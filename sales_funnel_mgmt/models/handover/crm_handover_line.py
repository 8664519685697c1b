from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

# A manager decides on these; everything else is written by the system alone
MANUAL_FIELDS = frozenset((
    'handover_id',
    'lead_id',
    'to_user_id',
    'override_reason',
    'finding_ids',
))
# The opportunity is in a handover that is going on
ONGOING_STATES = ('waiting', 'in_progress')


class CrmHandoverLine(models.Model):
    """One opportunity in a handover: to whom it goes, how far that has come."""

    _name = 'crm.handover.line'
    _description = "Handover Line"
    _order = 'handover_id desc, wave, id'
    _rec_name = 'lead_name'
    _check_company_auto = True

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
        help="Name that the opportunity had; stays when it is deleted.",
    )
    partner_id = fields.Many2one(
        related='lead_id.partner_id', string="Customer", help="Customer of the opportunity."
    )
    company_id = fields.Many2one(
        related='handover_id.company_id', store=True, help="Company of the handover."
    )
    company_currency = fields.Many2one(
        related='handover_id.company_currency', help="Currency of the company."
    )
    stage_id = fields.Many2one(
        comodel_name='crm.stage',
        readonly=True,
        ondelete='set null',
        help="Stage of the opportunity when the handover was started, or now while it is a draft.",
    )
    expected_revenue = fields.Monetary(
        currency_field='company_currency',
        readonly=True,
        help="Expected revenue when the handover was started, or at the last audit while it is a draft.",
    )
    wave = fields.Integer(
        readonly=True,
        default=1,
        aggregator=None,
        help="The tasks of a wave begin when the wave before it is done: a policy of the stage.",
    )
    from_user_id = fields.Many2one(
        comodel_name='res.users',
        string="Outgoing Salesperson",
        readonly=True,
        ondelete='set null',
        index='btree_not_null',
        help="Salesperson of the opportunity before the handover.",
    )
    previous_team_id = fields.Many2one(
        comodel_name='crm.team',
        string="Previous Sales Team",
        readonly=True,
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
        index=True,
        help="Waiting: its wave has not begun. In progress: mandatory tasks are open. Done: with its "
        "new salesperson, mandatory tasks done. Skipped: not handed over, the remark says why. "
        "Undone: given back within 24 hours.",
    )
    remark = fields.Char(
        readonly=True,
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
    activity_ids = fields.One2many(
        comodel_name='mail.activity',
        inverse_name='handover_line_id',
        string="Tasks",
        context={'active_test': False},
        readonly=True,
        help="Tasks of the handover at this opportunity, done ones included.",
    )
    planned_task_count = fields.Integer(
        readonly=True,
        help="Tasks that the plan of the stage had at the start, for lines whose wave has not begun.",
    )
    is_repeat = fields.Boolean(
        string="Repeated Win",
        readonly=True,
        help="The customer was won with a later opportunity of this handover as well: the tasks of won "
        "customers are done once for each customer.",
    )
    transferred_at = fields.Datetime(
        string="Transferred",
        readonly=True,
        help="When the opportunity got its new salesperson (UTC).",
    )
    transferred_by_id = fields.Many2one(
        comodel_name='res.users',
        readonly=True,
        ondelete='set null',
        help="Who started the handover, or did the last task before the transfer.",
    )
    moved_records = fields.Json(
        readonly=True,
        help="IDs of the activities and meetings that moved along, to give them back.",
    )

    # whatever two transactions do at the same time
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
            # In sudo mode: who may see the line may know the name on it.
            line.display_name = line.lead_id.sudo().name or line.lead_name

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
        """Override to note where the opportunities are."""
        lines = super().create(vals_list)
        lines.handover_id._check_state('draft')
        lines._check_lead_access()
        # In sudo mode: what is noted is written by the system alone.
        lines.sudo()._take_snapshot()
        return lines

    def write(self, vals):
        """Override: receivers and opportunities are chosen before the start, reasons also later."""
        if not self.env.su:
            if not {'to_user_id', 'lead_id', 'handover_id'}.isdisjoint(vals):
                self.handover_id._check_state('draft')
            if 'override_reason' in vals:
                self.handover_id._check_state('draft', 'in_progress')
        result = super().write(vals)
        if 'lead_id' in vals and not self.env.su:
            self._check_lead_access()
            self.sudo()._take_snapshot()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_started(self):
        if any(line.state not in ('draft', 'cancelled') for line in self):
            raise UserError(
                self.env._(
                    "A handover that was started keeps its opportunities: cancel it, or undo single ones."
                )
            )

    @api.model
    def default_get(self, fields):
        """Override: a default value that a user sends is no way around the field access."""
        return super().default_get([
            name for name in fields if name in MANUAL_FIELDS or name in ('state', 'wave')
        ]) | ({'state': 'draft'} if 'state' in fields else {})

    @api.model
    def _has_field_access(self, field, operation):
        """Override: how far the line has come is written by the system alone."""
        if operation == 'write' and not self.env.su and field.name not in MANUAL_FIELDS:
            return False
        return super()._has_field_access(field, operation)

    # === ACTION METHODS === #

    def action_open_lead(self):
        """Open the opportunity, if there still is one."""
        self.ensure_one()
        return self.lead_id.get_formview_action() if self.lead_id else False

    # === BUSINESS METHODS === #

    def _check_lead_access(self):
        """Ensure that nobody hands over what they may not change."""
        self.lead_id.check_access('write')

    def _take_snapshot(self):
        """Note the present stage, amount and salesperson of the opportunities. In sudo mode."""
        self.lead_id.fetch(['name', 'stage_id', 'expected_revenue', 'user_id', 'team_id'])
        for line in self.filtered('lead_id'):
            lead = line.lead_id
            values = {
                'lead_name': lead.name,
                'stage_id': lead.stage_id.id,
                'expected_revenue': lead.expected_revenue,
                'wave': lead.stage_id.handover_wave or 1,
                'from_user_id': lead.user_id.id,
                'previous_team_id': lead.team_id.id,
            }
            if line.to_user_id and line.to_user_id == lead.user_id:
                values['to_user_id'] = False
            changed = {
                name: value
                for name, value in values.items()
                if line._fields[name].convert_to_write(line[name], line) != value
            }
            if changed:
                line.write(changed)

    @api.model
    def _get_held_by_lock_domain(self):
        """Return the domain of the lines that need a reason and have none."""
        return Domain([
            ('lead_id.is_salesperson_locked', '=', True),
            ('override_reason', 'in', (False, "")),
            ('to_user_id', '!=', False),
            ('transferred_at', '=', False),
        ])

    def _name_some(self, limit=10):
        """Return the names of the opportunities for a message, the first ones if they are many."""
        names = ", ".join(self[:limit].mapped('display_name'))
        if len(self) > limit:
            return self.env._("%(names)s and %(count)s more", names=names, count=len(self) - limit)
        return names
