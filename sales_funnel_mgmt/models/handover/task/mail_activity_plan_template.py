"""Add the roles of a handover to the responsible users of activity plans."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..crm_handover_line import ONGOING_STATES

HANDOVER_RESPONSIBLE_TYPES = frozenset((
    'handover_incoming',
    'handover_outgoing',
    'handover_team_leader',
    'handover_manager',
))


class MailActivityPlanTemplate(models.Model):
    _inherit = 'mail.activity.plan.template'

    responsible_type = fields.Selection(
        selection_add=[
            ('handover_incoming', "Incoming salesperson"),
            ('handover_outgoing', "Outgoing salesperson"),
            ('handover_team_leader', "Team leader"),
            ('handover_manager', "Responsible of the handover"),
        ],
        ondelete=dict.fromkeys(sorted(HANDOVER_RESPONSIBLE_TYPES), 'set default'),
    )
    is_handover_mandatory = fields.Boolean(
        string="Mandatory",
        default=True,
        help="In a handover, the opportunity counts as handed over when this task is done.",
    )

    # === CONSTRAINT METHODS === #

    @api.constrains('plan_id', 'responsible_type')
    def _check_responsible_handover(self):
        wrong = self.filtered(
            lambda template: (
                template.responsible_type in HANDOVER_RESPONSIBLE_TYPES
                and template.plan_id.res_model != 'crm.lead'
            )
        )
        if wrong:
            raise ValidationError(
                self.env._(
                    "Incoming and outgoing salesperson, team leader and responsible of a handover are "
                    "limited to plans for opportunities. Please correct: %(plans)s",
                    plans=", ".join(wrong.plan_id.mapped('name')),
                )
            )

    # === BUSINESS METHODS === #

    def _determine_responsible(self, on_demand_responsible, applied_on_record):
        """Override to find the user for a role in a handover.

        Without a handover, the roles are those of the opportunity: its salesperson and team leader.
        """
        if self.responsible_type not in HANDOVER_RESPONSIBLE_TYPES:
            return super()._determine_responsible(on_demand_responsible, applied_on_record)
        lead = applied_on_record
        line = lead.handover_line_ids.filtered(lambda line: line.state in ONGOING_STATES)[:1]
        responsible = self._get_handover_responsible(lead, line) or on_demand_responsible
        return {
            'responsible': responsible or self.env.user,
            'error': False,
            'warning': (
                False
                if responsible
                else self.env._(
                    "%(lead)s has nobody to be “%(role)s”: the activity is assigned to you.",
                    lead=lead.display_name,
                    role=dict(self._fields['responsible_type']._description_selection(self.env))[
                        self.responsible_type
                    ],
                )
            ),
        }

    def _get_handover_responsible(self, lead, line):
        """Return the user who does this task of a handover.

        If that user is archived, the incoming salesperson does the task.

        :param crm.lead lead: Opportunity that the task is about.
        :param crm.handover.line line: Line of the opportunity. May be empty.
        :rtype: res.users
        """
        self.ensure_one()
        incoming = line.to_user_id or lead.user_id
        match self.responsible_type:
            case 'handover_outgoing':
                responsible = line.from_user_id or lead.user_id
            case 'handover_team_leader':
                responsible = (line.to_team_id or lead.team_id).user_id
            case 'handover_manager':
                responsible = line.handover_id.user_id
            case 'other':
                responsible = self.responsible_id
            case _:
                responsible = incoming
        if not responsible.active:
            responsible = incoming
        if line and responsible == incoming and line.handover_id._get_receiver_problem(incoming):
            # The receiver has left since: the responsible of the handover decides what happens.
            return line.handover_id.user_id
        return responsible
