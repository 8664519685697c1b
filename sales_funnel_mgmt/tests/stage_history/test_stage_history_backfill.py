"""Test the rebuilt history of the past."""

from datetime import datetime, timedelta

from odoo.tests import tagged
from odoo.tools import SQL

from ..common import TestQuotaRateCommon


@tagged('post_install', '-at_install')
class TestStageHistoryBackfill(TestQuotaRateCommon):
    """Rebuild the past of a database from the changes that Odoo has tracked in the chatter."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, 'tracking_disable': False})
        cls.monday = datetime(2026, 3, 2, 9, 0)
        cls.user = cls.user_sales_leads
        cls.other = cls.user_sales_salesman

    def _opportunity(self, days=0, **values):
        """Create an opportunity a number of days after the first Monday, with the dates of Odoo."""
        with self.mock_datetime_and_now(self.monday + timedelta(days=days)):
            lead = self._create_opportunity(**values).with_env(self.env)
            self._write_out()
        self.env.cr.execute(
            SQL(
                "UPDATE crm_lead SET create_date = %s WHERE id = %s",
                self.monday + timedelta(days=days),
                lead.id,
            )
        )
        return lead

    def _write_out(self):
        self.env.flush_all()
        self.flush_tracking()

    def _change(self, lead, days, **values):
        """Track a change a number of days after the first Monday."""
        moment = self.monday + timedelta(days=days)
        last_id = self.env['mail.tracking.value'].search([], order='id desc', limit=1).id
        with self.mock_datetime_and_now(moment):
            lead.write(values)
            self._write_out()
        self._date_back('id > %s', last_id, moment)

    def _date_back(self, condition, value, moment):
        self.env.cr.execute(
            SQL(
                "UPDATE mail_tracking_value SET create_date = %s WHERE %s",
                moment,
                SQL(condition, value),
            )
        )
        self.env.invalidate_all()

    def _rebuild(self, lead):
        """Delete the recorded stays and rebuild them, as an installation does."""
        self._write_out()
        self.env.cr.execute(SQL("DELETE FROM crm_stage_history WHERE lead_id = %s", lead.id))
        self.env['crm.stage.history']._rebuild()
        self.env.invalidate_all()
        return lead.stage_history_ids.sorted('id')

    def _facts(self, stays):
        return [
            (
                stay.stage_id,
                stay.user_id,
                stay.exit_kind,
                stay.entered_at,
                stay.left_at,
                stay.stage_entered_at,
                stay.started_at,
                stay.previous_stage_id,
                stay.previous_user_id,
                stay.previous_stage_entered_at,
                stay.change_kind,
                stay.is_won,
                stay.is_win,
                stay.is_loss,
                stay.is_left_by_winning,
            )
            for stay in stays
        ]

    def assertStays(self, stays, *expected):
        """Assert the stays: stage, salesperson, day entered, day left and exit kind of each."""
        day = timedelta(days=1)
        self.assertEqual(
            [
                (
                    stay.stage_id,
                    stay.user_id,
                    (stay.entered_at - self.monday) / day,
                    (stay.left_at - self.monday) / day if stay.left_at else None,
                    stay.exit_kind,
                )
                for stay in stays
            ],
            list(expected),
        )
        self.assertEqual(set(stays.mapped('entry_kind')), {'backfilled'})

    def test_as_it_was_recorded(self):
        """The rebuilt stays equal the recorded ones."""
        lead = self._opportunity()
        self._change(lead, 2, stage_id=self.stage_late.id)
        self._change(lead, 3, stage_id=self.stage_open.id)
        self._change(lead, 5, user_id=self.other.id)
        self._change(lead, 6, active=False, probability=0)
        self._change(lead, 9, active=True)
        self._change(lead, 12, stage_id=self.stage_won.id, user_id=self.user.id)
        self._change(lead, 14, user_id=self.other.id)
        self._change(lead, 15, active=False)
        recorded = self._facts(lead.stage_history_ids.sorted('id'))
        self.assertEqual(len(recorded), 7)
        self.assertEqual([facts[2] for facts in recorded[-2:]], ['handed_over', 'archived'])
        self.assertEqual(self._facts(self._rebuild(lead)), recorded)

    def test_edited_together_with_others(self):
        """An opportunity that was in the stage already keeps its stay, as when it is recorded."""
        moved = self._opportunity()
        already = self._opportunity(stage_id=self.stage_late.id)
        self._change(moved + already, 5, stage_id=self.stage_late.id)
        recorded = self._facts(already.stage_history_ids.sorted('id'))
        self.assertEqual(len(recorded), 1)
        self.env.cr.execute(
            "DELETE FROM crm_stage_history WHERE lead_id IN %s", [(moved + already)._ids]
        )
        self.assertEqual(self._facts(self._rebuild(already)), recorded)
        self.assertEqual(len(moved.stage_history_ids), 2)

    def test_archived_first_lost_later_and_reopened(self):
        lead = self._opportunity()
        self._change(lead, 1, active=False)
        self._change(lead, 2, probability=0)
        self._change(lead, 4, active=True, probability=10)
        self._change(lead, 6, active=False)
        self._change(lead, 7, active=True)
        recorded = self._facts(lead.stage_history_ids.sorted('id'))
        self.assertEqual([facts[2] for facts in recorded], ['lost', 'archived', False])
        self.assertEqual(self._facts(self._rebuild(lead)), recorded)

    def test_imported_as_won(self):
        """An imported win counts on its closing date, as when it is recorded."""
        lead = self._opportunity(
            30, stage_id=self.stage_won.id, date_closed=self.monday + timedelta(days=3)
        )
        recorded = self._facts(lead.stage_history_ids)
        self.assertEqual(recorded[0][3], self.monday + timedelta(days=3))
        self.assertEqual(self._facts(self._rebuild(lead)), recorded)

    def test_lost_as_it_was_recorded(self):
        lead = self._opportunity()
        self._change(lead, 1, active=False)
        self._change(lead, 2, active=True)
        self._change(lead, 4, stage_id=self.stage_late.id)
        self._change(lead, 6, active=False, probability=0)
        recorded = self._facts(lead.stage_history_ids.sorted('id'))
        self.assertEqual([facts[-2] for facts in recorded], [False, False, True], "Losses")
        self.assertEqual(self._facts(self._rebuild(lead)), recorded)

    def test_rebuilding_again_changes_nothing(self):
        lead = self._opportunity()
        stays = self._rebuild(lead)
        self.assertEqual(self.env['crm.stage.history']._rebuild(), 0)
        self.assertEqual(lead.stage_history_ids, stays)

    def test_indexes_and_foreign_keys_come_back(self):
        def structure():
            return self.env.execute_query(
                SQL(
                    "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
                    " WHERE conrelid = 'crm_stage_history'::regclass"
                    " UNION ALL"
                    " SELECT indexrelid::regclass::text,"
                    "        pg_get_indexdef(indexrelid) || obj_description(indexrelid)"
                    "   FROM pg_index WHERE indrelid = 'crm_stage_history'::regclass ORDER BY 1, 2"
                )
            )

        before = structure()
        self._rebuild(self._opportunity())
        self.assertEqual(structure(), before)

    def test_imported_without_tracking(self):
        """The stage before an untracked change is unknown."""
        lead = self._opportunity(stage_id=self.stage_late.id)
        with self.mock_datetime_and_now(self.monday + timedelta(days=4)):
            lead.with_context(tracking_disable=True).stage_id = self.stage_open
            self._write_out()
        no_stage = self.env['crm.stage']
        self.assertStays(
            self._rebuild(lead),
            (no_stage, self.user, 0, 4, 'advanced'),
            (self.stage_open, self.user, 4, None, False),
        )

    def test_won_without_tracking(self):
        lead = self._opportunity()
        with self.mock_datetime_and_now(self.monday + timedelta(days=4)):
            lead.with_context(tracking_disable=True).action_set_won()
            self._write_out()
        stays = self._rebuild(lead)
        self.assertEqual(stays.mapped('is_win'), [False, True])
        win = stays[1]
        self.assertEqual(win.entered_at - win.started_at, timedelta(days=4))

    def test_lost_without_tracking(self):
        lead = self._opportunity()
        with self.mock_datetime_and_now(self.monday + timedelta(days=4)):
            lead.with_context(tracking_disable=True).action_set_lost()
            self._write_out()
        self.assertStays(self._rebuild(lead), (self.stage_open, self.user, 0, 4, 'lost'))

    def test_last_change_without_tracking(self):
        lead = self._opportunity()
        self._change(lead, 2, stage_id=self.stage_late.id)
        with self.mock_datetime_and_now(self.monday + timedelta(days=4)):
            lead.with_context(tracking_disable=True).stage_id = self.stage_open
            self._write_out()
        self.assertStays(
            self._rebuild(lead),
            (self.stage_open, self.user, 0, 2, 'advanced'),
            (self.stage_late, self.user, 2, 4, 'moved_back'),
            (self.stage_open, self.user, 4, None, False),
        )

    def test_deleted_stage_and_user(self):
        stage = self.env['crm.stage'].create({'name': "Gone", 'sequence': 11})
        user = self.other.copy()
        lead = self._opportunity(stage_id=stage.id, user_id=user.id)
        self._change(lead, 1, stage_id=self.stage_late.id)
        self._change(lead, 2, user_id=self.user.id)
        stage.unlink()
        user.unlink()
        nobody, no_stage = self.env['res.users'], self.env['crm.stage']
        self.assertStays(
            self._rebuild(lead),
            (no_stage, nobody, 0, 1, 'advanced'),
            (self.stage_late, nobody, 1, 2, 'handed_over'),
            (self.stage_late, self.user, 2, None, False),
        )

    def test_merged(self):
        """Moves of a merged opportunity in the chatter of the remaining one do not count."""
        head = self._opportunity(0, name="Head")
        tail = self._opportunity(1, name="Tail")
        self._change(head, 2, stage_id=self.stage_late.id)
        self._change(tail, 3, stage_id=self.stage_gen_1.id)
        self._change(tail, 4, stage_id=self.stage_open.id)
        with self.mock_datetime_and_now(self.monday + timedelta(days=5)):
            merged = (head + tail).merge_opportunity()
            self._write_out()
        self.assertEqual(merged, head)
        self.assertStays(
            self._rebuild(head),
            (self.stage_open, self.user, 0, 2, 'advanced'),
            (self.stage_late, self.user, 2, None, False),
        )

    def test_foreign_moves_without_a_mark(self):
        """Moves of another opportunity do not lead to the values of today, and do not count."""
        head = self._opportunity(0, name="Head")
        tail = self._opportunity(1, name="Tail")
        self._change(head, 2, stage_id=self.stage_late.id)
        self._change(tail, 3, stage_id=self.stage_gen_1.id)
        self._change(tail, 4, stage_id=self.stage_open.id)
        tail.message_ids.res_id = head.id
        self.assertStays(
            self._rebuild(head),
            (self.stage_open, self.user, 0, 2, 'advanced'),
            (self.stage_late, self.user, 2, None, False),
        )

    def test_moves_within_a_second_in_the_wrong_order(self):
        lead = self._opportunity()
        self._change(lead, 2, stage_id=self.stage_late.id)
        self._change(lead, 2, stage_id=self.stage_gen_1.id)
        self._change(lead, 2, stage_id=self.stage_open.id)
        self._change(lead, 3, stage_id=self.stage_late.id)
        stage = self.env['ir.model.fields']._get('crm.lead', 'stage_id')
        moves = lead.message_ids.tracking_value_ids.filtered(
            lambda value: value.field_id == stage
        ).sorted('id')
        first, last = moves[0], moves[2]
        first_values = (first.old_value_integer, first.new_value_integer)
        first.write({
            'old_value_integer': last.old_value_integer,
            'new_value_integer': last.new_value_integer,
        })
        last.write({'old_value_integer': first_values[0], 'new_value_integer': first_values[1]})
        self.assertStays(
            self._rebuild(lead),
            (self.stage_open, self.user, 0, 2, 'advanced'),
            (self.stage_late, self.user, 2, 2, 'moved_back'),
            (self.stage_gen_1, self.user, 2, 2, 'advanced'),
            (self.stage_open, self.user, 2, 3, 'advanced'),
            (self.stage_late, self.user, 3, None, False),
        )

    def test_changes_before_the_opportunity_began(self):
        """Neither the time as a lead nor the time before an imported date is a stay."""
        lead = self._opportunity()
        self._change(lead, 2, stage_id=self.stage_late.id)
        self._change(lead, 4, user_id=self.other.id)
        self.env.cr.execute(
            SQL(
                "UPDATE crm_lead SET date_conversion = %s WHERE id = %s",
                self.monday + timedelta(days=3),
                lead.id,
            )
        )
        self.env.invalidate_all()
        self.assertStays(
            self._rebuild(lead),
            (self.stage_late, self.user, 3, 4, 'handed_over'),
            (self.stage_late, self.other, 4, None, False),
        )

    def test_leads_have_none(self):
        self.assertFalse(self._rebuild(self._opportunity(type='lead')))

    def test_rates_of_today(self):
        lead = self._opportunity(expected_revenue=1000)
        self._change(lead, 2, stage_id=self.stage_late.id)
        self.assertEqual(self._rebuild(lead).mapped('quota_amount'), [200, 600])
