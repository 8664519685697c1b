"""Test the changes of salesperson in the report and the chatter."""

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged, users

from ..common import TestSalespersonLockCommon


@tagged('post_install', '-at_install')
class TestSalespersonChange(TestSalespersonLockCommon):
    """Check that every change is reported with both salespeople, author, handover and reason."""

    def _changes(self, lead):
        return self.env['crm.salesperson.change.report'].search(
            [('lead_id', '=', lead.id)], order='id'
        )

    def _hand_over(self, lead, to_user, **values):
        handover = self.env['crm.handover']._create_from_leads(
            lead,
            reason='rebalancing',
            note="Closer to the customer",
            receiver_ids=[Command.create({'user_id': to_user.id})],
        )
        handover.line_ids.write({'to_user_id': to_user.id, **values})
        handover.finding_ids.write({'is_waived': True, 'waive_reason': "It is a test"})
        handover.action_start()
        return handover

    def test_none_at_first(self):
        self.assertFalse(self._changes(self.free))
        self.free.stage_id = self.stage_won
        self.assertFalse(self._changes(self.free), "A change of stage is none")

    def test_each_of_several(self):
        lead = self._create_opportunity(user_id=False)
        lead.with_user(self.user_sales_manager).user_id = self.owner
        lead.with_user(self.user_sales_manager).write({
            'user_id': self.other.id,
            'stage_id': self.stage_won.id,
        })
        lead.user_id = False
        self.assertRecordValues(
            self._changes(lead),
            [
                {
                    'from_user_id': from_user.id,
                    'to_user_id': to_user.id,
                    'changed_by_id': by.id,
                    'kind': kind,
                    'stage_id': stage.id,
                    'handover_id': False,
                    'number': 1,
                }
                for from_user, to_user, by, kind, stage in (
                    (
                        self.env['res.users'],
                        self.owner,
                        self.user_sales_manager,
                        'assigned',
                        self.stage_open,
                    ),
                    (self.owner, self.other, self.user_sales_manager, 'changed', self.stage_won),
                    (self.other, self.env['res.users'], self.env.user, 'removed', self.stage_won),
                )
            ],
        )
        self.assertEqual(lead.salesperson_change_count, 3)

    def test_while_it_was_lost(self):
        self.free.action_set_lost()
        self.free.user_id = self.other
        self.free.action_unarchive()
        self.assertRecordValues(
            self._changes(self.free),
            [{'from_user_id': self.owner.id, 'to_user_id': self.other.id, 'kind': 'changed'}],
        )

    def test_through_a_handover(self):
        handover = self._hand_over(
            self.locked, self.other, override_reason="The customer asked for it"
        )
        self.assertEqual(self.locked.user_id, self.other)
        self.assertRecordValues(
            self._changes(self.locked),
            [
                {
                    'from_user_id': self.owner.id,
                    'to_user_id': self.other.id,
                    'kind': 'handover',
                    'handover_id': handover.id,
                    'reason': 'rebalancing',
                    'explanation': "The customer asked for it",
                    'is_lock_overridden': True,
                }
            ],
        )
        self.locked.stage_id = self.stage_open
        self.assertEqual(len(self._changes(self.locked)), 1)

    def test_the_handovers_explanation(self):
        self._hand_over(self.free, self.other)
        change = self._changes(self.free)
        self.assertEqual(change.explanation, "Closer to the customer")
        self.assertFalse(change.is_lock_overridden)

    def test_given_back(self):
        handover = self._hand_over(self.free, self.other)
        handover.action_undo()
        self.assertRecordValues(
            self._changes(self.free),
            [
                {
                    'from_user_id': self.owner.id,
                    'to_user_id': self.other.id,
                    'handover_id': handover.id,
                },
                {
                    'from_user_id': self.other.id,
                    'to_user_id': self.owner.id,
                    'handover_id': handover.id,
                },
            ],
        )

    def test_of_a_deleted_opportunity(self):
        self.free.user_id = self.other
        change = self._changes(self.free)
        self.free.unlink()
        change.invalidate_recordset()
        self.assertEqual((change.display_name, change.to_user_id), ("Free", self.other))
        self.assertFalse(change.action_open_lead())

    def test_in_the_chatter_as_well(self):
        """The chatter shows the reason for handing a locked opportunity over."""
        self._hand_over(self.locked, self.other, override_reason="The customer asked for it")
        self.assertIn("The customer asked for it", "".join(self.locked.message_ids.mapped('body')))

    @users('user_sales_salesman')
    def test_salesperson_sees_their_own(self):
        mine = self._create_opportunity(user_id=self.other.id)
        theirs = self._create_opportunity(user_id=self.env.uid)
        mine.user_id = self.env.user
        theirs.user_id = self.other
        Report = self.env['crm.salesperson.change.report']
        self.assertEqual(Report.search([('lead_id', 'in', (mine + theirs).ids)]).lead_id, mine)
        action = mine.with_env(self.env).action_view_salesperson_changes()
        self.assertEqual(Report.search(action['domain']).to_user_id, self.env.user)
        self.assertEqual(Report.search(action['domain']).action_open_lead()['res_id'], mine.id)

    @users('user_sales_leads', 'user_sales_manager')
    def test_all_documents_see_all(self):
        lead = self._create_opportunity(user_id=self.owner.id)
        lead.user_id = self.user_sales_manager
        change = self.env['crm.salesperson.change.report'].search([('lead_id', '=', lead.id)])
        self.assertEqual(change.to_user_id, self.user_sales_manager)

    @users('user_sales_manager')
    def test_companies_stay_apart(self):
        self.free.user_id = self.other
        self.env.flush_all()
        elsewhere = self.env(user=1)['res.company'].create({'name': "Elsewhere"})
        self.env.cr.execute(
            "UPDATE crm_stage_history SET company_id = %s WHERE lead_id = %s",
            [elsewhere.id, self.free.id],
        )
        self.env.invalidate_all()
        self.assertFalse(
            self.env['crm.salesperson.change.report'].search([('lead_id', '=', self.free.id)])
        )

    def test_without_sales_rights(self):
        user = self.env['res.users'].create({'name': "Stranger", 'login': 'stranger'})
        with self.assertRaises(AccessError):
            self.env['crm.salesperson.change.report'].with_user(user).search([])
