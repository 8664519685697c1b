"""Test the life of stall alerts."""

from datetime import date, timedelta
from unittest.mock import patch

from psycopg2.errors import SerializationFailure, UniqueViolation

from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import TestStallCommon


@tagged('post_install', '-at_install')
class TestStallAlerts(TestStallCommon):
    """Open, escalate and close alerts."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._without_silence()

    def _create_at(self, days, **values):
        with self._at(days):
            return self._create_opportunity(**values)

    def _call(self, lead):
        """Log a call of the salesperson to the customer."""
        lead.activity_schedule(
            activity_type_id=self.call_type.id, user_id=self.user_sales_leads.id
        ).with_user(self.user_sales_leads).action_done()

    # === OPENING === #

    def test_one_activity_for_the_salesperson(self):
        lead = self._create_at(0)
        self._run(9)
        self.assertFalse(self._alerts(lead))
        for days in (11, 11, 12, 30):
            self._run(days)
        alert = self._alerts(lead)
        self.assertRecordValues(
            alert,
            [
                {
                    'state': 'open',
                    'clock': 'age',
                    'stage_id': self.stage_open.id,
                    'user_id': self.user_sales_leads.id,
                    'responsible_id': self.user_sales_leads.id,
                    'manager_id': self.user_sales_manager.id,
                    'since': self.monday,
                    'threshold_days': 10,
                    'raised_at': self.monday + timedelta(days=11),
                }
            ],
        )
        activity = self._activities(lead, user_id=self.user_sales_leads.id)
        self.assertEqual(activity, alert.activity_id)
        self.assertTrue(activity.automated)
        self.assertIn("In this stage for 11 days (allowed: 10).", activity.note)
        self.assertIn("There has been no contact yet.", activity.note)

    def test_both_clocks(self):
        """Each clock has its alert, with the last event before it."""
        self.stage_open.silence_threshold_days = 5
        lead = self._create_at(0)
        with self._at(3):
            self._call(lead)
        self._run(9)
        self._run(11)
        self.assertEqual(self._alerts(lead).mapped('clock'), ['age', 'silence'])
        age, silence = self._alerts(lead)
        self.assertEqual(silence.since, self.monday + timedelta(days=3))
        self.assertEqual(silence.raised_at, self.monday + timedelta(days=9))
        self.assertIn("No contact with the customer for 6 days", silence.activity_id.note)
        self.assertIn("Last contact: 03/07/2024, Call.", silence.activity_id.note)
        self.assertEqual(age.raised_at, self.monday + timedelta(days=11))

    def test_no_mail_about_each(self):
        leads = self._create_at(0) + self._create_at(0)
        before = self.env['mail.mail'].search_count([])
        messages = self.env['mail.message'].search_count([('res_id', 'in', leads.ids)])
        self.user_sales_manager.notification_type = 'email'
        self._run(11)
        # One e-mail: the digest.
        self.assertEqual(self.env['mail.mail'].search_count([]), before + 1)
        self.assertEqual(
            self.env['mail.message'].search_count([('res_id', 'in', leads.ids)]), messages
        )

    def test_in_the_language_of_who_is_alerted(self):
        self.env['res.lang']._activate_lang('zh_CN')
        self.user_sales_leads.lang = 'zh_CN'
        lead = self._create_at(0)
        self._run(11)
        self.assertNotIn("In this stage", self._alerts(lead).activity_id.note)

    def test_the_database_refuses_a_second_one(self):
        lead = self._create_at(0)
        self._run(11)
        with self.assertRaises(UniqueViolation), mute_logger('odoo.sql_db'):
            self.env.cr.execute(
                """
                INSERT INTO crm_stall_alert (lead_id, stay_id, clock, state, since)
                SELECT lead_id, stay_id, clock, 'waiting', since
                  FROM crm_stall_alert WHERE lead_id = %s
                """,
                [lead.id],
            )

    # === WHO === #

    def test_salesperson_who_has_left(self):
        lead = self._create_at(0)
        self.user_sales_leads.active = False
        self._run(11)
        self.assertEqual(self._alerts(lead).responsible_id, self.user_sales_manager)

    def test_salesperson_without_access(self):
        lead = self._create_at(0)
        self.user_sales_leads.group_ids -= self.env.ref('sales_team.group_sale_salesman_all_leads')
        self._run(11)
        self.assertEqual(self._alerts(lead).responsible_id, self.user_sales_manager)

    def test_nobodys_opportunity(self):
        lead = self._create_at(0, user_id=False)
        self._run(11)
        self.assertEqual(self._alerts(lead).responsible_id, self.user_sales_manager)

    def test_team_without_a_leader(self):
        lead = self._create_at(0, user_id=False)
        self.sales_team_1.user_id = False
        self.companies.stall_fallback_user_id = self.user_sales_leads
        self._run(11)
        alert = self._alerts(lead)
        self.assertEqual(alert.manager_id, self.user_sales_leads)
        self.assertEqual(alert.responsible_id, self.user_sales_leads)

    def test_leader_who_may_not_see_the_opportunities(self):
        """Without a leader who may read the opportunity, an administrator gets the escalation."""
        lead = self._create_at(0)
        self.sales_team_1.user_id = self.user_sales_salesman
        self._run(11)
        manager = self._alerts(lead).manager_id
        self.assertTrue(manager)
        self.assertTrue(manager.has_group('sales_team.group_sale_manager'))

    def test_leader_who_has_left_since(self):
        """The escalation goes to the leader at the time of the escalation."""
        lead = self._create_at(0)
        self._run(11)
        self.sales_team_1.user_id = self.user_sales_leads
        other = self._create_at(20, user_id=self.user_sales_salesman.id)
        self._run(31)
        self.assertEqual(self._alerts(lead + other).manager_id, self.user_sales_leads)
        # Users are not their own managers.
        self.assertFalse(self._alerts(lead).escalated_at)

    def test_left_over_by_a_run_that_was_killed(self):
        """An alert of an interrupted run is completed, even if its user was archived."""
        lead = self._create_at(0)
        with self._at(11):
            self.Alert._record()
        self.assertStates(lead, 'due')
        self.user_sales_leads.active = False
        self._run(12)
        self.assertEqual(self._alerts(lead).responsible_id, self.user_sales_manager)
        self.assertEqual(self._activities(lead).user_id, self.user_sales_manager)

    # === HELD BACK === #

    def _plan(self, lead, days, activity_type=None):
        return lead.activity_schedule(
            activity_type_id=(activity_type or self.call_type).id,
            date_deadline=(self.monday + timedelta(days=days)).date(),
            user_id=self.user_sales_leads.id,
        )

    def test_what_is_planned_holds_it_back_once(self):
        self.companies.stall_grace_days = 7
        lead = self._create_at(0)
        with self._at(1):
            self._plan(lead, 14)
        self._run(11)
        self.assertStates(lead, 'held')
        self.assertEqual(self._alerts(lead).held_until, date(2024, 3, 18))
        self.assertFalse(self._activities(lead))
        with self._at(14):
            self._plan(lead, 20)
        self._run(14)
        self.assertStates(lead, 'held')
        self._run(15)
        self.assertStates(lead, 'open')

    def test_what_is_planned_too_late_does_not(self):
        self.companies.stall_grace_days = 7
        lead = self._create_at(0)
        with self._at(1):
            self._plan(lead, 30)
            self._plan(lead, 5)
        self._run(11)
        self.assertStates(lead, 'open')

    # === SETTLED === #

    def test_moving_closes_it_at_once(self):
        lead = self._create_at(0)
        self._run(11)
        with self._at(12):
            lead.with_user(self.user_sales_leads).stage_id = self.stage_late
        self.assertStates(lead, 'closed')
        self.assertEqual(self._alerts(lead).close_reason, 'moved')
        self.assertFalse(self._activities(lead))
        # Moving back begins another stay.
        with self._at(13):
            lead.stage_id = self.stage_open
        self._run(24)
        self.assertStates(lead, 'closed', 'open')

    def test_each_way_out(self):
        ways = {
            'won': lambda lead: lead.action_set_won(),
            'ended': lambda lead: lead.action_set_lost(),
            'handed_over': lambda lead: lead.write({'user_id': self.user_sales_salesman.id}),
        }
        for reason, way in ways.items():
            lead = self._create_at(0)
            self._run(11)
            with self._at(12):
                way(lead)
            self.assertEqual(self._alerts(lead).mapped('close_reason'), [reason])
            self.assertFalse(self._activities(lead))

    def test_what_passed_by_the_orm(self):
        """The run finds a move that was reverted in one transaction in the stage history."""
        lead = self._create_at(0)
        self._run(11)
        with self._at(12):
            lead.user_id = self.user_sales_salesman
            self.env.flush_all()
            self.Alert.search([('lead_id', '=', lead.id)]).write({'state': 'open'})
            lead.user_id = self.user_sales_leads
        self._run(12)
        alerts = self._alerts(lead)
        self.assertEqual(alerts.filtered(lambda a: a.state != 'closed').mapped('state'), ['open'])
        self.assertEqual(len(self._activities(lead)), 1)

    def test_deleted_opportunity(self):
        lead = self._create_at(0)
        self._run(11)
        alert = self._alerts(lead)
        lead.unlink()
        self.assertFalse(alert.exists())
        self._run(12)

    def test_merged_opportunity(self):
        lead, other = self._create_at(0), self._create_at(0)
        self._run(11)
        with self._at(12):
            head = (lead + other).merge_opportunity()
        self._run(12)
        self.assertEqual(len(self._activities(head)), len(self._alerts(head)))

    def test_contact_ends_silence_only(self):
        self.stage_open.silence_threshold_days = 5
        lead = self._create_at(0)
        self._run(11)
        self.assertStates(lead, 'open', 'open')
        with self._at(12):
            self._call(lead)
        self._run(13)
        self.assertStates(lead, 'open', 'closed')
        self.assertEqual(self._alerts(lead)[1].close_reason, 'contacted')
        self.assertEqual(len(self._activities(lead)), 1)
        # Silent again in the same stay: the same alert reopens with a new activity.
        self._run(18)
        self.assertStates(lead, 'open', 'open')
        self.assertEqual(self._alerts(lead)[1].since, self.monday + timedelta(days=12))
        self.assertEqual(len(self._activities(lead)), 2)

    def test_contact_long_before_the_next_run(self):
        """An alert that closes and reopens in one run loses its former activity."""
        self.stage_open.silence_threshold_days = 5
        lead = self._create_at(0)
        self._run(6)
        with self._at(7):
            self._call(lead)
        self.stage_open.rotting_threshold_days = 100
        self._run(30)
        alert = self._alerts(lead)
        self.assertEqual((alert.state, alert.since), ('open', self.monday + timedelta(days=7)))
        self.assertEqual(self._activities(lead), alert.activity_id)

    def test_threshold_that_is_raised(self):
        lead = self._create_at(0)
        self._run(11)
        self.stage_open.rotting_threshold_days = 20
        self._run(12)
        self.assertStates(lead, 'closed')
        self.assertEqual(self._alerts(lead).close_reason, 'allowed')
        self.assertFalse(self._activities(lead))
        self._run(21)
        self.assertStates(lead, 'open')

    def test_activity_that_was_done(self):
        """A done activity of an alert is not repeated, and the alert is not escalated."""
        lead = self._create_at(0)
        self._run(11)
        with self._at(12):
            self._activities(lead).with_user(self.user_sales_leads).action_done()
        for days in (12, 40):
            self._run(days)
        self.assertStates(lead, 'acknowledged')
        self.assertFalse(self._activities(lead))
        self.assertFalse(self._alerts(lead).escalated_at)

    # === ESCALATION === #

    def test_escalation(self):
        lead = self._create_at(0)
        self._run(11)
        self._run(17)
        self.assertFalse(self._activities(lead, user_id=self.user_sales_manager.id))
        for days in (19, 19, 30):
            self._run(days)
        activity = self._activities(lead, user_id=self.user_sales_manager.id)
        self.assertEqual(activity, self._alerts(lead).escalation_activity_id)
        self.assertIn("The salesperson was alerted on 03/15/2024.", activity.note)
        with self._at(31):
            lead.stage_id = self.stage_late
        self.assertFalse(self._activities(lead))

    def test_activity_that_was_cancelled_is_no_reaction(self):
        lead = self._create_at(0)
        self._run(11)
        self._activities(lead).action_cancel()
        self._run(19)
        self.assertEqual(self._activities(lead).user_id, self.user_sales_manager)

    def test_reactions_that_prevent_it(self):
        contacted, planned = self._create_at(0), self._create_at(0)
        self._run(11)
        self.companies.stall_grace_days = 7
        with self._at(12):
            self._call(contacted)
            self._plan(planned, 20)
        self._run(19)
        self.assertFalse(self._alerts(contacted + planned).filtered('escalated_at'))
        # The planned activity is not done.
        self._run(21)
        self.assertEqual(
            self._alerts(contacted + planned).filtered('escalated_at').lead_id, planned
        )

    def test_no_escalation_to_oneself_or_when_switched_off(self):
        own, other = self._create_at(0, user_id=self.user_sales_manager.id), self._create_at(0)
        self.companies.stall_escalation_days = 0
        self._run(11)
        self._run(30)
        self.assertFalse(self._alerts(own + other).filtered('escalated_at'))
        self.companies.stall_escalation_days = 7
        self._run(31)
        self.assertEqual(self._alerts(own + other).filtered('escalated_at').lead_id, other)

    # === NOT TOO MANY === #

    def test_limit_of_open_alerts(self):
        """The longest stalled opportunities come first, others follow as these are closed."""
        self.companies.stall_open_alerts_max = 2
        leads = [self._create_at(days) for days in (2, 0, 1, 3)]
        theirs = self._create_at(3, user_id=self.user_sales_salesman.id)
        for days in (20, 21):
            self._run(days)
            states = [self._alerts(lead).state for lead in leads]
            self.assertEqual(states, ['waiting', 'open', 'open', 'waiting'])
        self.assertStates(theirs, 'open')
        with self._at(22):
            leads[1].stage_id = self.stage_late
        self._run(22)
        states = [self._alerts(lead).state for lead in leads]
        self.assertEqual(states, ['open', 'closed', 'open', 'waiting'])

    # === ROBUST === #

    def test_batches(self):
        leads = self._create_at(0)
        for _number in range(4):
            leads += self._create_at(0)
        with patch(
            'odoo.addons.sales_funnel_mgmt.models.stall_alert.run.crm_stall_alert.BATCH_SIZE', 2
        ):
            self._run(11)
            self.assertEqual(len(self._activities(leads)), 5)
            self.assertEqual(sorted(self._activities(leads).mapped('res_id')), leads.ids)
            with self._at(12):
                leads.write({'stage_id': self.stage_late.id})
            self._run(12)
        self.assertFalse(self._activities(leads))

    def test_simultaneous_change(self):
        """A batch is retried with current values after a serialization failure."""
        lead = self._create_at(0)
        Alert = self.env.registry['crm.stall.alert']
        original, calls = Alert._raise_batch, []

        def refused_at_first(model):
            calls.append(1)
            if len(calls) == 1:
                raise SerializationFailure
            return original(model)

        with (
            patch.object(Alert, '_raise_batch', refused_at_first),
            patch.object(self.env.registry['ir.cron'], '_commit_progress', lambda *_a, **_k: 60),
            self._at(11),
            self.mock_mail_gateway(),
            patch.object(self.env.cr, 'rollback', lambda: None),
        ):
            self.Alert._cron_run()
        self.assertStates(lead, 'open')
        self.assertEqual(len(self._activities(lead)), 1)

    def test_as_many_queries_for_many(self):
        """The number of queries of a batch does not depend on its size."""
        counts = []
        for number in (3, 30):
            leads = self.env['crm.lead']
            with self._at(0):
                for _n in range(number):
                    leads += self._create_opportunity()
            with self._at(11), self.mock_mail_gateway():
                self.Alert._record()
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                self.assertEqual(self.Alert._raise_batch(), number)
                self.env.flush_all()
                counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 1)

    def test_moving_costs_one_query(self):
        with self._at(0):
            leads = self.env['crm.lead'].concat(*(self._create_opportunity() for _n in range(10)))
        with self._at(1):
            leads.mapped('stage_id')
            before = self.env.cr.sql_log_count
            leads._close_ended_stall_alerts({'stage_id': leads.stage_id.id})
            self.assertEqual(self.env.cr.sql_log_count - before, 1)
