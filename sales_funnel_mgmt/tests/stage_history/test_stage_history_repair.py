"""Test that the repairs change the stays that earlier versions recorded wrongly, and no others."""

from datetime import timedelta

from odoo.tests import tagged

from .test_stage_history import TestStageHistoryCommon


@tagged('post_install', '-at_install')
class TestStageHistoryRepair(TestStageHistoryCommon):
    def _write(self, stay, **values):
        """Write a stay as an earlier version might have."""
        self.env.flush_all()
        for name, value in values.items():
            self.env.cr.execute(
                f"UPDATE crm_stage_history SET {name} = %s WHERE id = %s", [value, stay.id]
            )
        self.env.invalidate_all()

    def test_wins(self):
        History = self.env['crm.stage.history']
        moved = self._create_opportunity(stage_id=self.stage_won.id)
        twice = self._create_opportunity(stage_id=self.stage_won.id)
        standing = self._create_opportunity(stage_id=self.stage_won.id)
        moved.write({'active': False, 'stage_id': self.stage_late.id})
        standing.action_archive()
        twice.stage_id = self.stage_late
        twice.stage_id = self.stage_won
        self._write(self._stays(moved), is_win=True)
        self._write(self._stays(twice)[0], is_win=True)
        self.assertEqual(History._repair_wins(), 2)
        self.assertEqual(self._stays(moved).mapped('is_win'), [False])
        self.assertEqual(self._stays(twice).mapped('is_win'), [False, False, True])
        self.assertEqual(self._stays(standing).mapped('is_win'), [True])
        self.assertEqual(History._repair_wins(), 0)

    def test_stage_entries(self):
        History = self.env['crm.stage.history']
        with self._at(0):
            lead = self._create_opportunity()
        with self._at(50):
            lead.action_archive()
        with self._at(60):
            lead.action_unarchive()
        with self._at(70):
            lead.stage_id = self.stage_late
        right = self._stays(lead).mapped(
            lambda stay: (stay.stage_entered_at, stay.previous_stage_entered_at)
        )
        restored = self.monday + timedelta(days=60)
        self._write(self._stays(lead)[1], stage_entered_at=restored)
        self._write(self._stays(lead)[2], previous_stage_entered_at=restored)
        self.assertEqual(History._repair_stage_entries(), 2)
        self.assertEqual(
            self._stays(lead).mapped(
                lambda stay: (stay.stage_entered_at, stay.previous_stage_entered_at)
            ),
            right,
        )
        self.assertEqual(History._repair_stage_entries(), 0)

    def test_companies(self):
        History = self.env['crm.stage.history']
        lead = self._create_opportunity(company_id=self.env.company.id)
        lead.stage_id = self.stage_late
        self._write(self._stays(lead)[0], company_id=None)
        self.assertEqual(History._repair_companies(), 1)
        self.assertTrue(all(stay.company_id == lead.company_id for stay in self._stays(lead)))
        self.assertEqual(History._repair_companies(), 0)

    def test_won_amounts(self):
        History = self.env['crm.stage.history']
        lead = self._create_opportunity(stage_id=self.stage_won.id, expected_revenue=1000)
        self._write(self._stays(lead), won_amount=None)
        self.assertEqual(History._repair_won_amounts(), 1)
        self.assertEqual(self._stays(lead).won_amount, 1000)
        self.assertEqual(History._repair_won_amounts(), 0)
