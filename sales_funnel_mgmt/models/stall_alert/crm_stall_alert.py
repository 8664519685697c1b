"""Define the stall alert: a clock of a stay has run out."""

from odoo import api, fields, models
from odoo.tools import SQL

CLOSE_REASONS = [
    ('moved', "Moved to Another Stage"),
    ('won', "Won"),
    ('handed_over', "Handed Over"),
    ('ended', "Lost, Archived, Merged"),
    ('contacted', "Customer Contacted"),
    ('allowed', "No Longer Over the Threshold"),
]


class CrmStallAlert(models.Model):
    """Record that a clock of a stay has run out, and who reacted: one alert for each stay and clock.

    The scheduled action writes alerts in SQL. Users have no write access. A closed alert opens again
    if the clock runs out once more within the same stay.
    """

    _name = 'crm.stall.alert'
    _description = "Stall Alert"
    _inherit = ['crm.lead.link.mixin']
    _order = 'since, id'
    _rec_name = 'lead_id'
    _log_access = False

    lead_id = fields.Many2one(
        comodel_name='crm.lead',
        string="Opportunity",
        readonly=True,
        required=True,
        index=True,
        ondelete='cascade',
        help="The opportunity that is stalled.",
    )
    stay_id = fields.Many2one(
        comodel_name='crm.stage.history',
        readonly=True,
        required=True,
        ondelete='cascade',
        help="The stay (in one stage, with one salesperson) that the alert is about.",
    )
    clock = fields.Selection(
        selection=[('age', "Time in Stage"), ('silence', "Silence")],
        readonly=True,
        required=True,
        help="Which clock has run out: the time in the stage, or the time without a contact with the "
        "customer.",
    )
    state = fields.Selection(
        selection=[
            ('waiting', "Waiting"),
            ('held', "Held Back"),
            ('due', "About to Open"),
            ('open', "Open"),
            ('acknowledged', "Acknowledged"),
            ('snoozed', "Snoozed"),
            ('closed', "Closed"),
        ],
        string="Status",
        readonly=True,
        required=True,
        help="Waiting: the salesperson has as many open alerts as the settings allow. Held back: "
        "something was planned for the near future. Open: the salesperson has an activity. "
        "Acknowledged: it was marked as done, though the opportunity is still stalled. Closed: "
        "it no longer is.",
    )
    stage_id = fields.Many2one(
        comodel_name='crm.stage',
        readonly=True,
        ondelete='set null',
        help="Stage of the stay.",
    )
    user_id = fields.Many2one(
        comodel_name='res.users',
        string="Salesperson",
        readonly=True,
        ondelete='set null',
        help="Salesperson of the stay.",
    )
    team_id = fields.Many2one(
        comodel_name='crm.team',
        string="Sales Team",
        readonly=True,
        ondelete='set null',
        help="Sales team of the opportunity when the clock ran out.",
    )
    company_id = fields.Many2one(
        comodel_name='res.company',
        readonly=True,
        ondelete='set null',
        help="Company of the opportunity when the clock ran out.",
    )
    since = fields.Datetime(
        string="Stalled Since",
        readonly=True,
        required=True,
        help="Since when the clock had been running: the opportunity entered the stage, or the last "
        "contact with the customer.",
    )
    threshold_days = fields.Integer(
        string="Allowed Days",
        readonly=True,
        aggregator=None,
        help="Days that the stage allowed when the clock ran out.",
    )
    days = fields.Integer(
        compute='_compute_days',
        help="Calendar days from the beginning until now, or until the alert closed.",
    )
    responsible_id = fields.Many2one(
        comodel_name='res.users',
        string="Alerted",
        readonly=True,
        ondelete='set null',
        help="User who got the activity: the salesperson, or the manager if the salesperson has left or "
        "cannot see the opportunity.",
    )
    manager_id = fields.Many2one(
        comodel_name='res.users',
        readonly=True,
        ondelete='set null',
        help="Who gets the digest and the escalation: the team leader, or the one from the settings.",
    )
    activity_id = fields.Many2one(
        comodel_name='mail.activity',
        readonly=True,
        index='btree_not_null',
        ondelete='set null',
        help="The activity of the one who was alerted.",
    )
    raised_at = fields.Datetime(
        string="Opened",
        readonly=True,
        help="When the activity was created.",
    )
    digested_at = fields.Datetime(
        string="In Digest",
        readonly=True,
        help="When it was last in a digest to the manager.",
    )
    escalated_at = fields.Datetime(
        string="Escalated",
        readonly=True,
        help="When the manager got an activity, for the salesperson had not reacted.",
    )
    escalation_activity_id = fields.Many2one(
        comodel_name='mail.activity',
        readonly=True,
        index='btree_not_null',
        ondelete='set null',
        help="The manager's activity.",
    )
    held_until = fields.Date(
        readonly=True,
        help="Day of the activity or meeting that was planned when the clock ran out.",
    )
    snoozed_until = fields.Date(
        readonly=True,
        help="Day on which the alarm is on again.",
    )
    snooze_reason = fields.Char(
        readonly=True,
        help="Why the alert was snoozed.",
    )
    snoozed_by_id = fields.Many2one(
        comodel_name='res.users',
        readonly=True,
        ondelete='set null',
        help="Who snoozed the alert.",
    )
    closed_at = fields.Datetime(
        string="Closed",
        readonly=True,
        help="When the opportunity was found to be stalled no longer.",
    )
    close_reason = fields.Selection(
        selection=CLOSE_REASONS,
        readonly=True,
        help="Why the opportunity is stalled no longer.",
    )

    # The index holds for concurrent runs, and for a run after a crash.
    _stay_clock_uniq = models.UniqueIndex(
        '(stay_id, clock)',
        "There is one alert per stay and clock.",
    )
    _standing_idx = models.Index("(lead_id) WHERE state <> 'closed'")
    _due_idx = models.Index("(responsible_id, id) WHERE state = 'due'")
    _escalation_idx = models.Index("(id) WHERE state = 'open' AND escalated_at IS NULL")
    _manager_idx = models.Index("(manager_id) WHERE state <> 'closed'")

    # === COMPUTE METHODS === #

    @api.depends('since', 'closed_at')
    def _compute_days(self):
        now = self.env.cr.now()
        for alert in self:
            alert.days = ((alert.closed_at or now) - alert.since).days

    @api.depends('lead_id', 'clock')
    def _compute_display_name(self):
        clocks = dict(self._fields['clock']._description_selection(self.env))
        for alert in self:
            alert.display_name = (
                f"{alert.lead_id.display_name or ''} ({clocks.get(alert.clock, '')})"
            )

    # === BUSINESS METHODS === #

    def _close(self, reason):
        """Close the alerts and delete their open activities.

        :param str reason: One of the close reasons.
        """
        self.write({'state': 'closed', 'closed_at': self.env.cr.now(), 'close_reason': reason})
        self._remove_activities()

    def _remove_activities(self):
        """Delete the activities of these alerts that are not done."""
        (self.activity_id + self.escalation_activity_id).filtered('active').unlink()

    @api.model
    def _snooze(self, leads, until, reason):
        """Snooze both clocks of opportunities, whether they have run out or not.

        A clock that has not run out yet gets a snoozed alert now, which the scheduled action finds
        later.

        :param crm.lead leads: Opportunities whose alerts are snoozed.
        :param date until: Day on which the alerts resume.
        :param str reason: Reason of the user.
        """
        leads.flush_recordset()
        self.flush_model()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO crm_stall_alert (
                       lead_id, stay_id, clock, state, stage_id, user_id, team_id, company_id,
                       since, snoozed_until, snooze_reason, snoozed_by_id)
                SELECT stay.lead_id, stay.id, clock.name, 'snoozed', stay.stage_id, stay.user_id,
                       stay.team_id, stay.company_id, stay.stage_entered_at,
                       %(until)s, %(reason)s, %(uid)s
                  FROM crm_stage_history stay
            CROSS JOIN (VALUES ('age'), ('silence')) AS clock (name)
                 WHERE stay.lead_id = ANY(%(lead_ids)s)
                   AND stay.left_at IS NULL
                   AND NOT stay.is_won
           ON CONFLICT (stay_id, clock) DO UPDATE
                   SET state = 'snoozed',
                       snoozed_until = EXCLUDED.snoozed_until,
                       snooze_reason = EXCLUDED.snooze_reason,
                       snoozed_by_id = EXCLUDED.snoozed_by_id,
                       held_until = NULL,
                       closed_at = NULL,
                       close_reason = NULL
                """,
                until=until,
                reason=reason,
                uid=self.env.uid,
                lead_ids=leads.ids,
            )
        )
        self.invalidate_model(flush=False)
        self.search([
            ('lead_id', 'in', leads.ids),
            ('state', '=', 'snoozed'),
        ])._remove_activities()
