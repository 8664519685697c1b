"""Test which quota rate applies to an opportunity."""

from psycopg2 import IntegrityError

from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ..common import TestQuotaRateCommon


@tagged('post_install', '-at_install', 'quota_rate')
class TestQuotaRatePrecedence(TestQuotaRateCommon):
    def test_worked_example(self):
        """A revenue of 5,000,000 at 20 % counts 1,000,000, and the amounts of all stages add up."""
        lead = self._create_opportunity()
        self.assertQuota(lead, 20, 'stage', 1_000_000)
        self._create_opportunity(stage_id=self.stage_late.id, expected_revenue=300_000)
        self._create_opportunity(stage_id=self.stage_won.id, expected_revenue=50_000)
        [(total,)] = self.env['crm.lead']._read_group(
            [('user_id', '=', self.user_sales_leads.id), ('type', '=', 'opportunity')],
            aggregates=['quota_amount:sum'],
        )
        self.assertEqual(total, 1_000_000 + 180_000 + 50_000)

    def test_from_stage_to_own_rate(self):
        lead = self._create_opportunity()
        self.assertQuota(lead, 20, 'stage', 1_000_000)
        team_rate = self._create_rate(30, team_id=self.sales_team_1.id)
        self.assertQuota(lead, 30, 'team', 1_500_000)
        customer_rate = self._create_rate(40, partner_id=self.customer.id)
        self.assertQuota(lead, 40, 'customer', 2_000_000)
        lead.write({
            'has_own_quota_rate': True,
            'own_quota_rate': 0,
            'own_quota_rate_reason': "Frozen",
        })
        self.assertQuota(lead, 0, 'opportunity', 0)

        lead.has_own_quota_rate = False
        self.assertQuota(lead, 40, 'customer', 2_000_000)
        customer_rate.unlink()
        self.assertQuota(lead, 30, 'team', 1_500_000)
        team_rate.unlink()
        self.assertQuota(lead, 20, 'stage', 1_000_000)

    def test_origin_is_said_in_words(self):
        lead = self._create_opportunity()
        self.assertEqual(lead.quota_rate_explanation, "Rate of stage Negotiation")
        self._create_rate(30, team_id=self.sales_team_1.id)
        self.assertEqual(
            lead.quota_rate_explanation,
            "Rate of the sales team Test Sales Team in stage Negotiation",
        )
        self._create_rate(40, partner_id=self.customer.id)
        self.assertEqual(
            lead.quota_rate_explanation,
            "Rate of the customer Planet Express in stage Negotiation",
        )
        lead.write({
            'has_own_quota_rate': True,
            'own_quota_rate': 5,
            'own_quota_rate_reason': "Frozen",
        })
        self.assertEqual(lead.quota_rate_explanation, "Own rate: Frozen")

    def test_rate_belongs_to_its_stage(self):
        self._create_rate(40, partner_id=self.customer.id)
        lead = self._create_opportunity(stage_id=self.stage_late.id)
        self.assertQuota(lead, 60, 'stage', 3_000_000)
        lead.stage_id = self.stage_open
        self.assertQuota(lead, 40, 'customer', 2_000_000)

    def test_rate_counts_for_the_customer_not_the_contact(self):
        rate = self._create_rate(40, partner_id=self.contact_1.id)
        self.assertEqual(rate.partner_id, self.customer, "kept for the customer")
        lead = self._create_opportunity(partner_id=self.customer.id)
        self.assertQuota(lead, 40, 'customer', 2_000_000)

    def test_rate_follows_customer_and_team_of_the_opportunity(self):
        self._create_rate(40, partner_id=self.customer.id, company_id=False)
        self._create_rate(30, team_id=self.sales_team_1.id)
        other_team = self.env['crm.team'].create({'name': "Other"})
        lead = self._create_opportunity()
        lead.partner_id = self.contact_2
        self.assertQuota(lead, 30, 'team', 1_500_000)
        lead.write({'user_id': False, 'team_id': other_team.id})
        self.assertQuota(lead, 20, 'stage', 1_000_000)
        self.contact_2.parent_id = self.customer
        self.assertQuota(lead, 40, 'customer', 2_000_000)

    def test_rate_follows_a_merge_of_contacts(self):
        self._create_rate(40, partner_id=self.customer.id)
        lead = self._create_opportunity(partner_id=self.contact_company.id)
        self.assertQuota(lead, 20, 'stage', 1_000_000)
        self.env['base.partner.merge.automatic.wizard']._merge(
            (self.customer | self.contact_company).ids,
            self.customer,
        )
        self.assertEqual(lead.partner_id, self.customer)
        self.assertQuota(lead, 40, 'customer', 2_000_000)

    def test_rate_of_the_company_goes_before_that_of_all(self):
        self._create_rate(40, partner_id=self.customer.id, company_id=False)
        lead = self._create_opportunity(company_id=self.company_main.id)
        self.assertQuota(lead, 40, 'customer', 2_000_000)
        self._create_rate(45, partner_id=self.customer.id, company_id=self.company_main.id)
        self.assertQuota(lead, 45, 'customer', 2_250_000)

    def test_form_shows_the_rate_before_saving(self):
        self._create_rate(40, partner_id=self.customer.id)
        with Form(self.env['crm.lead'].with_context(default_type='opportunity')) as form:
            form.name = "Spaceship"
            form.expected_revenue = 1000
            form.stage_id = self.stage_open
            self.assertEqual(form.quota_amount, 200)
            form.partner_id = self.contact_1
            self.assertEqual(form.quota_amount, 400)
        self.assertQuota(form.record, 40, 'customer', 400)

    def test_closed_opportunity_keeps_its_rate_until_reopened(self):
        lead = self._create_opportunity()
        lead.action_set_lost()
        self.stage_open.quota_rate = 25
        self.assertQuota(lead, 20, 'stage', 1_000_000)
        lead.action_restore()
        self.assertQuota(lead, 25, 'stage', 1_250_000)

    @mute_logger('odoo.sql_db')
    def test_rate_needs_exactly_one_target(self):
        for values in ({}, {'partner_id': self.customer.id, 'team_id': self.sales_team_1.id}):
            with (
                self.subTest(values=values),
                self.assertRaises(IntegrityError),
                self.env.cr.savepoint(),
            ):
                self._create_rate(10, **values)

    @mute_logger('odoo.sql_db')
    def test_rate_is_unique(self):
        for values in ({'partner_id': self.customer.id}, {'team_id': self.sales_team_1.id}):
            self._create_rate(10, **values)
            with (
                self.subTest(values=values),
                self.assertRaises(IntegrityError),
                self.env.cr.savepoint(),
            ):
                self._create_rate(11, **values)

    def test_rate_is_validated(self):
        with self.assertRaisesRegex(ValidationError, "Planet Express / Negotiation"):
            self._create_rate(101, partner_id=self.customer.id)
        with self.assertRaisesRegex(ValidationError, "won stage"):
            self._create_rate(50, stage=self.stage_won, partner_id=self.customer.id)

    def test_contact_put_below_a_customer_brings_no_rate_along(self):
        """A contact that gets a parent company does not bring its rate: editors of contacts set no rates."""
        self._create_rate(99, partner_id=self.contact_2.id, company_id=False)
        lead = self._create_opportunity()
        moved = self._create_opportunity(partner_id=self.contact_2.id)
        self.assertQuota(moved, 99, 'customer', 4_950_000)
        self.contact_2.parent_id = self.customer
        new = self._create_opportunity()
        self._run_scheduled_action()
        for opportunity in (lead, moved, new):
            self.assertQuota(opportunity, 20, 'stage', 1_000_000)

    def test_merge_of_contacts_loses_no_rate(self):
        other = self.contact_company
        kept = self._create_rate(5, partner_id=self.customer.id)
        self._create_rate(50, partner_id=other.id)
        moved = self._create_rate(51, self.stage_late, partner_id=other.id)
        wizard = self.env['base.partner.merge.automatic.wizard']
        wizard._merge((self.customer | other).ids, self.customer)
        rates = self.env['crm.quota.rate'].search([('partner_id', '=', self.customer.id)])
        self.assertEqual(rates, kept | moved)
        self.assertIn("Mom: 50%", kept.message_ids[0].body)

    def test_deleted_team_takes_its_rates_along(self):
        team = self.env['crm.team'].create({'name': "Short-lived"})
        self._create_rate(30, team_id=team.id)
        lead = self._create_opportunity(user_id=False, team_id=team.id)
        self.assertQuota(lead, 30, 'team', 1_500_000)
        team.unlink()
        self.assertQuota(lead, 20, 'stage', 1_000_000)

    def test_single_company_counts_unassigned_opportunities(self):
        """A rate of a customer applies to opportunities without a company, as its form has no company."""
        self.assertEqual(self.env['res.company'].search_count([]), 1)
        rate = self._create_rate(90, partner_id=self.customer.id)
        self.assertFalse(rate.company_id)
        lead = self._create_opportunity(user_id=False, team_id=False)
        self.assertFalse(lead.company_id)
        self.assertQuota(lead, 90, 'customer', 4_500_000)

    def test_rate_of_a_team_follows_the_company_of_the_team(self):
        team = self.env['crm.team'].create({
            'name': "Wandering",
            'company_id': self.company_main.id,
        })
        rate = self._create_rate(30, team_id=team.id)
        self.assertEqual(rate.company_id, self.company_main)
        team.company_id = False
        self.assertFalse(rate.company_id)
