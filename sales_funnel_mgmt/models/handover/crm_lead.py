"""Link opportunities to their handovers, and name the other salesperson who may read them."""

from odoo import api, fields, models

from ..base.arguments import check_one
from .crm_handover_line import ONGOING_STATES


class CrmLead(models.Model):
    _inherit = 'crm.lead'

    handover_line_ids = fields.One2many(
        comodel_name='crm.handover.line',
        inverse_name='lead_id',
        string="Handovers",
        readonly=True,
        copy=False,
        groups='sales_team.group_sale_salesman',
        help="Handovers that this opportunity is or was part of.",
    )
    # A record rule reads this field. It is one indexed column so that the pipeline stays fast.
    handover_user_id = fields.Many2one(
        comodel_name='res.users',
        string="Other Salesperson of the Handover",
        readonly=True,
        system=True,
        copy=False,
        index='btree_not_null',
        ondelete='set null',
        help="The other salesperson of a handover that is in progress, who may read the opportunity: "
        "the outgoing one as long as they have a task at it, or the receiver until it is theirs.",
    )

    new_contact_id = fields.Many2one(
        comodel_name='res.users',
        compute='_compute_new_contact_id',
        compute_sudo=True,
        help="Who the customer will deal with: the receiver of a handover that is in progress, else "
        "the salesperson.",
    )
    handover_count = fields.Integer(
        compute='_compute_handover_count',
        groups='sales_team.group_sale_salesman',
        help="Handovers of this opportunity that you may see.",
    )

    # === COMPUTE METHODS === #

    @api.depends('handover_line_ids.state', 'handover_line_ids.to_user_id', 'user_id')
    def _compute_new_contact_id(self):
        receiver_by_lead = {
            lead.id: receiver
            for lead, receiver in self.env['crm.handover.line']._read_group(
                [('lead_id', 'in', self.ids), ('state', 'in', ONGOING_STATES)],
                ['lead_id', 'to_user_id'],
            )
        }
        for lead in self:
            lead.new_contact_id = receiver_by_lead.get(lead.id) or lead.user_id

    @api.depends('handover_line_ids')
    def _compute_handover_count(self):
        counts = dict(
            self.env['crm.handover.line']._read_group(
                [('lead_id', 'in', self.ids)], ['lead_id'], ['__count']
            )
        )
        for lead in self:
            lead.handover_count = counts.get(lead._origin, 0)

    # === ACTION METHODS === #

    def action_view_handovers(self):
        """Open the handovers of this opportunity."""
        check_one(self)
        action = self.env['ir.actions.actions']._for_xml_id(
            'sales_funnel_mgmt.crm_handover_line_action'
        )
        return {
            **action,
            'domain': [('lead_id', '=', self.id)],
            'context': {'search_default_ongoing': False},
        }

    # === CRUD METHODS === #

    def _skip_handover_lines(self):
        """Skip the lines of opportunities that are about to be deleted, and continue their handovers."""
        # In sudo mode: the user who deletes an opportunity may have no access to the handover.
        lines_sudo = (
            self
            .env['crm.handover.line']
            .sudo()
            .search([('lead_id', 'in', self.ids), ('state', 'in', ONGOING_STATES)])
        )
        lines_sudo._skip_deleted()
        lines_sudo.handover_id._start_waves()
