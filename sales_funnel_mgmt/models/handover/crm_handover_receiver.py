"""Define the receiver: a salesperson who gets opportunities in a handover."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CrmHandoverReceiver(models.Model):
    """Record the limit of a receiver, and count the opportunities and tasks they get."""

    _name = 'crm.handover.receiver'
    _description = "Handover Receiver"
    _inherit = ['crm.given.record.mixin']
    _order = 'handover_id, sequence, id'
    _rec_name = 'user_id'

    handover_id = fields.Many2one(
        comodel_name='crm.handover',
        required=True,
        ondelete='cascade',
        index=True,
        help="Handover in which this salesperson receives opportunities.",
    )
    sequence = fields.Integer(
        default=10,
        help="Order in which the receivers are served. “One receiver” is the first of them.",
    )
    user_id = fields.Many2one(
        comodel_name='res.users',
        string="Receiver",
        required=True,
        ondelete='cascade',
        index=True,
        domain="[('share', '=', False), ('company_ids', 'in', parent.company_id)]",
        help="Salesperson who receives opportunities.",
    )
    capacity = fields.Integer(
        string="Limit",
        default=0,
        help="Largest number of opportunities that this receiver gets. 0: no limit.",
    )
    company_id = fields.Many2one(related='handover_id.company_id', help="Company of the handover.")
    company_currency = fields.Many2one(
        related='handover_id.company_currency', help="Currency of the company."
    )
    opportunity_count = fields.Integer(
        string="Opportunities",
        compute='_compute_figures',
        compute_sudo=True,
        help="Opportunities that go to this receiver.",
    )
    expected_revenue = fields.Monetary(
        currency_field='company_currency',
        compute='_compute_figures',
        compute_sudo=True,
        help="Sum of the expected revenues of these opportunities.",
    )
    task_count = fields.Integer(
        string="Tasks",
        compute='_compute_figures',
        compute_sudo=True,
        help="Tasks planned for these opportunities, for any user, including those of later waves.",
    )
    task_done_count = fields.Integer(
        string="Done",
        compute='_compute_figures',
        compute_sudo=True,
        help="Tasks that are done.",
    )
    overdue_count = fields.Integer(
        string="Overdue",
        compute='_compute_figures',
        compute_sudo=True,
        help="Tasks that are open after their due date.",
    )
    progress = fields.Float(
        string="Progress (%)",
        compute='_compute_figures',
        compute_sudo=True,
        help="Share (0 to 100) of the tasks of these opportunities that are done. Without tasks: the share of "
        "the opportunities that are transferred.",
    )

    _user_uniq = models.Constraint(
        'UNIQUE(handover_id, user_id)',
        "A receiver is named once in a handover.",
    )
    _capacity_positive = models.Constraint(
        'CHECK(capacity >= 0)',
        "The limit of a receiver is a number of opportunities, or 0 for none.",
    )

    # === COMPUTE METHODS === #

    @api.depends(
        'handover_id.line_ids.to_user_id',
        'handover_id.line_ids.state',
        'handover_id.line_ids.transferred_at',
    )
    def _compute_figures(self):
        Line = self.env['crm.handover.line']
        totals = {
            (handover.id, user.id): (count, revenue)
            for handover, user, count, revenue in Line._read_group(
                [('handover_id', 'in', self.handover_id.ids), ('to_user_id', '!=', False)],
                ['handover_id', 'to_user_id'],
                ['__count', 'expected_revenue:sum'],
            )
        }
        figures = Line._get_progress_figures('to_user_id', self.handover_id.ids)
        for receiver in self:
            key = (receiver.handover_id.id, receiver.user_id.id)
            receiver.opportunity_count, receiver.expected_revenue = totals.get(key, (0, 0))
            figure = figures.get(key, {})
            receiver.task_count = figure.get('tasks', 0)
            receiver.task_done_count = figure.get('tasks_done', 0)
            receiver.overdue_count = figure.get('tasks_overdue', 0)
            receiver.progress = figure.get('progress', 0)

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override to keep the receivers of a started handover."""
        receivers = super().create(vals_list)
        receivers.handover_id._check_not_started()
        return receivers

    def write(self, vals):
        """Override to keep the receivers of a started handover."""
        self.check_access('write')
        self.handover_id._check_not_started()
        result = super().write(vals)
        self.handover_id._check_not_started()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_started(self):
        self.handover_id._check_not_started()

    # === CONSTRAINT METHODS === #

    @api.constrains('user_id', 'handover_id')
    def _check_user(self):
        for receiver in self:
            receiver.handover_id._check_can_receive(receiver.user_id)
        self._check_is_not_outgoing()

    def _check_is_not_outgoing(self):
        """Check that nobody receives their own opportunities, also when the outgoing salesperson changes.

        :raise ValidationError: If somebody does.
        """
        for receiver in self:
            handover = receiver.handover_id
            if receiver.user_id == handover.from_user_id:
                raise ValidationError(
                    self.env._(
                        "%(user)s cannot receive their own opportunities. Please take them off the "
                        "receivers of %(handover)s.",
                        user=receiver.user_id.name,
                        handover=handover.name,
                    )
                )
