"""Test the sales quotas and their rules."""

from datetime import date, datetime

from psycopg2.errors import CheckViolation, NotNullViolation, UniqueViolation

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, freeze_time, tagged, users
from odoo.tools import mute_logger

from .common import TestSalesQuotaCommon


@tagged('post_install', '-at_install', 'sales_quota')
class TestSalesQuota(TestSalesQuotaCommon):
    """Test the month, the team, the uniqueness and the freezing of quotas."""

    def test_any_day_is_its_month(self):
        quota = self._create_quota(100, month='2026-08-31')
        self.assertEqual(quota.month, date(2026, 8, 1))
        quota.month = '2026-09-10'
        self.assertEqual(quota.month, date(2026, 9, 1))

    def test_team_is_the_salespersons(self):
        quota = self._create_quota(100)
        self.assertEqual(quota.team_id, self.sales_team_1)
        self.assertEqual(quota.currency_id, self.company.currency_id)
        self.assertEqual(quota.display_name, f"{self.seller.name} / July 2026")

    def test_team_stays_when_the_salesperson_changes_teams(self):
        quota = self._create_quota(100)
        self.sales_team_1.member_ids = [(3, self.seller.id)]
        quota.amount = 200
        self.env.invalidate_all()
        self.assertEqual(quota.team_id, self.sales_team_1)

    @mute_logger('odoo.sql_db')
    def test_refused_by_the_database(self):
        """The database refuses wrong quotas of any origin: RPC, import, another module."""
        self._create_quota(100)
        self._create_quota(100, user=self.env['res.users'], team_id=self.sales_team_1.id)
        self.env['res.company'].create({'name': "Second"})
        bad = [
            ("duplicate", UniqueViolation, {'user_id': self.seller.id, 'month': '2026-07-20'}),
            ("duplicate of a team", UniqueViolation, {'team_id': self.sales_team_1.id}),
            ("nobody's", CheckViolation, {}),
            ("no month", NotNullViolation, {'user_id': self.seller.id, 'month': False}),
            (
                "no month that can be meant",
                CheckViolation,
                {'user_id': self.seller.id, 'month': '1926-07-01'},
            ),
        ]
        for name, error, values in bad:
            with self.subTest(name), self.assertRaises(error), self.env.cr.savepoint():
                self.env['crm.sales.quota'].create({'month': '2026-07-01', 'amount': 5, **values})

    @mute_logger('odoo.sql_db', 'odoo.models')
    def test_bad_imports(self):
        """A wrong import gets a clear message and writes nothing."""
        self._create_quota(100)
        header = ['user_id', 'month', 'amount']
        name = self.other_seller.name
        bad = {
            "negative": ([name, '2026-07-01', '-5'], f"negative.*{name} / July 2026"),
            "duplicate": ([self.seller.name, '2026-07-01', '5'], "has it already"),
            "no month": ([name, '2026-13-01', '5'], "does not seem to be a valid date"),
            "implausible month": ([name, '1926-07-01', '5'], "between 2000 and 2099"),
            "unknown salesperson": (["Nobody at all", '2026-07-01', '5'], "No matching record"),
            "text": ([name, '2026-07-01', 'much'], "does not seem to be a number"),
        }
        for case, (row, words) in bad.items():
            with self.subTest(case):
                before = self.env['crm.sales.quota'].search_count([])
                result = self.env['crm.sales.quota'].load(
                    header, [[name, '2026-10-01', '7'], row, [name, '2026-11-01', '7']]
                )
                self.assertFalse(result['ids'])
                self.assertRegex(result['messages'][0]['message'], words)
                self.env.invalidate_all()
                self.assertEqual(self.env['crm.sales.quota'].search_count([]), before)

    def test_good_import(self):
        result = self.env['crm.sales.quota'].load(
            ['user_id', 'month', 'amount', 'state'],
            [
                [self.seller.name, '2026-07-01', '1000.50', 'confirmed'],
                [self.other_seller.name, '2026-07-31', '7', 'draft'],
            ],
        )
        self.assertFalse(result['messages'])
        self.assertRecordValues(
            self.env['crm.sales.quota'].browse(result['ids']),
            [
                {'amount': 1000.5, 'state': 'confirmed', 'origin': 'manual'},
                {'amount': 7, 'state': 'draft', 'origin': 'manual'},
            ],
        )

    @users('user_sales_manager')
    def test_confirmed_is_frozen(self):
        quota = self._create_quota(100).with_env(self.env)
        other = self._create_quota(100, month='2026-08-01').with_env(self.env)
        quota.action_confirm()
        self.assertEqual(quota.confirmed_by_id, self.env.user)
        changes = (
            {'amount': 1},
            {'month': '2026-09-01'},
            {'user_id': self.other_seller.id},
            {'team_id': False},
            {'state': 'draft'},
            {'state': 'draft', 'amount': 1},
        )
        for vals in changes:
            with self.subTest(vals), self.assertRaisesRegex(UserError, "frozen"):
                (quota + other).write(vals)
            with self.subTest(vals), self.assertRaisesRegex(UserError, "frozen"):
                quota.with_context(_force=True, install_mode=True).sudo().write(vals)
        with self.assertRaisesRegex(UserError, "kept"):
            (quota + other).unlink()
        self.assertEqual(quota.amount, 100)
        self.assertEqual(other.amount, 100)
        other.unlink()

    @users('user_sales_manager')
    def test_who_confirmed_cannot_be_forged(self):
        quota = self._create_quota(100).with_env(self.env)
        for values in (
            {'confirmed_by_id': self.seller.id},
            {'confirmed_at': '2020-01-01 00:00:00'},
            {'state': 'confirmed', 'confirmed_by_id': self.seller.id},
        ):
            with self.subTest(values), self.assertRaises(AccessError):
                quota.write(values)
            with self.subTest(values), self.assertRaises(AccessError):
                quota.copy({'month': '2040-01-01', **values})
        quota.action_confirm()
        self.assertEqual(quota.confirmed_by_id, self.env.user)
        quota.with_user(self.user_admin).write({'state': 'confirmed'})
        self.assertEqual(quota.confirmed_by_id, self.env.user)

    def test_days_are_those_of_the_company(self):
        """On 31 December at 20:00 UTC, it is January in Shanghai, for all users."""
        self.company.sales_tz = 'Asia/Shanghai'
        quotas = self.env['crm.sales.quota'].with_user(self.user_sales_manager)
        quotas = quotas.with_context(tz='UTC')
        last = self._create_quota(100, month='2026-12-01', state='confirmed').with_env(quotas.env)
        west = self.env['crm.team'].create({'name': "West"})
        with freeze_time(datetime(2026, 12, 31, 20)):
            self.assertEqual(quotas.default_get(['month'])['month'], date(2027, 1, 1))
            self.assertEqual(quotas.get_grid()['date_from'], '2027-01-01')
            dialog = quotas.env['crm.sales.quota.enter'].default_get(['date'])
            self.assertEqual(dialog['date'], date(2027, 1, 1))
            with self.assertRaisesRegex(UserError, "over"):
                last.revise(100, "Moved", team=west)

    @users('user_sales_manager')
    def test_revision_of_the_team(self):
        """Somebody moves to another team within the year: the months to come move along."""
        east, west = self.env['crm.team'].create([{'name': "East"}, {'name': "West"}])
        quotas = self.env['crm.sales.quota']
        for month in range(5, 11):
            quotas += self._create_quota(
                100, month=f'2026-{month:02}-01', team_id=east.id, state='confirmed'
            ).with_env(self.env)
        past, present = quotas[:2], quotas[2:]
        with self.assertRaisesRegex(UserError, "over"):
            past[0].revise(100, "Moved", team=west)
        with self.assertRaisesRegex(UserError, "frozen"):
            present[1].team_id = west
        dialog = Form.from_action(self.env, present[1].action_open_revision())
        dialog.amount = 120
        dialog.team_id = west
        dialog.following = True
        dialog.reason = "Moved"
        dialog.save().action_revise()
        self.assertEqual(present[1:].team_id, west)
        self.assertEqual(present[1:].mapped('amount'), [120, 120, 120])
        self.assertEqual((past + present[0]).team_id, east)
        self.assertEqual((past + present[0]).mapped('amount'), [100, 100, 100])
        self.assertRecordValues(
            present[2].revision_ids,
            [
                {
                    'previous_team_id': east.id,
                    'team_id': west.id,
                    'previous_amount': 100,
                    'amount': 120,
                }
            ],
        )
        present[0].revise(90, "Moved", west.id)
        self.assertEqual((present[0].amount, present[0].team_id), (90, west))
        own = self._create_quota(1, user=self.env['res.users'], team_id=east.id, state='confirmed')
        with self.assertRaisesRegex(UserError, "own"):
            own.with_env(self.env).revise(2, "Moved", west)

    @users('user_sales_manager')
    def test_revision(self):
        quota = self._create_quota(100, state='confirmed').with_env(self.env)
        dialog = Form.from_action(self.env, quota.action_open_revision())
        dialog.amount = 80
        dialog.reason = "Parental leave"
        dialog.save().action_revise()
        quota.revise(90, " Back earlier ")
        self.assertEqual((quota.amount, quota.state), (90, 'confirmed'))
        self.assertRecordValues(
            quota.revision_ids,
            [
                {
                    'previous_amount': 80,
                    'amount': 90,
                    'reason': "Back earlier",
                    'create_uid': self.env.uid,
                },
                {
                    'previous_amount': 100,
                    'amount': 80,
                    'reason': "Parental leave",
                    'create_uid': self.env.uid,
                },
            ],
        )
        for reason in ("", "  ", False, None):
            with self.subTest(reason), self.assertRaisesRegex(UserError, "reason"):
                quota.revise(70, reason)
        with self.assertRaisesRegex(UserError, "draft"):
            self._create_quota(5, month='2026-08-01').with_env(self.env).revise(70, "Why")
        with self.assertRaises(AccessError):
            quota.revision_ids.write({'previous_amount': 1})
        with self.assertRaises(AccessError):
            quota.revision_ids.unlink()
        with self.assertRaises(AccessError):
            quota.write({'revision_ids': [(2, quota.revision_ids[0].id)]})

    def test_negative_amounts(self):
        """Negative amounts are refused on every route, with a message that names the quota."""
        name = self.seller.name
        quota = self._create_quota(100, state='confirmed')
        draft = self._create_quota(100, month='2026-08-01')
        team = self.sales_team_1
        Quota = self.env['crm.sales.quota']
        attempts = {
            f"{name} / July 2026": lambda: quota.revise(-1, "A typing error"),
            f"{name} / August 2026": lambda: draft.write({'amount': -0.01}),
            f"{name} / September 2026": lambda: self._create_quota(-1, month='2026-09-15'),
            f"{name} / October 2026": lambda: Quota.create([
                {'user_id': self.seller.id, 'month': f'2026-{month}-01', 'amount': amount}
                for month, amount in (('09', 1), ('10', '-3'), ('11', None))
            ]),
            f"{name} / November 2026, {name} / December 2026": lambda: Quota._enter(
                self.seller, self.company, self.months[-2:], -10, 'even'
            ),
            f"{team.name} / March 2026": lambda: Quota.set_grid_amount(
                team.id, False, '2026-03-01', -1
            ),
        }
        before = Quota.search_count([])
        for names, attempt in attempts.items():
            with (
                self.subTest(names),
                self.assertRaisesRegex(ValidationError, f"negative.*: {names}$"),
                self.env.cr.savepoint(),
            ):
                attempt()
        self.env.invalidate_all()
        self.assertEqual((quota.amount, draft.amount), (100, 100))
        self.assertFalse(quota.revision_ids)
        self.assertEqual(Quota.search_count([]), before)

    @mute_logger('odoo.sql_db')
    def test_negative_amount_past_the_orm(self):
        quota = self._create_quota(100)
        with self.assertRaises(CheckViolation), self.env.cr.savepoint():
            self.env.cr.execute("UPDATE crm_sales_quota SET amount = -1 WHERE id = %s", [quota.id])

    def test_team_quota_never_counts_twice(self):
        """A sales team's own quota is not added to its members'."""
        self._create_quota(100)
        self._create_quota(50, user=self.other_seller, team_id=self.sales_team_1.id)
        team_quota = self._create_quota(
            200, user=self.env['res.users'], team_id=self.sales_team_1.id
        )
        Quota = self.env['crm.sales.quota']
        domain = [('team_id', '=', self.sales_team_1.id)]
        for aggregate in ('amount:sum', 'amount:sum_currency'):
            with self.subTest(aggregate):
                self.assertEqual(Quota._read_group(domain, [], [aggregate]), [(150,)])
                self.assertEqual(
                    Quota._read_group([('id', '=', team_quota.id)], [], [aggregate]), [(200,)]
                )
        [(quota, own, difference)] = self.env['crm.quota.report']._read_group(
            domain, [], ['quota:sum', 'team_quota:sum', 'team_difference:sum']
        )
        self.assertEqual((quota, own, difference), (150, 200, 50))
