"""Test that saved favorites keep their period."""

from odoo.tests import TransactionCase, tagged


@tagged('post_install', '-at_install')
class TestReportPeriod(TransactionCase):
    def test_repair_of_favorites(self):
        """Keys of the period have their new names. Other keys do not change."""
        favorites = self.env['ir.filters'].create([
            {'name': name, 'model_id': 'crm.stage.flow', 'context': context}
            for name, context in (
                ("Named", "{'group_by': ['user_id'], 'stage_flow_period': 'last_month'}"),
                ("Days", "{'stage_flow_from': '2026-01-01', 'stage_flow_to': '2026-01-31'}"),
                ("Other", "{'my_stage_flow_period': 1, 'stage_flow_top': 1}"),
            )
        ])
        self.env['ir.filters']._repair_periods()
        self.assertEqual(
            favorites.mapped('context'),
            [
                "{'group_by': ['user_id'], 'report_period': 'last_month'}",
                "{'report_period_from': '2026-01-01', 'report_period_to': '2026-01-31'}",
                "{'my_stage_flow_period': 1, 'stage_flow_top': 1}",
            ],
        )
