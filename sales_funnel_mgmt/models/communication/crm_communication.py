"""Keep the contacts with customers in a table: they are counted once, when they happen.

One query defines the rows of the table: `contact` decides what is a contact, `counting` compares. When Odoo
writes a message, a delivery, an activity, a meeting or an activity type, a recount is scheduled. One
statement at the end of the transaction updates the table. The statement that writes a stay updates the
stage, salesperson, team and company.
"""

import logging
from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL

from ..base.orm import get_changed_ids
from ..base.query_settings import query_settings
from ..base.tools import bulk_insertion
from ..base.transaction_notes import get_notes_until_flush, has_notes, take_notes

_logger = logging.getLogger(__name__)

# Name of the notes of records to recount
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
# Kinds that an activity can have; a message says itself that it is a text
ACTIVITY_KINDS = [(kind, label) for kind, label in KINDS if kind not in ('message', 'task')]
DIRECTIONS = [('out', "Outgoing"), ('in', "Incoming")]
# Types of messages that can be contacts
EMAIL_TYPES = ('email', 'comment')
TEXT_TYPES = ('sms', 'whatsapp_message')
MESSAGE_TYPES = (*EMAIL_TYPES, *TEXT_TYPES)


class CrmCommunication(models.Model):
    """One row a message, done activity or meeting, including meetings to come.

    Only this capability writes the table, in SQL. Users read it in `crm.communication.report`.

    The ID is that of the message or, if negative, that of the meeting. Two transactions therefore cannot
    count the same message twice.
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
        help="Kind of the communication. An activity has the kind of its type. Other activities are done "
        "activities that are no contact with the customer, such as a to-do.",
    )
    direction = fields.Selection(
        selection=DIRECTIONS,
        readonly=True,
        required=True,
        help="Incoming: written by the customer. Outgoing: done by a user.",
    )
    lead_id = fields.Many2one(
        comodel_name='crm.lead',
        string="Opportunity",
        readonly=True,
        required=True,
        ondelete='cascade',
        help="The opportunity, or the lead, that the communication belongs to. A meeting belongs to "
        "the one that it is linked to.",
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
    merged_lead_ref = fields.Integer(
        string="Merged Opportunity ID",
        readonly=True,
        help="Database ID of the opportunity that it belonged to, if that was merged into another one "
        "since. Stage, salesperson, team and company are those of that opportunity.",
    )

    # The report of a period reads this index and leaves the table alone.
    _date_idx = models.Index('(date) INCLUDE (id, user_id, stage_id, company_id)')
    _user_idx = models.Index('(user_id, date)')
    _lead_idx = models.Index('(lead_id, date)')

    # === BUSINESS METHODS === #

    @api.model
    def _schedule_recount(self, source, ids):
        """Schedule a recount of written or deleted records at the end of the transaction.

        :param str source: Kind of the records, one of `_get_sources`.
        :param ids: IDs of the records.
        """
        if not ids:
            return
        pending = get_notes_until_flush(
            self.env, PENDING, make=lambda: defaultdict(set), when_flushed=self._update_pending
        )
        pending[source].update(ids)

    @api.model
    def _update_pending(self):
        """Recount the records that this transaction has scheduled, in one statement."""
        self.env.flush_all()
        pending = take_notes(self.env, PENDING)
        if pending and not self._is_being_installed():
            self.env.cr.execute(self._get_update_query(pending))
            self.invalidate_model(flush=False)

    @api.model
    def _is_being_installed(self):
        """Return whether the addon is being installed.

        `_rebuild` fills the table then. Recounting all activities of all types would take much longer.
        """
        if self.env.registry.ready:
            return False
        # In sudo mode: the answer does not depend on the user who installs.
        module_sudo = self.env['ir.module.module'].sudo()
        return bool(
            module_sudo.search_count([
                ('name', '=', self._original_module),
                ('state', '=', 'to install'),
            ])
        )

    @api.model
    def _get_merge_update(self, lead, merged):
        """Return the UPDATE that moves the communications of merged opportunities to the remaining one.

        It is a part of a statement, since Odoo's lead assignment merges one after the other. The
        communications keep the stage, salesperson, team and company of their time. Future meetings get
        those of the remaining opportunity.

        :param crm.lead lead: The remaining opportunity.
        :param crm.lead merged: The others.
        :rtype: SQL
        """
        if self._has_pending():
            self._update_pending()
        self.invalidate_model(flush=False)
        return SQL(
            """
                UPDATE crm_communication
                   SET lead_id = %s, merged_lead_ref = COALESCE(merged_lead_ref, lead_id)
                 WHERE lead_id = ANY(%s) AND date <= %s
            """,
            lead.id,
            merged.ids,
            fields.Datetime.now(),
        )

    @api.model
    def _has_pending(self):
        """Return whether records are to be recounted, or are changed and not stored yet."""
        return has_notes(self.env, PENDING) or any(
            get_changed_ids(self.env[name], self.env[name]._fields)
            for name in (
                'calendar.event',
                'mail.activity',
                'mail.activity.type',
                'mail.message',
                'mail.notification',
            )
        )

    @api.model
    def _rebuild(self):
        """Recount everything.

        Installations and upgrades call it, and so do scripts that write messages without the ORM.

        :return: Number of communications.
        :rtype: int
        """
        self.env.flush_all()
        # The query sorts millions of rows. Compiling it would take longer than it saves.
        with query_settings(self.env, work_mem='64MB', jit='off'), bulk_insertion(self):
            self.env.cr.execute(self._get_rebuild_query())
        self.env.cr.execute(SQL("ANALYZE crm_communication"))
        self.invalidate_model(flush=False)
        return self.sudo().search_count([])

    @api.model
    def _repair_contacts(self):
        """Decide again about what earlier versions counted, and log what changes.

        They took the Date header of an e-mail for its day, did not see who was in copy of an e-mail
        from a mail program, and counted texts that failed. Headers of e-mails are not stored: automatic
        replies that were counted stay. So do salesperson and stage where opportunities were merged.

        :return: Number of communications that are gone, new or different.
        :rtype: int
        """
        self.env.flush_all()
        columns = self._get_columns()
        self.env.cr.execute(
            SQL(
                "CREATE TEMPORARY TABLE former ON COMMIT DROP AS SELECT %s FROM crm_communication",
                columns,
            )
        )
        self._rebuild()
        [(count,)] = self.env.execute_query(
            SQL(
                """
                SELECT COUNT(*)
                  FROM former
             FULL JOIN crm_communication present USING (id)
                 WHERE (%s) IS DISTINCT FROM (%s)
                """,
                self._get_columns('former'),
                self._get_columns('present'),
            )
        )
        self.env.cr.execute(SQL("DROP TABLE former"))
        _logger.info("Communications repaired: %s", count)
        return count
