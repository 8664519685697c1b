"""The contacts with customers, counted once, when they happen, and not each time somebody asks.

What is to be in the table is one query (`counting`). Whatever may change its answer
(messages, deliveries, activities, meetings, kinds of activities) is noted when Odoo writes it, and
brought up to date at the end of the transaction, in one statement however much it was. What a stay
says (stage, salesperson, team, company) follows in the statement that writes the stay.
"""

from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL

from ..base.query_settings import query_settings
from ..base.tools import bulk_insertion
from ..base.transaction_notes import get_notes_until_flush, take_notes

# Name of the notes of what has been written and is still to be counted
PENDING = 'sales_funnel_mgmt.communications'
KINDS = [
    ('call', "Call"),
    ('visit', "Visit"),
    ('meeting', "Meeting"),
    ('email', "Email"),
    ('message', "Text Message"),
    ('other', "Other Contact"),
    ('task', "Other Activity"),
]
DIRECTIONS = [('out', "Outgoing"), ('in', "Incoming")]


class CrmCommunication(models.Model):
    """What was said to and by the customers: one row a message, done activity or meeting, meetings to
    come included. Written here alone, in SQL; nobody has rights, `crm.communication.report` has them.

    The id is that of the message; negative, that of the meeting. So no two transactions can count
    the same twice.
    """

    _name = 'crm.communication'
    _description = "Communication"
    _order = 'date desc, id desc'
    _rec_name = 'lead_id'
    _log_access = False

    date = fields.Datetime(
        readonly=True,
        required=True,
        help="When the message was sent or received, the activity was marked done, or the meeting "
        "begins.",
    )
    kind = fields.Selection(
        selection=KINDS,
        readonly=True,
        required=True,
        help="How it was said. Activities are of the kind that their type has; other activities are "
        "done ones that are no contact with the customer, as a to-do.",
    )
    direction = fields.Selection(
        selection=DIRECTIONS,
        readonly=True,
        required=True,
        help="Incoming: written by the customer. Outgoing: all that one of us did.",
    )
    lead_id = fields.Many2one(
        comodel_name='crm.lead',
        string="Opportunity",
        readonly=True,
        required=True,
        ondelete='cascade',
        help="The opportunity, or the lead, that the communication belongs to. A meeting belongs to "
        "the one that it is linked to, whoever else attends.",
    )
    user_id = fields.Many2one(
        comodel_name='res.users',
        string="Done By",
        readonly=True,
        ondelete='set null',
        help="Who wrote the message, marked the activity as done, or organised the meeting. Of an "
        "incoming message: the salesperson who received it, that of the opportunity at that time.",
    )
    owner_id = fields.Many2one(
        comodel_name='res.users',
        string="Salesperson",
        readonly=True,
        ondelete='set null',
        help="Salesperson of the opportunity at that time.",
    )
    stage_id = fields.Many2one(
        comodel_name='crm.stage',
        readonly=True,
        ondelete='set null',
        help="Stage of the opportunity at that time. After it was lost or archived: the stage that "
        "it was in last.",
    )
    team_id = fields.Many2one(
        comodel_name='crm.team',
        string="Sales Team",
        readonly=True,
        ondelete='set null',
        help="Sales team of the opportunity at that time.",
    )
    company_id = fields.Many2one(
        comodel_name='res.company',
        readonly=True,
        ondelete='set null',
        help="Company of the opportunity at that time.",
    )

    # The report of a period reads this index and leaves the table alone.
    _date_idx = models.Index('(date) INCLUDE (id, user_id, stage_id, company_id)')
    _user_idx = models.Index('(user_id, date)')
    _lead_idx = models.Index('(lead_id, date)')

    # === BUSINESS METHODS === #

    @api.model
    def _follow(self, source, ids):
        """Note that something has been written of which communications are made.

        :param str source: 'message', 'notification', 'activity', 'activity_type', 'event' or 'lead'.
        :param ids: Database IDs, of the deleted ones too.
        """
        if not ids:
            return
        pending = get_notes_until_flush(
            self.env, PENDING, make=lambda: defaultdict(set), when_flushed=self._update_pending
        )
        pending[source].update(ids)

    @api.model
    def _update_pending(self):
        """Bring up to date what this transaction has noted, in one statement."""
        self.env.flush_all()
        pending = take_notes(self.env, PENDING)
        if pending and not self._is_being_installed():
            self.env.cr.execute(self._get_update_query(pending))
            self.invalidate_model(flush=False)

    @api.model
    def _is_being_installed(self):
        """Return whether the table is still to be filled: `_rebuild` does it in one go, in a fraction
        of the time that all that was ever done of the kinds of activities would take here."""
        if self.env.registry.ready:
            return False
        # In sudo mode: whoever installs, this is a question about the system.
        module_sudo = self.env['ir.module.module'].sudo()
        return bool(
            module_sudo.search_count([
                ('name', '=', self._original_module),
                ('state', '=', 'to install'),
            ])
        )

    @api.model
    def _rebuild(self):
        """Fill the table anew, by what Odoo knows today of the past: at installation, or after
        messages were imported past Odoo.

        :return: Number of communications.
        :rtype: int
        """
        self.env.flush_all()
        self.env.cr.execute(SQL("DELETE FROM crm_communication"))
        # Sorts of millions of rows; and to compile the query takes longer than it saves.
        with query_settings(self.env, work_mem='64MB', jit='off'), bulk_insertion(self):
            self.env.cr.execute(
                SQL(
                    "INSERT INTO crm_communication (%s) %s",
                    self._get_columns(),
                    self._get_query(),
                )
            )
            count = self.env.cr.rowcount
        self.env.cr.execute(SQL("ANALYZE crm_communication"))
        self.invalidate_model(flush=False)
        return count
