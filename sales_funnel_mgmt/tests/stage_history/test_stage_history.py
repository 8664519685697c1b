"""Test which stays a change records."""

from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import pairwise
from unittest.mock import patch

from odoo.tests import tagged

from ..common import TestQuotaRateCommon


class TestStageHistoryCommon(TestQuotaRateCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.monday = datetime(2026, 3, 2, 9, 0)

    @contextmanager
    def _at(self, days):
        """Freeze the time a number of days after the first Monday, and flush the changes."""
        with self.mock_datetime_and_now(self.monday + timedelta(days=days)):
            yield
            self.env.flush_all()

    def _stays(self, lead):
        self.env.flush_all()
        return lead.stage_history_ids.sorted('id')

    def assertStays(self, lead, *expected):
        """Assert the stays: stage, salesperson, entry kind and exit kind of each."""
        stays = self._stays(lead)
        self.assertEqual(
            [(stay.stage_id, stay.user_id, stay.entry_kind, stay.exit_kind) for stay in stays],
            list(expected),
        )
        for stay, next_stay in pairwise(stays):
            self.assertEqual(next_stay.previous_stage_id, stay.stage_id)
            self.assertEqual(next_stay.previous_user_id, stay.user_id)
        return stays


@tagged('post_install', '-at_install')
class TestStageHistory(TestStageHistoryCommon):
    """Change opportunities as users do, and check the stays."""

    def test_from_creation_to_won(self):
        leads_user, other = self.user_sales_leads, self.user_sales_salesman
        with self._at(0):
            lead = self._create_opportunity()
        with self._at(3):
            lead.stage_id = self.stage_late
        with self._at(4):
            lead.stage_id = self.stage_open
        with self._at(6):
            lead.user_id = other
        with self._at(10):
            lead.action_set_won()
        stays = self.assertStays(
            lead,
            (self.stage_open, leads_user, 'created', 'advanced'),
            (self.stage_late, leads_user, 'advanced', 'moved_back'),
            (self.stage_open, leads_user, 'moved_back', 'handed_over'),
            (self.stage_open, other, 'handed_over', 'advanced'),
            (self.stage_won, other, 'advanced', False),
        )
        days = [self.monday + timedelta(days=days) for days in (0, 3, 4, 6, 10)]
        self.assertEqual(stays.mapped('entered_at'), days)
        self.assertEqual(stays.mapped('left_at'), [*days[1:], False])
        self.assertEqual(
            stays.mapped('stage_entered_at'),
            [self.monday + timedelta(days=days) for days in (0, 3, 4, 4, 10)],
        )
        self.assertEqual(set(stays.mapped('started_at')), {self.monday})
        self.assertEqual(stays.mapped('is_win'), [False] * 4 + [True])
        self.assertEqual(stays.mapped('is_left_by_winning'), [False] * 3 + [True, False])
        self.assertEqual(
            stays.mapped('change_kind'),
            ['created', 'advanced', 'moved_back', 'handed_over', 'won'],
        )
        self.assertEqual(
            stays.mapped('previous_stage_entered_at'), [False, days[0], days[1], False, days[2]]
        )

    def test_several_changes_in_one_transaction(self):
        lead = self._create_opportunity()
        user = lead.user_id
        lead.stage_id = self.stage_late
        lead.stage_id = self.stage_open
        lead.write({'user_id': self.user_sales_salesman.id})
        self.assertStays(
            lead,
            (self.stage_open, user, 'created', 'advanced'),
            (self.stage_late, user, 'advanced', 'moved_back'),
            (self.stage_open, user, 'moved_back', 'handed_over'),
            (self.stage_open, self.user_sales_salesman, 'handed_over', False),
        )

    def test_what_does_not_change_is_not_recorded(self):
        lead = self._create_opportunity()
        lead.write({
            'stage_id': self.stage_open.id,
            'user_id': lead.user_id.id,
            'name': "Another name",
        })
        self.assertStays(lead, (self.stage_open, lead.user_id, 'created', False))

    def test_batch_in_which_only_some_change(self):
        leads = self._create_opportunity() + self._create_opportunity(stage_id=self.stage_late.id)
        leads.write({'stage_id': self.stage_late.id})
        user = leads.user_id
        self.assertStays(
            leads[0],
            (self.stage_open, user, 'created', 'advanced'),
            (self.stage_late, user, 'advanced', False),
        )
        self.assertStays(leads[1], (self.stage_late, user, 'created', False))

    def test_lost_and_restored(self):
        lead = self._create_opportunity()
        user = lead.user_id
        lead.action_set_lost()
        self.assertStays(lead, (self.stage_open, user, 'created', 'lost'))
        self.assertTrue(self._stays(lead).is_loss)
        lead.action_unarchive()
        stays = self.assertStays(
            lead,
            (self.stage_open, user, 'created', 'lost'),
            (self.stage_open, user, 'reopened', False),
        )
        self.assertEqual(stays.mapped('is_loss'), [False, False], "Reopened: not lost any more")
        self.assertFalse(stays[1].previous_stage_entered_at)

    def test_archived_first_and_lost_later(self):
        lead = self._create_opportunity()
        lead.action_archive()
        stay = self.assertStays(lead, (self.stage_open, lead.user_id, 'created', 'archived'))
        left_at = stay.left_at
        lead.write({'probability': 0})
        stay = self.assertStays(lead, (self.stage_open, lead.user_id, 'created', 'lost'))
        self.assertEqual(stay.left_at, left_at, "It left when it was archived")

    def test_lost_straight_to_won(self):
        lead = self._create_opportunity()
        user = lead.user_id
        lead.action_set_lost()
        self.env.flush_all()
        lead.action_set_won()
        stays = self.assertStays(
            lead,
            (self.stage_open, user, 'created', 'lost'),
            (self.stage_open, user, 'reopened', 'advanced'),
            (self.stage_won, user, 'advanced', False),
        )
        self.assertEqual(stays.mapped('is_win'), [False, False, True])

    def test_created_as_lost(self):
        lead = self._create_opportunity(active=False, probability=0)
        stay = self.assertStays(lead, (self.stage_open, lead.user_id, 'created', 'lost'))
        self.assertEqual(stay.left_at, stay.entered_at)

    def test_created_as_won(self):
        lead = self._create_opportunity(stage_id=self.stage_won.id)
        stay = self.assertStays(lead, (self.stage_won, lead.user_id, 'created', False))
        self.assertTrue(stay.is_win)

    def test_a_lead_has_no_history_until_it_is_converted(self):
        lead = self._create_opportunity(type='lead', user_id=False)
        lead.stage_id = self.stage_late
        self.assertFalse(self._stays(lead))
        user = self.user_sales_leads
        lead.convert_opportunity(self.customer, user_ids=user.ids)
        self.assertStays(lead, (self.stage_late, user, 'created', False))

    def test_team_brings_another_stage(self):
        """A new team brings a stage that is not among the written values."""
        other_team = self.env['crm.team'].create({'name': "Other"})
        self.stage_late.team_ids = self.sales_team_1
        lead = self._create_opportunity(stage_id=self.stage_late.id)
        lead.write({'team_id': other_team.id})
        self.assertNotEqual(lead.stage_id, self.stage_late)
        user = lead.user_id
        stays = self.assertStays(
            lead,
            (self.stage_late, user, 'created', 'handed_over'),
            (lead.stage_id, user, 'handed_over', False),
        )
        self.assertEqual(stays.team_id, self.sales_team_1 + other_team)

    def test_half_written_changes_are_recorded_whole(self):
        """Odoo can store the team before it has computed the stage."""
        other_team = self.env['crm.team'].create({'name': "Other"})
        self.stage_late.team_ids = self.sales_team_1
        lead = self._create_opportunity(stage_id=self.stage_late.id)
        lead.team_id = other_team
        lead.flush_recordset(['team_id'])
        self.assertEqual(self._stays(lead).team_id, self.sales_team_1 + other_team)

    def test_another_team_alone_begins_a_stay(self):
        """The former team keeps its stay. The age in the stage goes on."""
        other_team = self.env['crm.team'].create({'name': "Other"})
        with self._at(0):
            lead = self._create_opportunity()
        with self._at(5):
            lead.team_id = other_team
        user = lead.user_id
        stays = self.assertStays(
            lead,
            (self.stage_open, user, 'created', 'handed_over'),
            (self.stage_open, user, 'handed_over', False),
        )
        self.assertEqual(stays.mapped('team_id'), self.sales_team_1 + other_team)
        self.assertEqual(set(stays.mapped('stage_entered_at')), {self.monday})

    def test_win_stays_with_the_team_and_company_of_then(self):
        other_team = self.env['crm.team'].create({'name': "Other"})
        elsewhere = self.env['res.company'].create({'name': "Elsewhere"})
        lead = self._create_opportunity(stage_id=self.stage_won.id, company_id=self.env.company.id)
        lead.team_id = other_team
        self.env.flush_all()
        lead.write({'company_id': elsewhere.id, 'user_id': False})
        stays = self._stays(lead)
        self.assertEqual(stays.mapped('is_win'), [True, False, False])
        self.assertEqual(stays[0].team_id, self.sales_team_1)
        self.assertEqual(stays[0].company_id, self.env.company)
        self.assertEqual(stays[-1].company_id, elsewhere)

    def test_a_past_without_company_belongs_to_the_company_that_it_gets(self):
        elsewhere = self.env['res.company'].create({'name': "Elsewhere"})
        lead = self._create_opportunity(user_id=False, team_id=False, company_id=False)
        lead.stage_id = self.stage_late
        lead.action_archive()
        lead.action_unarchive()
        self.assertFalse(self._stays(lead).company_id)
        count = len(self._stays(lead))
        lead.company_id = elsewhere
        self.assertEqual(self._stays(lead).company_id, elsewhere)
        self.assertEqual(len(self._stays(lead)), count, "No stay began")
        self.assertTrue(all(stay.company_id for stay in self._stays(lead)))

    def test_an_archived_past_without_company(self):
        elsewhere = self.env['res.company'].create({'name': "Elsewhere"})
        lead = self._create_opportunity(user_id=False, team_id=False, company_id=False)
        lead.stage_id = self.stage_late
        lead.action_archive()
        self._stays(lead)
        lead.company_id = elsewhere
        self.assertEqual(len(self._stays(lead)), 2)
        self.assertTrue(all(stay.company_id == elsewhere for stay in self._stays(lead)))

    def test_amounts_of_an_ended_stay_remain(self):
        lead = self._create_opportunity(expected_revenue=1000)
        lead.expected_revenue = 2000
        self.assertEqual(self._stays(lead).quota_amount, 400)
        lead.write({'stage_id': self.stage_late.id, 'expected_revenue': 3000})
        self.stage_open.quota_rate = 90
        self.stage_late.quota_rate = 50
        self.assertEqual(
            self._stays(lead).mapped(
                lambda stay: (stay.expected_revenue, stay.quota_rate, stay.quota_amount)
            ),
            [(2000, 20, 400), (3000, 50, 1500)],
        )

    def test_changed_rate_of_many_reaches_open_stays(self):
        """A rate that is changed in SQL reaches open stays, and not ended ones."""
        lead = self._create_opportunity(expected_revenue=1000)
        lost = self._create_opportunity(expected_revenue=1000)
        lost.action_set_lost()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_stage SET quota_rate = 30 WHERE id = %s", [self.stage_open.id]
        )
        self.assertEqual(self.env['crm.lead']._refresh_quota_rates([('id', '=', lead.id)]), 1)
        self.assertEqual(self._stays(lead).quota_amount, 300)
        self.assertEqual(self._stays(lost).quota_amount, 200)

    def test_win_stays_with_the_earner(self):
        earner, heir = self.user_sales_leads, self.user_sales_salesman
        lead = self._create_opportunity()
        lead.action_set_won()
        lead.user_id = heir
        stays = self.assertStays(
            lead,
            (self.stage_open, earner, 'created', 'advanced'),
            (self.stage_won, earner, 'advanced', 'handed_over'),
            (self.stage_won, heir, 'handed_over', False),
        )
        self.assertEqual(stays.filtered('is_win').user_id, earner)

    def test_win_and_salesperson_in_one_write(self):
        """The salesperson at the moment of the win gets the credit."""
        lead = self._create_opportunity()
        giver, winner = lead.user_id, self.user_sales_salesman
        lead.write({'stage_id': self.stage_won.id, 'user_id': winner.id})
        stays = self.assertStays(
            lead,
            (self.stage_open, giver, 'created', 'advanced'),
            (self.stage_won, winner, 'advanced', False),
        )
        self.assertTrue(stays[1].is_win)

    def test_win_taken_back(self):
        lead = self._create_opportunity()
        lead.action_set_won()
        lead.user_id = self.user_sales_salesman
        lead.stage_id = self.stage_late
        self.assertFalse(self._stays(lead).filtered('is_win'))
        self.assertEqual(self._stays(lead)[-1].entry_kind, 'moved_back')
        lead.action_set_won()
        self.assertEqual(self._stays(lead).filtered('is_win').user_id, self.user_sales_salesman)
        lead.action_archive()
        lead.action_unarchive()
        self.assertEqual(
            self._stays(lead).mapped('is_win').count(True), 1, "Restored is not won again"
        )

    def test_win_taken_back_while_archived(self):
        lead = self._create_opportunity(stage_id=self.stage_won.id)
        user = lead.user_id
        lead.action_archive()
        stay = self.assertStays(lead, (self.stage_won, user, 'created', 'archived'))
        self.assertTrue(stay.is_win, "Archived is still won")
        lead.stage_id = self.stage_late
        stay = self.assertStays(lead, (self.stage_won, user, 'created', 'archived'))
        self.assertFalse(stay.is_win)
        lead.action_set_lost()
        stay = self.assertStays(lead, (self.stage_won, user, 'created', 'lost'))
        self.assertEqual((stay.is_win, stay.is_loss), (False, True))
        lead.action_set_won()
        self.assertEqual(self._stays(lead).mapped('is_win').count(True), 1, "Won again")

    def test_win_taken_back_and_archived_in_one_write(self):
        lead = self._create_opportunity(stage_id=self.stage_won.id)
        lead.write({'active': False, 'stage_id': self.stage_late.id})
        self.assertFalse(self._stays(lead).filtered('is_win'))

    def test_win_moved_away_and_back_while_archived(self):
        lead = self._create_opportunity(stage_id=self.stage_won.id)
        lead.action_archive()
        self.env.flush_all()
        lead.stage_id = self.stage_late
        self.env.flush_all()
        lead.write({'stage_id': self.stage_won.id, 'active': True})
        self.assertEqual(self._stays(lead).mapped('is_win'), [False, True])

    def test_a_lead_is_not_won(self):
        lead = self._create_opportunity(stage_id=self.stage_won.id)
        lead.type = 'lead'
        self.assertFalse(self._stays(lead).filtered('is_win'))

    def test_restored_keeps_the_age_in_the_stage(self):
        """An opportunity that is closed by mistake and reopened keeps its age, for any user."""
        for close in ('action_archive', 'action_set_lost'):
            with self.subTest(close=close):
                with self._at(0):
                    lead = self._create_opportunity()
                with self._at(50):
                    getattr(lead.with_user(self.user_sales_leads), close)()
                with self._at(51):
                    lead.with_user(self.user_sales_manager).action_unarchive()
                    lead.user_id = self.user_sales_salesman
                stays = self._stays(lead)
                self.assertEqual(set(stays.mapped('stage_entered_at')), {self.monday})
                self.assertFalse(any(stays.mapped('previous_stage_entered_at')))
                with self._at(60):
                    lead.invalidate_recordset(['days_in_stage'])
                    self.assertEqual(lead.days_in_stage, 60)

    def test_restored_in_another_stage_begins_there(self):
        with self._at(0):
            lead = self._create_opportunity()
        with self._at(50):
            lead.action_archive()
        with self._at(51):
            lead.write({'active': True, 'stage_id': self.stage_late.id})
        self.assertEqual(self._stays(lead)[-1].stage_entered_at, self.monday + timedelta(days=51))

    def test_stage_becomes_won_and_is_not_any_more(self):
        lead = self._create_opportunity(stage_id=self.stage_late.id)
        self.stage_late.is_won = True
        user = lead.user_id
        stays = self.assertStays(
            lead,
            (self.stage_late, user, 'created', 'advanced'),
            (self.stage_late, user, 'advanced', False),
        )
        self.assertEqual(stays.mapped('is_win'), [False, True])
        self.stage_late.is_won = False
        self.assertEqual(self._stays(lead)[-1].entry_kind, 'moved_back')
        self.assertFalse(self._stays(lead).filtered('is_win'))

    def test_merged(self):
        head = self._create_opportunity(stage_id=self.stage_late.id, name="Head")
        tail = self._create_opportunity(name="Tail")
        (head + tail).merge_opportunity()
        self.assertFalse(tail.exists())
        stays = self.env['crm.stage.history'].search([('lead_ref', '=', tail.id)])
        self.assertEqual(stays.mapped('exit_kind'), ['merged'])
        self.assertEqual(stays.display_name, "Tail")
        self.assertStays(head, (self.stage_late, head.user_id, 'created', False))

    def test_deleted(self):
        lead = self._create_opportunity()
        lead.stage_id = self.stage_late
        lead.unlink()
        stays = self.env['crm.stage.history'].search([('lead_ref', '=', lead.id)], order='id')
        self.assertEqual(stays.mapped('exit_kind'), ['advanced', 'deleted'])
        self.assertTrue(all(stays.mapped('left_at')))
        self.assertFalse(stays.lead_id)
        self.assertEqual(stays.mapped('display_name'), ["Spaceship", "Spaceship"])

    def test_deleted_stage_and_user_keep_the_totals(self):
        user = self.user_sales_salesman.copy()
        lead = self._create_opportunity(user_id=user.id, stage_id=self.stage_late.id)
        lead.write({'stage_id': self.stage_open.id, 'user_id': self.user_sales_leads.id})
        self.env.flush_all()
        self.stage_late.unlink()
        user.unlink()
        stays = self._stays(lead)
        self.assertEqual(stays.mapped('expected_revenue'), [5_000_000, 5_000_000])
        self.assertFalse(stays[0].user_id)
        self.assertFalse(stays[0].stage_id)

    def test_seen_at_once_in_the_same_transaction(self):
        lead = self._create_opportunity()
        self.assertEqual(len(lead.stage_history_ids), 1)
        lead.stage_id = self.stage_late
        self.assertEqual(len(lead.stage_history_ids), 2)
        lead.user_id = False
        stays = self.env['crm.stage.history'].search([('lead_id', '=', lead.id)])
        self.assertEqual(len(stays), 3)

    def test_copy_has_a_history_of_its_own(self):
        lead = self._create_opportunity()
        lead.stage_id = self.stage_late
        copy = lead.copy()
        self.assertStays(copy, (copy.stage_id, copy.user_id, 'created', False))

    def test_done_by(self):
        lead = self._create_opportunity()
        lead.with_user(self.user_sales_leads).stage_id = self.stage_late
        self.env.flush_all()
        stays = self._stays(lead)
        self.assertEqual(stays.mapped('entered_by_id'), self.env.user + self.user_sales_leads)
        self.assertEqual(stays[0].left_by_id, self.user_sales_leads)
        self.assertFalse(stays[1].left_by_id)

    def test_queries_do_not_grow_with_the_batch(self):
        """Recording takes one statement, for any number of opportunities."""
        record = type(self.env['crm.lead'])._record_stage_history
        statements = []

        def counted(self, *args, **kwargs):
            before = self.env.cr.sql_log_count
            record(self, *args, **kwargs)
            statements.append(self.env.cr.sql_log_count - before)

        for size in (10, 1000):
            leads = self.env['crm.lead'].create([
                {
                    'name': "Many",
                    'type': 'opportunity',
                    'stage_id': self.stage_open.id,
                    'user_id': self.user_sales_leads.id,
                    'team_id': self.sales_team_1.id,
                }
                for _number in range(size)
            ])
            statements.clear()
            with patch.object(type(leads), '_record_stage_history', counted):
                leads.write({'stage_id': self.stage_late.id})
                self.env.flush_all()
            self.assertEqual(sum(statements), 1)
            self.assertEqual(len(leads.stage_history_ids), 2 * size)
