"""Test that audit checks, IDs and the printed sheet of a handover disclose nothing to callers."""

from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from odoo.addons.mail.tests.common import mail_new_test_user

from ...models.handover.crm_handover import RECEIVER_RULES
from .common import TestHandoverCommon


@tagged('post_install', '-at_install', 'handover')
class TestHandoverCallers(TestHandoverCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lead = cls._create_leaver_opportunity(
            "Deal", phone="+32475001122", email_from="kim@client.example"
        )
        cls.elsewhere = cls.env['res.company'].create({'name': "Elsewhere"})
        cls.officer = mail_new_test_user(
            cls.env, login='officer', groups='base.group_user,base.group_erp_manager'
        )

    def _create_check(self, domain, **values):
        return (
            self
            .env['crm.pipeline.check']
            .with_user(self.user_sales_manager)
            .create({'name': "Question", 'domain': domain, **values})
        )

    def _break(self, domain):
        """Create a check whose conditions have stopped working."""
        check = self._create_check("[('name', '=', 'x')]", severity='blocking')
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_pipeline_check SET domain = %s WHERE id = %s", [domain, check.id]
        )
        self.env.invalidate_all()
        return check

    # === LINES === #

    def test_what_became_of_an_opportunity_is_not_for_a_former_receiver(self):
        """A line tells the customer and the name that were handed over, not those of today."""
        handover = self._create_handover(self.lead)
        handover.action_start()
        line = self._line(handover, self.lead).with_user(self.heir)
        handed_over = self.lead.partner_id
        self.lead.sudo()._hand_over({'user_id': self.other_heir.id})
        self.lead.write({'partner_id': self.contact_1.id, 'name': "Secret plan"})
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(line.partner_id, handed_over)
        self.assertEqual(line.display_name, "Deal")

    def test_draft_follows_the_customer(self):
        handover = self._create_handover(self.lead)
        self.lead.partner_id = self.contact_1
        handover.action_audit()
        self.assertEqual(handover.line_ids.partner_id, self.contact_1)

    def test_repair_of_what_lines_keep(self):
        Line = self.env['crm.handover.line']
        line = self._create_handover(self.lead).line_ids
        self._create_handover(self._create_opportunity(user_id=False, partner_id=False))
        customer = self.lead.partner_id
        self.env.flush_all()
        self.env.cr.execute("UPDATE crm_handover_line SET partner_id = NULL, from_user_name = NULL")
        self.env.invalidate_all()
        Line._repair_names_of_outgoing_salespeople()
        Line._repair_customers()
        expected = [{'from_user_name': "Lea Leaver", 'partner_id': customer.id}]
        self.assertRecordValues(line, expected)
        # What lines have kept since then stays.
        self.leaver.name = "Another name"
        self.lead.partner_id = self.contact_1
        self.env.flush_all()
        Line._repair_names_of_outgoing_salespeople()
        Line._repair_customers()
        self.assertRecordValues(line, expected)

    # === CHECKS OF THE AUDIT === #

    def test_checks_read_with_the_rights_of_the_administrator(self):
        """An audit answers with the rights of its reader, also if it runs because a user is archived."""
        self.leaver.company_ids = [Command.link(self.elsewhere.id)]
        self._create_check("[('user_id.company_ids.name', '=', 'Elsewhere')]")
        self.assertFalse(self._create_handover(self.lead).finding_ids)
        self.lead.handover_line_ids.handover_id.unlink()
        self.leaver.with_user(self.officer).active = False
        draft = self.lead.handover_line_ids.handover_id
        self.assertEqual(draft.user_id, self.user_sales_manager)
        self.assertFalse(draft.finding_ids)

    def test_checks_of_fields_that_the_administrator_may_not_read(self):
        domain = "[('message_ids.tracking_value_ids.new_value_char', '=', 'x')]"
        with self.assertRaises(ValidationError):
            self._create_check(domain)
        self._break(domain)
        self.leaver.with_user(self.officer).active = False
        self.assertIn("Question", self.lead.handover_line_ids.finding_ids.display_name)

    def test_check_that_does_not_work_any_more(self):
        """A check that stops working is skipped with a finding, and holds up nothing."""
        for domain in (
            "[('gone_field', '=', 1)]",
            "[('expected_revenue', '>', 'many')]",
            "[('create_date', '>', 'some day')]",
            "[('name', '=', nothing)]",
            "[",
        ):
            with self.subTest(domain=domain), self.env.cr.savepoint() as savepoint:
                self._break(domain)
                handover = self._create_handover(self.lead)
                finding = handover.finding_ids
                self.assertRecordValues(finding, [{'severity': 'warning', 'state': 'open'}])
                self.assertIn("“Question” could not be carried out", finding.display_name)
                handover.action_start()
                self.assertEqual(self.lead.user_id, self.heir)
                savepoint.rollback()
            with self.subTest(archive=domain), self.env.cr.savepoint() as savepoint:
                self._break(domain)
                self.leaver.with_user(self.officer).active = False
                self.assertTrue(self.lead.handover_line_ids)
                savepoint.rollback()

    def test_builtin_check_with_an_impossible_threshold(self):
        with self.assertRaises(ValidationError):
            self._create_check(False, code='silent', parameter=1e12)

    def test_finding_of_a_check_that_breaks_and_is_mended(self):
        check = self._create_check("[('name', '=', 'Deal')]", severity='blocking')
        handover = self._create_handover(self.lead)
        finding = handover.finding_ids
        self.assertEqual((finding.severity, finding.problem), ('blocking', False))
        self.env.cr.execute(
            "UPDATE crm_pipeline_check SET domain = %s WHERE id = %s", ["[('x', '=', 1)]", check.id]
        )
        self.env.invalidate_all()
        handover.action_audit()
        self.assertEqual(finding.severity, 'warning')
        self.assertTrue(finding.problem)
        check.domain = "[('name', '=', 'Deal')]"
        handover.action_audit()
        self.assertEqual((finding.severity, finding.problem), ('blocking', False))

    def test_wrong_values_are_refused_when_saved(self):
        for domain in (
            "[('expected_revenue', '>', 'many')]",
            "[('create_date', '>', 'some day')]",
            "[('user_id.no_such_field', '=', 1)]",
        ):
            with self.subTest(domain=domain), self.assertRaises(ValidationError):
                self._create_check(domain)

    # === WHO READS WHAT === #

    def test_cancelled_draft_stays_as_unknown_as_the_draft(self):
        handover = self._create_handover(self.lead)
        handover.action_cancel()
        self.env.flush_all()
        for model in (
            'crm.handover',
            'crm.handover.line',
            'crm.handover.receiver',
            'crm.handover.finding',
        ):
            with self.subTest(model=model):
                self.assertFalse(self.env[model].with_user(self.heir).search([]))
        started = self._create_handover(self.lead, transfer_mode='tasks_done')
        started.action_start()
        started.action_cancel()
        self.assertEqual(self.env['crm.handover'].with_user(self.heir).search([]), started)

    def test_rules_of_earlier_versions_are_repaired(self):
        rules = {name: self.env.ref(f'sales_funnel_mgmt.{name}') for name in RECEIVER_RULES}
        wanted = {name: rule.domain_force for name, rule in rules.items()}
        for name, (old, new) in RECEIVER_RULES.items():
            self.assertIn(new, wanted[name])
            rules[name].domain_force = wanted[name].replace(new, old)
        changed = rules['crm_handover_rule_personal']
        changed.domain_force = "[(0, '=', 1)]"
        self.env['crm.handover']._repair_rules_of_cancelled_drafts()
        wanted['crm_handover_rule_personal'] = "[(0, '=', 1)]"
        self.assertEqual({name: rule.domain_force for name, rule in rules.items()}, wanted)

    def test_sheet_tells_what_the_reader_may_read(self):
        handover = self._create_handover(self.lead)
        handover.action_start()
        self.assertIn("+32475001122", self._print(handover))
        self.lead.with_user(self.user_sales_manager).write({
            'user_id': self.other_heir.id,
            'name': "Renamed",
        })
        self.env.flush_all()
        self.env.invalidate_all()
        html = self._print(handover)
        self.assertIn("Deal", html)
        for secret in ("+32475001122", "kim@client.example", "Renamed"):
            self.assertNotIn(secret, html)
        html = self._print(handover, self.user_sales_manager)
        self.assertIn("+32475001122", html)

    def _print(self, handover, user=None):
        return (
            self
            .env['ir.actions.report']
            .with_user(user or self.heir)
            ._render_qweb_html('sales_funnel_mgmt.report_crm_handover', handover.ids)[0]
            .decode()
        )

    # === RECORDS OF ANOTHER COMPANY === #

    def test_ids_of_another_company_tell_nothing(self):
        """A new form, a new record and a default of the context disclose nothing."""
        secret = self.env['crm.lead'].create({
            'name': "Secret",
            'type': 'opportunity',
            'company_id': self.elsewhere.id,
            'team_id': False,
            'user_id': False,
            'expected_revenue': 4711,
        })
        quota = self.env['crm.sales.quota'].create({
            'team_id': self
            .env['crm.team']
            .create({'name': "T", 'company_id': self.elsewhere.id})
            .id,
            'company_id': self.elsewhere.id,
            'amount': 4711,
        })
        handover = self.env['crm.handover']._create_from_leads(secret)
        own = self._create_handover(self.lead)
        env = self.env(user=self.user_sales_manager)
        cases = (
            ('crm.handover.create', {'lead_ids': [Command.link(secret.id)]}),
            ('crm.handover.create', {'lead_ids': [Command.set(secret.ids)]}),
            ('crm.handover.line', {'lead_id': secret.id, 'handover_id': own.id}),
            ('crm.handover.line', {'handover_id': handover.id}),
            ('crm.handover.receiver', {'handover_id': handover.id, 'user_id': self.heir.id}),
            ('crm.handover', {'line_ids': [Command.create({'lead_id': secret.id})]}),
            ('crm.sales.quota.revise', {'quota_id': quota.id, 'amount': 1, 'reason': "x"}),
            ('crm.sales.quota', {'company_id': self.elsewhere.id}),
            ('crm.handover.finding', {'lead_id': secret.id}),
            ('crm.stage.flow.report', {'lead_id': secret.id}),
            ('crm.stall.snooze', {'lead_ids': [Command.link(secret.id)], 'reason': "x"}),
        )
        self.env.flush_all()
        for model, values in cases:
            spec = {name: {} for name in env[model]._fields}
            defaults = {f'default_{name}': value for name, value in values.items()}
            attempts = {
                'onchange': lambda m=model, v=values, s=spec: env[m].onchange(v, list(v), s),
                'create': lambda m=model, v=values: env[m].create(v),
                'defaults': lambda m=model, d=defaults, s=spec: (
                    env[m].with_context(**d).onchange({}, [], s)
                ),
            }
            for name, attempt in attempts.items():
                with (
                    self.subTest(model=model, values=values, attempt=name),
                    self.assertRaises(AccessError) as caught,
                    self.env.cr.savepoint(),
                ):
                    self.env.invalidate_all()
                    attempt()
                for word in ("Secret", "4711", "Elsewhere"):
                    self.assertNotIn(word, str(caught.exception))
