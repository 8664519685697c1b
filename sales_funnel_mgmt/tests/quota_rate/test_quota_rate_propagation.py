"""Test how changed quota rates reach opportunities."""

import logging
import random
from unittest.mock import patch

from psycopg2.errors import SerializationFailure

from odoo.tests import tagged

from ..common import TestQuotaRateCommon

QUOTA_FIELDS = ['quota_rate', 'quota_rate_origin', 'quota_amount']


@tagged('post_install', '-at_install', 'quota_rate')
class TestQuotaRatePropagation(TestQuotaRateCommon):
    def _create_random_opportunities(self, count, generator):
        stages = self.stage_open | self.stage_late | self.stage_won
        partners = self.contact_1 | self.contact_2 | self.contact_company | self.customer
        return self.env['crm.lead'].create([
            {
                'name': f"Opportunity {number}",
                'type': 'opportunity',
                'user_id': False,
                'stage_id': generator.choice(stages).id,
                'partner_id': generator.choice([False, *partners.ids]),
                'team_id': generator.choice([False, self.sales_team_1.id]),
                'company_id': generator.choice([False, self.company_main.id]),
                'expected_revenue': generator.choice([
                    0,
                    0.01,
                    1.005,
                    28.5,
                    1005,
                    99_999.99,
                    -120.35,
                ]),
            }
            for number in range(count)
        ])

    def _change_at_random(self, leads, rates, generator):
        """Change the opportunities, or a rate that may apply to them, in one of eight ways."""
        open_stages = self.stage_open | self.stage_late
        partners = self.customer | self.contact_1 | self.contact_2 | self.contact_company
        match generator.randrange(8):
            case 0:
                leads.stage_id = generator.choice(open_stages)
            case 1:
                leads.partner_id = generator.choice(partners)
            case 2:
                leads.expected_revenue = generator.uniform(-1000, 1_000_000)
            case 3:
                generator.choice(open_stages).quota_rate = generator.uniform(0, 100)
            case 4:
                generator.choice(rates).rate = generator.uniform(0, 100)
            case 5:
                generator.choice(rates).unlink()
            case 6:
                leads.filtered(lambda lead: not lead.stage_id.is_won).write({
                    'has_own_quota_rate': True,
                    'own_quota_rate': generator.uniform(0, 100),
                    'own_quota_rate_reason': "Chance",
                })
            case 7:
                leads.action_archive()
                leads.action_unarchive()

    def test_row_by_row_and_set_based_agree(self):
        """After random operations, the computation in Python and that in SQL give the same rates."""
        generator = random.Random(19)
        leads = self._create_random_opportunities(120, generator)
        partners = self.customer | self.contact_2 | self.contact_company
        rates = self.env['crm.quota.rate']
        for stage in (self.stage_open, self.stage_late):
            rates |= self._create_rate(
                generator.uniform(0, 100), stage, team_id=self.sales_team_1.id
            )
            for partner in partners:
                for company_id in (False, self.company_main.id):
                    rates |= self._create_rate(
                        generator.uniform(0, 100),
                        stage,
                        partner_id=partner.id,
                        company_id=company_id,
                    )
        for _step in range(60):
            some = self.env['crm.lead'].browse(generator.sample(leads.ids, 20))
            self._change_at_random(some, rates.exists(), generator)

        stored = leads.read(QUOTA_FIELDS)
        self.assertEqual(
            {row['quota_rate_origin'] for row in stored},
            {'opportunity', 'customer', 'team', 'stage'},
            "all origins are to be tried",
        )
        for field_name in ('quota_rate', 'quota_amount'):
            self.env.add_to_compute(leads._fields[field_name], leads)
        self.assertEqual(leads.read(QUOTA_FIELDS), stored, "row by row")
        leads.flush_recordset()
        self.env['crm.lead']._refresh_quota_rates([('id', 'in', leads.ids)])
        self.assertEqual(leads.read(QUOTA_FIELDS), stored, "set-based")

    def test_amounts_are_rounded_to_the_currency(self):
        leads = self._create_opportunity(expected_revenue=0.25)
        yen = self.env.ref('base.JPY')
        yen.active = True
        company = self.env['res.company'].create({'name': "Tokyo", 'currency_id': yen.id})
        leads |= self._create_opportunity(
            expected_revenue=1003,
            company_id=company.id,
            user_id=False,
            team_id=False,
            partner_id=False,
        )
        self.stage_open.quota_rate = 50
        self.assertEqual(leads.mapped('quota_amount'), [0.13, 502])
        for lead in leads:
            lead.expected_revenue = 1005.05
        self.assertEqual(leads.mapped('quota_amount'), [502.53, 503])

    def test_repair_of_amounts(self):
        """The repair computes wrong amounts of open opportunities again, and says how many."""
        wrong = self._create_opportunity(expected_revenue=1000)
        right = self._create_opportunity(expected_revenue=1000)
        closed = self._create_opportunity(expected_revenue=1000)
        closed.action_set_lost()
        self.env.flush_all()
        self.env['crm.lead']._refresh_quota_rates([('active', '=', True)])
        self.env.cr.execute(
            "UPDATE crm_lead SET quota_amount = 200.004 WHERE id = ANY(%s)",
            [(wrong + closed).ids],
        )
        self.env.cr.execute(
            "UPDATE crm_stage_history SET quota_amount = 200.004 WHERE lead_id = %s", [wrong.id]
        )
        self.env.invalidate_all()
        logger = logging.getLogger(
            'odoo.addons.sales_funnel_mgmt.models.quota_rate.propagation.crm_lead'
        )
        with patch.object(logger, 'info') as log:
            self.env['crm.lead']._repair_quota_amounts()
        self.assertEqual(log.call_args.args[1], 1)
        self.env.cr.execute(
            "SELECT quota_amount FROM crm_lead WHERE id = ANY(%s) ORDER BY id",
            [(wrong + right + closed).ids],
        )
        amounts = [float(amount) for (amount,) in self.env.cr.fetchall()]
        self.assertEqual(amounts, [200, 200, 200.004], "What is closed keeps its amount")
        stay = self.env['crm.stage.history'].search([('lead_id', '=', wrong.id)])
        self.assertEqual(stay.quota_amount, 200)
        with patch.object(logger, 'info') as log:
            self.env['crm.lead']._repair_quota_amounts()
        self.assertEqual(log.call_args.args[1], 0)

    def test_revenue_is_rounded_first(self):
        """The revenue is rounded first: half of 1.005 is 0.51, since Odoo shows 1.01."""
        lead = self._create_opportunity(expected_revenue=1.005)
        self.stage_open.quota_rate = 50
        self.assertEqual(lead.quota_amount, 0.51)
        lead.expected_revenue = 3
        lead.expected_revenue = 1.005
        self.assertEqual(lead.quota_amount, 0.51)

    def test_large_changes_are_left_to_the_scheduled_action(self):
        leads = self._create_opportunity() | self._create_opportunity() | self._create_opportunity()
        cron = self.env.ref('sales_funnel_mgmt.ir_cron_refresh_quota_rates')
        self.env['ir.cron.trigger'].search([('cron_id', '=', cron.id)]).unlink()
        with patch(
            'odoo.addons.sales_funnel_mgmt.models.quota_rate.propagation.crm_lead.BATCH_SIZE', 2
        ):
            self.stage_open.quota_rate = 30
            self.assertEqual(set(leads.mapped('quota_rate')), {20})
            triggers = self.env['ir.cron.trigger'].search([('cron_id', '=', cron.id)])
            self.assertEqual(len(triggers), 2, "at once, and once more later")
            self._run_scheduled_action()
        self.assertEqual(set(leads.mapped('quota_rate')), {30})

    def test_scheduled_action_tries_again_after_a_conflict(self):
        lead = self._create_opportunity()
        refresh = type(self.env['crm.lead'])._refresh_quota_rates
        outcomes = iter([SerializationFailure, SerializationFailure])

        def conflict_twice(*args, **kwargs):
            outcome = next(outcomes, None)
            if outcome:
                raise outcome
            return refresh(*args, **kwargs)

        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_stage SET quota_rate = 25 WHERE id = %s", [self.stage_open.id]
        )
        with patch.object(type(self.env['crm.lead']), '_refresh_quota_rates', conflict_twice):
            self._run_scheduled_action()
        self.assertFalse(list(outcomes), "both conflicts came up")
        self.assertQuota(lead, 25, 'stage', 1_250_000)

    def test_stage_rate_costs_the_same_for_any_number(self):
        generator = random.Random(7)
        self._create_random_opportunities(10, generator)

        def count_queries(rate):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.stage_open.quota_rate = rate
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        count_queries(30)
        few = count_queries(31)
        self._create_random_opportunities(400, generator)
        self.assertEqual(count_queries(32), few)

    def test_finding_rates_costs_the_same_for_any_number(self):
        generator = random.Random(8)
        self._create_rate(40, partner_id=self.customer.id)
        leads = self._create_random_opportunities(300, generator)

        def count_queries(size):
            batch = self.env['crm.lead'].browse(leads.ids[:size])
            self.env.invalidate_all()
            self.env.add_to_compute(batch._fields['quota_rate'], batch)
            before = self.env.cr.sql_log_count
            batch.mapped('quota_amount')
            return self.env.cr.sql_log_count - before

        count_queries(10)
        self.assertEqual(count_queries(10), count_queries(300))

    def test_unchanged_rate_touches_nothing(self):
        lead = self._create_opportunity()
        self.env.flush_all()
        self.env.cr.execute("SELECT xmin FROM crm_lead WHERE id = %s", [lead.id])
        before = self.env.cr.fetchone()
        self._run_scheduled_action()
        self.env.cr.execute("SELECT ctid FROM crm_lead WHERE id = %s", [lead.id])
        position = self.env.cr.fetchone()
        self._run_scheduled_action()
        self.env.cr.execute("SELECT xmin, ctid FROM crm_lead WHERE id = %s", [lead.id])
        self.assertEqual(self.env.cr.fetchone(), (*before, *position))

    def test_scheduled_action_mends_what_passed_by(self):
        """The scheduled action corrects an opportunity that a concurrent transaction left outdated."""
        lead = self._create_opportunity()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_stage SET quota_rate = 25 WHERE id = %s",
            [
                self.stage_open.id,
            ],
        )
        self.env.invalidate_all()
        self.assertQuota(lead, 20, 'stage', 1_000_000)
        self._run_scheduled_action()
        self.assertQuota(lead, 25, 'stage', 1_250_000)

    def test_changed_rate_wakes_the_scheduled_action(self):
        cron = self.env.ref('sales_funnel_mgmt.ir_cron_refresh_quota_rates')
        Trigger = self.env['ir.cron.trigger']
        before = Trigger.search_count([('cron_id', '=', cron.id)])
        self.stage_open.name = "Other name, same rate"
        self.assertEqual(Trigger.search_count([('cron_id', '=', cron.id)]), before)
        self.stage_open.quota_rate = 21
        self.assertEqual(Trigger.search_count([('cron_id', '=', cron.id)]), before + 1)
