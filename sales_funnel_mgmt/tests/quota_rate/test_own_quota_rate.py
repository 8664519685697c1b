"""Test the own quota rates of opportunities."""

from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged, users

from ..common import TestQuotaRateCommon


@tagged('post_install', '-at_install', 'quota_rate')
class TestOwnQuotaRate(TestQuotaRateCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lead = cls._create_opportunity(
            has_own_quota_rate=True,
            own_quota_rate=35,
            own_quota_rate_reason="Half is signed",
        )

    def assertLapsed(self, lead):
        self.assertRecordValues(
            lead,
            [
                {
                    'has_own_quota_rate': False,
                    'own_quota_rate': 0,
                    'own_quota_rate_reason': False,
                }
            ],
        )

    def test_belongs_to_its_stage(self):
        self.assertQuota(self.lead, 35, 'opportunity', 1_750_000)
        self.lead.stage_id = self.stage_late
        self.assertLapsed(self.lead)
        self.assertQuota(self.lead, 60, 'stage', 3_000_000)
        self.lead.stage_id = self.stage_open
        self.assertQuota(self.lead, 20, 'stage', 1_000_000)

    def test_given_at_the_creation_without_a_stage(self):
        """The own rate belongs to the stage that Odoo sets after the creation."""
        values = {
            'name': "No stage given",
            'type': 'opportunity',
            'team_id': self.sales_team_1.id,
            'expected_revenue': 5_000_000,
            'has_own_quota_rate': True,
            'own_quota_rate': 35,
            'own_quota_rate_reason': "Half is signed",
        }
        lead = self.env['crm.lead'].create(values)
        self.assertQuota(lead, 35, 'opportunity', 1_750_000)
        self.assertEqual(lead.own_quota_rate_stage_id, lead.stage_id)

    def test_survives_a_write_of_the_same_stage(self):
        """The own rate survives a multi-edit of the list that writes the current stage again."""
        moved = self._create_opportunity(stage_id=self.stage_late.id)
        (self.lead | moved).write({'stage_id': self.stage_open.id})
        self.assertQuota(self.lead, 35, 'opportunity', 1_750_000)

    def test_lapses_when_the_team_changes_the_stage(self):
        """The own rate lapses when a new team has no such stage, and Odoo moves the opportunity."""
        self.stage_open.team_ids = self.sales_team_1
        other_team = self.env['crm.team'].create({'name': "Other"})
        self.lead.write({'user_id': False, 'team_id': other_team.id})
        self.assertNotEqual(self.lead.stage_id, self.stage_open)
        self.assertLapsed(self.lead)

    def test_given_with_a_change_of_stage_it_belongs_to_the_new_one(self):
        self.lead.write({
            'stage_id': self.stage_late.id,
            'has_own_quota_rate': True,
            'own_quota_rate': 70,
            'own_quota_rate_reason': "Budget released",
        })
        self.assertQuota(self.lead, 70, 'opportunity', 3_500_000)
        self.lead.name = "Spaceship, second edition"
        self.assertQuota(self.lead, 70, 'opportunity', 3_500_000)
        self.lead.stage_id = self.stage_open
        self.assertLapsed(self.lead)

    def test_winning_counts_in_full(self):
        self.lead.action_set_won()
        self.assertLapsed(self.lead)
        self.assertQuota(self.lead, 100, 'stage', 5_000_000)

    def test_is_not_copied(self):
        self.assertLapsed(self.lead.copy())

    def test_needs_a_reason(self):
        for reason in (False, "", "   "):
            with self.subTest(reason=reason), self.assertRaisesRegex(ValidationError, "Spaceship"):
                self.lead.own_quota_rate_reason = reason

    def test_is_a_percentage(self):
        with self.assertRaisesRegex(ValidationError, "Spaceship"):
            self.lead.own_quota_rate = 120

    def test_not_on_what_is_won(self):
        won = self._create_opportunity(stage_id=self.stage_won.id)
        with self.assertRaisesRegex(ValidationError, "won stage"):
            won.write({
                'has_own_quota_rate': True,
                'own_quota_rate': 10,
                'own_quota_rate_reason': "No",
            })

    @users('user_sales_leads')
    def test_lapses_when_a_salesperson_moves_it(self):
        lead = self.lead.with_user(self.env.user)
        lead.stage_id = self.stage_late
        self.assertLapsed(lead)

    def test_is_tracked(self):
        lead = self.lead.with_context(tracking_disable=False)
        self.flush_tracking()
        lead.write({'own_quota_rate': 45, 'own_quota_rate_reason': "Two thirds are signed"})
        self.flush_tracking()
        self.assertIn(
            "Two thirds are signed",
            lead.message_ids.sudo().tracking_value_ids.mapped(
                'new_value_char',
            ),
        )
        lead.stage_id = self.stage_late
        self.flush_tracking()
        lapse = (
            lead
            .message_ids[0]
            .sudo()
            .tracking_value_ids.filtered(lambda value: value.field_id.name == 'own_quota_rate')
        )
        self.assertEqual((lapse.old_value_float, lapse.new_value_float), (45, 0))

    def test_survives_other_changes_in_the_form(self):
        """The own rate survives a new salesperson in the form, for whom Odoo sets the stage again."""
        lead = self._create_opportunity()
        with Form(lead) as form:
            form.has_own_quota_rate = True
            self.assertEqual(form.own_quota_rate, 20, "the rate so far")
            form.own_quota_rate = 77
            form.own_quota_rate_reason = "Signed"
            form.user_id = self.user_sales_manager
        self.assertQuota(lead, 77, 'opportunity', 3_850_000)

    def test_closed_opportunity_keeps_it_until_reopened(self):
        self.lead.action_archive()
        self.lead.stage_id = self.stage_late
        self.assertQuota(self.lead, 35, 'opportunity', 1_750_000)
        self.assertTrue(self.lead.has_own_quota_rate)
        self.lead.action_unarchive()
        self.assertLapsed(self.lead)
        self.assertQuota(self.lead, 60, 'stage', 3_000_000)

    def test_removal_leaves_nothing_behind(self):
        self.lead.has_own_quota_rate = False
        self.assertLapsed(self.lead)
