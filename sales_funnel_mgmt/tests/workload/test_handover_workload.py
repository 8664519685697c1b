"""Test the warnings of a handover about the workload of its receivers."""

from odoo.tests import Form, tagged

from ..handover.common import TestHandoverCommon


@tagged('post_install', '-at_install', 'handover')
class TestHandoverWorkload(TestHandoverCommon):
    """Check the warnings: `heir` is a novice, `other_heir` is not."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['crm.lead'].search([]).unlink()
        cls.members = cls.env['crm.team.member'].search([
            ('user_id', 'in', (cls.heir + cls.other_heir).ids)
        ])
        cls.members.seniority_by_hand = 'senior'
        cls.novice = cls.members.filtered(lambda member: member.user_id == cls.heir)
        cls.novice.seniority_by_hand = 'novice'
        cls.key_account = cls._create_customer("Large Customer")
        cls.key_account.key_account = 'yes'
        cls.env.company.concentration_min_customers = 100

    def _warning(self, handover):
        handover.invalidate_recordset(['workload_warning'])
        return handover.workload_warning or ""

    def test_line_warns_of_a_novice(self):
        key = self._create_leaver_opportunity("Key", partner_id=self.key_account.id)
        other = self._create_leaver_opportunity("Other")
        handover = self._create_handover(key + other, allocation_method='manual')
        number = handover.line_ids.ids.index(self._line(handover, key).id)
        with (
            self.assertLogs('odoo.tests.form.onchange', 'WARNING') as logs,
            Form(handover) as form,
            form.line_ids.edit(number) as line,
        ):
            line.to_user_id = self.heir
        self.assertIn("Large Customer is a key account", "".join(logs.output))
        self.assertEqual(self._line(handover, key).to_user_id, self.heir, "One can go on")
        with (
            self.assertNoLogs('odoo.tests.form.onchange', 'WARNING'),
            Form(handover) as form,
        ):
            with form.line_ids.edit(
                handover.line_ids.ids.index(self._line(handover, key).id)
            ) as line:
                line.to_user_id = self.other_heir
            with form.line_ids.edit(
                handover.line_ids.ids.index(self._line(handover, other).id)
            ) as line:
                line.to_user_id = self.heir

    def test_allocation_gives_no_key_account_to_a_novice(self):
        key, second = (
            self._create_leaver_opportunity(name, partner_id=self.key_account.id)
            for name in ("Key", "Second")
        )
        other = self._create_leaver_opportunity("Other")
        for method in ('single', 'round_robin', 'balanced'):
            with self.subTest(method=method):
                handover = self._create_handover(key + second + other, allocation_method=method)
                self.assertEqual(self._line(handover, other).to_user_id, self.heir)
                self.assertFalse(
                    self._line(handover, key).to_user_id + self._line(handover, second).to_user_id
                )
                self.assertEqual(handover.unallocated_count, 2, "Visibly with nobody")
                handover = self._create_handover(
                    key + second + other,
                    receivers=self.heir + self.other_heir,
                    allocation_method=method,
                )
                self.assertNotIn(
                    self.heir, (handover.line_ids - self._line(handover, other)).to_user_id
                )

    def test_allocation_follows_what_was_given_by_hand(self):
        key, second = (
            self._create_leaver_opportunity(name, partner_id=self.key_account.id)
            for name in ("Key", "Second")
        )
        handover = self._create_handover(key + second, allocation_method='balanced')
        self._line(handover, key).to_user_id = self.heir
        handover.action_allocate()
        self.assertEqual(self._line(handover, second).to_user_id, self.heir)

    def test_warning_of_a_key_account_once(self):
        leads = self.env['crm.lead'].union(
            *(
                self._create_leaver_opportunity(name, partner_id=self.key_account.id)
                for name in ("Key", "Second")
            )
        )
        handover = self._create_handover(leads, allocation_method='manual')
        self.assertFalse(self._warning(handover), "Nobody gets anything yet")
        handover.line_ids.to_user_id = self.heir
        self.assertEqual(
            self._warning(handover),
            "Large Customer is a key account, and Henry Heir is still a novice.",
        )
        handover.line_ids.to_user_id = self.other_heir
        self.assertFalse(self._warning(handover))

    def test_warning_of_the_capacity(self):
        """A customer that a receiver shares with the leaver counts once in their workload."""
        self.novice.holding_capacity = 2
        shared = self._create_customer("Shared")
        self._create_opportunity(user_id=self.heir.id, partner_id=shared.id)
        leads = self._create_leaver_opportunity("First", partner_id=shared.id)
        leads += self._create_leaver_opportunity("Second")
        handover = self._create_handover(leads)
        self.assertFalse(self._warning(handover), "Two of two")
        leads += self._create_leaver_opportunity("Third")
        handover = self._create_handover(leads)
        self.assertEqual(
            self._warning(handover), "Henry Heir would hold 3 customers and can look after 2."
        )

    def test_warning_of_the_concentration(self):
        """The heir, who holds two of five won customers, would hold four."""
        self.env.company.write({'concentration_min_customers': 5, 'concentration_limit': 60})
        won = {'stage_id': self.stage_won.id}
        for number, user in enumerate((self.heir, self.heir, self.other_heir)):
            self._create_opportunity(
                **won, user_id=user.id, partner_id=self._create_customer(f"Theirs {number}").id
            )
        leads = self._create_leaver_opportunity("First", **won)
        leads += self._create_leaver_opportunity("Second", **won)
        leads += self._create_leaver_opportunity("Open")
        handover = self._create_handover(leads)
        self.assertEqual(
            self._warning(handover),
            f"Henry Heir would hold 80% of the won customers of {self.sales_team_1.name}; the limit is "
            "60%.",
        )
        self.env.company.concentration_limit = 80
        self.assertFalse(self._warning(handover), "Not above the limit")
        self.env.company.write({'concentration_min_customers': 6, 'concentration_limit': 60})
        self.assertFalse(self._warning(handover), "Too few to speak of")

    def test_no_more_queries_for_more_lines(self):
        counts = []
        leads = self.env['crm.lead']
        for number in (2, 20):
            for _lead in range(number):
                leads += self._create_leaver_opportunity(f"Lead {len(leads)}")
            handover = self._create_handover(leads)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self._warning(handover)
            counts.append(self.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])

    def test_a_done_handover_warns_of_nothing(self):
        key = self._create_leaver_opportunity(
            "Key", partner_id=self.key_account.id, stage_id=self.stage_won.id
        )
        handover = self._create_handover(key, allocation_method='manual')
        handover.line_ids.to_user_id = self.heir
        handover.action_start()
        self.assertEqual(handover.state, 'done')
        self.assertFalse(self._warning(handover))
