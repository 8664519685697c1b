"""Count the opportunities, findings and tasks of a handover, and compute its progress."""

from odoo import api, fields, models
from odoo.fields import Domain


class CrmHandover(models.Model):
    _inherit = 'crm.handover'

    line_count = fields.Integer(
        string="Number of Opportunities",
        compute='_compute_line_counts',
        compute_sudo=True,
        help="Opportunities in this handover.",
    )
    unallocated_count = fields.Integer(
        string="Unallocated",
        compute='_compute_line_counts',
        compute_sudo=True,
        help="Opportunities without a receiver. They stay where they are.",
    )
    locked_count = fields.Integer(
        string="Locked",
        compute='_compute_line_counts',
        compute_sudo=True,
        help="Opportunities whose stage has the salesperson lock, still without a reason to hand them "
        "over.",
    )
    expected_revenue = fields.Monetary(
        currency_field='company_currency',
        compute='_compute_line_counts',
        compute_sudo=True,
        help="Sum of the expected revenues.",
    )
    open_finding_count = fields.Integer(
        string="Open Findings",
        compute='_compute_finding_counts',
        compute_sudo=True,
        help="Findings of the audit that are neither fixed nor waived.",
    )
    blocking_finding_count = fields.Integer(
        string="Blocking Findings",
        compute='_compute_finding_counts',
        compute_sudo=True,
        help="Blocking findings that are neither fixed nor waived: they hold up the start.",
    )
    progress = fields.Float(
        string="Progress (%)",
        compute='_compute_progress',
        compute_sudo=True,
        help="Share (0 to 100) of the tasks that are done, those of later waves included. Without tasks: the "
        "share of the opportunities that are transferred.",
    )
    task_count = fields.Integer(
        string="Tasks",
        compute='_compute_progress',
        compute_sudo=True,
        help="Tasks planned, those of later waves included.",
    )
    task_done_count = fields.Integer(
        string="Tasks Done",
        compute='_compute_progress',
        compute_sudo=True,
        help="Tasks that are done.",
    )
    can_undo = fields.Boolean(
        compute='_compute_can_undo',
        compute_sudo=True,
        help="Something was transferred less than 24 hours ago.",
    )

    # === COMPUTE METHODS === #

    @api.depends('line_ids.to_user_id', 'line_ids.expected_revenue', 'line_ids.override_reason')
    def _compute_line_counts(self):
        Line = self.env['crm.handover.line']
        totals = {
            handover.id: (count, revenue)
            for handover, count, revenue in Line._read_group(
                [('handover_id', 'in', self.ids)],
                ['handover_id'],
                ['__count', 'expected_revenue:sum'],
            )
        }
        unallocated = dict(
            Line._read_group(
                [('handover_id', 'in', self.ids), ('to_user_id', '=', False)],
                ['handover_id'],
                ['__count'],
            )
        )
        locked = dict(
            Line._read_group(
                [('handover_id', 'in', self.ids), *Line._get_held_by_lock_domain()],
                ['handover_id'],
                ['__count'],
            )
        )
        for handover in self:
            count, revenue = totals.get(handover.id, (0, 0))
            handover.line_count = count
            handover.expected_revenue = revenue
            handover.unallocated_count = unallocated.get(handover, 0)
            handover.locked_count = locked.get(handover, 0)

    @api.depends('finding_ids.state')
    def _compute_finding_counts(self):
        counts = {
            (handover.id, severity): count
            for handover, severity, count in self.env['crm.handover.finding']._read_group(
                [('handover_id', 'in', self.ids), ('state', '=', 'open')],
                ['handover_id', 'severity'],
                ['__count'],
            )
        }
        for handover in self:
            handover.blocking_finding_count = counts.get((handover.id, 'blocking'), 0)
            handover.open_finding_count = sum(
                counts.get((handover.id, severity), 0)
                for severity in ('info', 'warning', 'blocking')
            )

    @api.depends('line_ids.state', 'line_ids.task_count', 'line_ids.transferred_at')
    def _compute_progress(self):
        figures = self.env['crm.handover.line']._get_progress_figures('handover_id', self.ids)
        for handover in self:
            figure = figures.get(handover.id, {})
            handover.task_count = figure.get('tasks', 0)
            handover.task_done_count = figure.get('tasks_done', 0)
            handover.progress = figure.get('progress', 0)
            if handover.state == 'done':
                # Tasks that are not mandatory may still be open.
                handover.progress = 100

    @api.depends('line_ids.state', 'document_ids.state')
    def _compute_can_undo(self):
        undoable = self.browse()
        for name in ('crm.handover.line', 'crm.handover.document'):
            Model = self.env[name]
            groups = Model._read_group(
                Domain('handover_id', 'in', self.ids) & Model._get_undo_domain(), ['handover_id']
            )
            undoable = undoable.union(*(handover for (handover,) in groups))
        for handover in self:
            handover.can_undo = handover in undoable
