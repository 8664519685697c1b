"""Test the changes of the level of customers."""

import random
from collections import Counter
from datetime import datetime, timedelta
from unittest.mock import patch

from odoo.tests import freeze_time, tagged

from ..common import TestQuotaRateCommon


@tagged('post_install', '-at_install')
class TestLevelChangeReport(TestQuotaRateCommon):
    """Check the changes of customers whose opportunities move."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.freezer = cls.startClassPatcher(freeze_time('2026-05-04 09:00:00'))
        cls.startClassPatcher(patch.object(cls.env.cr, 'now', datetime.now))
        cls.env['crm.lead'].with_context(active_test=False).search([]).unlink()
        cls.env['res.partner'].search([('user_id', '!=', False)]).user_id = False
        cls.env.flush_all()
        # What was there before is none of this.
        cls.env.cr.execute("DELETE FROM crm_stage_history")
        cls.report = cls.env['crm.level.change.report'].with_user(cls.user_sales_manager)

    def _pass(self, days=10):
        self.env.flush_all()
        self.env.invalidate_all()
        self.freezer.tick(timedelta(days=days))

    def _shown(self):
        self.env.flush_all()
        self.env.invalidate_all()
        return [
            (row.kind, row.previous_level_id.name, row.level_id.name, round(row.days))
            for row in self.report.search([], order='date, id')
        ]

    def test_changes(self):
        """The level follows the furthest opportunity, and a win stays."""
        first = self._create_opportunity()
        self._pass()
        second = self._create_opportunity(
            stage_id=self.stage_late.id, user_id=self.user_sales_salesman.id
        )
        self._pass()
        # The other opportunity is further: the level stays.
        first.user_id = self.user_sales_manager
        self._pass()
        second.action_set_lost()
        self._pass()
        first.action_set_lost()
        self._pass()
        first.action_unarchive()
        self._pass()
        first.stage_id = self.stage_won
        self._pass()
        first.active = False
        early, late, won = (
            stage.name for stage in (self.stage_open, self.stage_late, self.stage_won)
        )
        self.assertEqual(
            self._shown(),
            [
                ('new', False, early, 0),
                ('up', early, late, 10),
                ('down', late, early, 20),
                ('gone', early, False, 10),
                ('back', False, early, 10),
                ('won', early, won, 10),
            ],
        )
        rows = self.report.search([], order='date, id')
        self.assertEqual(
            [row.user_id for row in rows][:3],
            [self.user_sales_leads, self.user_sales_salesman, self.user_sales_salesman],
        )
        self.assertEqual(rows[-1].days_to_order, 60)
        self.assertEqual(rows.customer_id, self.customer)

    def test_access(self):
        """Only stays that the reader may read make the level."""
        self._create_opportunity(user_id=self.user_sales_salesman.id)
        self._pass()
        self._create_opportunity(stage_id=self.stage_late.id)
        self._pass()
        rows = self.report.with_user(self.user_sales_salesman).search([])
        self.assertEqual(rows.level_id, self.stage_open)
        self.assertEqual(len(self.report.search([])), 2)

    def test_balance(self):
        """What came to a level less what left it is in it now, whatever has happened."""
        rng = random.Random(7)
        stages = self.stage_open + self.stage_late + self.stage_won
        partners = self.contact_1 + self.contact_2 + self.env['res.partner'].create({'name': "New"})
        leads = self.env['crm.lead']
        for _step in range(80):
            lead = leads and rng.choice(leads)
            match rng.choice(('new', 'move', 'move', 'move', 'lose', 'restore', 'user', 'archive')):
                case 'move' if lead:
                    lead.stage_id = rng.choice(stages)
                case 'lose' if lead and lead.active and not lead.stage_id.is_won:
                    lead.action_set_lost()
                case 'restore' if lead and not lead.active:
                    lead.action_unarchive()
                case 'archive' if lead and lead.active:
                    lead.active = False
                case 'user' if lead:
                    lead.user_id = rng.choice(self.user_sales_leads + self.user_sales_manager)
                case _:
                    leads += self._create_opportunity(
                        partner_id=rng.choice([*partners.ids, False]),
                        stage_id=rng.choice(stages).id,
                    )
            self._pass(rng.choice((0, 1, 3)))
            self._check_balance()

    def _check_balance(self):
        self.env.flush_all()
        self.env.invalidate_all()
        balance = Counter()
        for row in self.report.search([]):
            balance[row.level_id] += 1
            balance[row.previous_level_id] -= 1
        Customers = self.env['crm.customer.report'].with_user(self.user_sales_manager)
        current = Customers._read_group(
            [('level_id', '!=', False)], ['level_id'], ['customer_count:count_distinct']
        )
        self.assertEqual({level: n for level, n in balance.items() if level and n}, dict(current))
