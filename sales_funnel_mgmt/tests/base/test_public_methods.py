"""Call each public method as hostile callers do: each answers, or says in words what is wrong."""

import inspect
import json
from datetime import timedelta

from odoo import Command, fields, http
from odoo.exceptions import UserError
from odoo.service.model import call_kw
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.mail.tests.common import mail_new_test_user

from ..common import TestQuotaRateCommon

ADDONS = ('odoo.addons.sales_funnel_mgmt.', 'odoo.addons.sales_funnel_mgmt_sale.')
# In names and amounts of the other company, to be found in no answer
SECRET_NAME, SECRET_AMOUNT = "Zyxomma", 7_531_975.31

GARBAGE = (
    None,
    True,
    0,
    -1,
    10**12,
    10**400,
    1.5,
    float('nan'),
    float('inf'),
    '',
    'x',
    '\x00',
    "'; DROP TABLE crm_lead",
    [],
    [[]],
    [1, 'x', None],
    {},
    {'id': 1},
    [['user_id', 'any', [['id', '=', [[[]]]]]]],
)
DAYS = (
    '0000-00-00',
    '0001-01-01',
    '9999-12-31',
    '2026-02-30',
    '2026-07-01 25:61:61',
    '31.12.2026',
    '-2026-01-01',
    'today',
    '2026-W27',
)
DOMAINS = (
    [['name']],
    [['name', '=']],
    [['name', 'like like', 'x']],
    [['gone', '=', 1]],
    [['user_id.gone.id', '=', 1]],
    ['|', ['name', '=', 'x']],
    ['!'],
    ['&'] * 50,
    [['id', '=', 10**30]],
    [['id', 'in', ['x', {}]]],
    [['expected_revenue', '>', 'much']],
    [['expected_revenue', '>', float('nan')]],
    [['date_deadline', '>', '0000-00-00']],
    [['date_deadline', '>', '9999-12-31']],
    [['create_date', '>=', 'some day']],
    [['name', '=', '\x00']],
    [['user_id', 'any', [['gone', '=', 1]]]],
    [['user_id', 'child_of', {'a': 1}]],
    [['company_id.name', '=like', f'{SECRET_NAME[:5]}%']],
)
CONTEXTS = (
    {'tz': 'Mars/Phobos'},
    {'tz': 7},
    {'report_period': 'ever'},
    {'report_period': ['this_month']},
    {'report_period_from': '0001-01-01', 'report_period_to': '9999-12-31'},
    {'report_period_from': '2026-07-31', 'report_period_to': '2026-07-01'},
    {'report_period_from': {'x': 1}},
    {'report_period_to': float('nan')},
    {'active_model': 'res.users', 'active_ids': 'all'},
    {'territory_plan_id': 'x'},
)
GOOD_PERIOD = ['2026-07-01', '2026-07-31']
# Own methods with arguments: for each argument a good value, and the bad ones that are tried in its place
ARGUMENTS = {
    'crm.sales.quota.get_grid': {'day': ('2026-07-01', DAYS)},
    'crm.sales.quota.set_grid_amount': {
        'team_id': (lambda test: test.sales_team_1.id, ()),
        'user_id': (lambda test: test.user_sales_leads.id, ()),
        'month': ('2026-07-01', DAYS),
        'amount': (100.0, ('12', '1e400', -5)),
    },
    'crm.sales.quota.revise': {
        'amount': (100.0, ('12', -5)),
        'reason': ("Test", ('   ',)),
        'team': (False, ()),
        'following': (False, ()),
    },
    'crm.funnel.report.get_funnel': {
        'domain': ([], DOMAINS),
        'mode': ('flow', ()),
        'split': ('user_id', ('lead_id', 'password')),
        'period': (GOOD_PERIOD, ([day, '2026-07-31'] for day in DAYS)),
    },
    'crm.funnel.report.action_open_records': {
        'domain': ([], DOMAINS),
        'mode': ('flow', ()),
        'split': ('user_id', ('lead_id', 'password')),
        'period': (GOOD_PERIOD, ([day, '2026-07-31'] for day in DAYS)),
        'group_id': (lambda test: test.user_sales_leads.id, ()),
        'stage_id': (lambda test: test.stage_open.id, ()),
        'kind': ('won', ('id', 'lead_id')),
    },
    'crm.sales.overview.get_overview': {'team_id': (False, ())},
    'crm.quota.report.action_open_my_quota': {
        'date_from': ('2026-07-01', DAYS),
        'date_to': ('2026-07-31', DAYS),
    },
    'crm.sales.overview.action_open': {
        'part': ('stalled', ()),
        'team_id': (False, ()),
        'user_id': (False, ()),
    },
}
# Odoo's methods that are overridden: Odoo defines their arguments, and answers for their types.
# `test_values` tries the values of the fields.
ODOO_METHODS = {
    'create',
    'write',
    'unlink',
    'onchange',
    'default_get',
    'copy_data',
    'action_archive',
}
# Odoo's, with the reason why they are not called here
NOT_CALLED = {
    'mail.thread.message_parse': "Takes an e-mail that Python has parsed, which RPC cannot send.",
    'res.users.SELF_READABLE_FIELDS': "A property.",
    'res.users.SELF_WRITEABLE_FIELDS': "A property.",
}


def find_public_methods(env):
    """Yield the name of each public method that the addons define, as `model.method`."""
    for name in sorted(env.registry):
        for cls in type(env[name]).mro():
            if not cls.__module__.startswith(ADDONS) or '.tests.' in cls.__module__:
                continue
            own = getattr(cls, '_name', None) == name or getattr(cls, '_inherit', None) in (
                name,
                [name],
            )
            for method, value in vars(cls).items():
                is_method = inspect.isfunction(value) or isinstance(value, property)
                if own and is_method and not method.startswith('_'):
                    yield f'{name}.{method}'


def find_none(answer):
    """Return whether an answer has a None, or a key that is no text, which XML-RPC cannot send."""
    if isinstance(answer, dict):
        return any(not isinstance(key, str) or find_none(value) for key, value in answer.items())
    if isinstance(answer, (list, tuple)):
        return any(map(find_none, answer))
    return answer is None


@tagged('post_install', '-at_install')
class TestPublicMethods(TestQuotaRateCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.admin = mail_new_test_user(
            cls.env,
            login='sales_admin',
            groups='sales_team.group_sale_manager,base.group_allow_export,base.group_partner_manager',
        )
        cls.salesperson = cls.user_sales_salesman
        cls.salesperson.group_ids += cls.env.ref('base.group_allow_export')
        cls.elsewhere = cls.env['res.company'].create({'name': f"{SECRET_NAME} Ltd"})
        cls.records, cls.foreign = {}, {}
        for company, records in ((cls.env.company, cls.records), (cls.elsewhere, cls.foreign)):
            cls._create_records(company, records)
        cls.env.flush_all()
        cls.env.cr.flush()

    @classmethod
    def _create_records(cls, company, records):
        """Create a record of each model with public methods in a company."""
        is_foreign = company == cls.elsewhere
        prefix = SECRET_NAME if is_foreign else "Own"
        amount = SECRET_AMOUNT if is_foreign else 100
        env = cls.env(context={**cls.env.context, 'allowed_company_ids': company.ids})
        team = env['crm.team'].create({'name': f"{prefix} Team", 'company_id': company.id})
        seller = cls.salesperson
        if is_foreign:
            seller = mail_new_test_user(
                cls.env,
                login='elsewhere',
                # Odoo lets everybody read the names of users.
                name="Elsewhere Seller",
                groups='sales_team.group_sale_salesman',
                company_id=company.id,
                company_ids=[Command.set(company.ids)],
            )
        receiver = seller.copy({'login': f'receiver_{company.id}', 'name': "Receiver"})
        customer = env['res.partner'].create({
            'name': f"{prefix} Customer",
            'company_id': company.id,
        })
        common = {
            'type': 'opportunity',
            'user_id': seller.id,
            'team_id': team.id,
            'company_id': company.id,
            'partner_id': customer.id,
            'expected_revenue': amount,
        }
        lead = env['crm.lead'].create({
            'name': f"{prefix} Deal",
            'stage_id': cls.stage_open.id,
            'date_deadline': fields.Date.today(),
            **common,
        })
        won = env['crm.lead'].create({
            'name': f"{prefix} Win",
            'stage_id': cls.stage_won.id,
            **common,
        })
        env.flush_all()
        quota = env['crm.sales.quota'].create({
            'user_id': seller.id,
            'company_id': company.id,
            'month': fields.Date.today().replace(day=1),
            'amount': amount,
        })
        revised = env['crm.sales.quota'].create({
            'user_id': seller.id,
            'company_id': company.id,
            'month': '2026-03-01',
            'amount': amount,
            'state': 'confirmed',
        })
        handover = env['crm.handover'].create({
            'from_user_id': seller.id,
            'company_id': company.id,
            'receiver_ids': [Command.create({'user_id': receiver.id})],
        })
        handover._add_leads(lead + won)
        plan = env['crm.territory.plan'].create({
            'name': f"{prefix} Plan",
            'company_id': company.id,
            'user_ids': [Command.set((seller + receiver).ids)],
        })
        plan.action_propose()
        stay = lead.sudo().stage_history_ids[:1]
        alert = (
            env['crm.stall.alert']
            .sudo()
            .create({
                'stay_id': stay.id,
                'lead_id': lead.id,
                'clock': 'age',
                'threshold_days': 1,
                'state': 'open',
                'responsible_id': seller.id,
                'since': fields.Datetime.now() - timedelta(days=9),
            })
        )
        member = env['crm.team.member'].create({'user_id': receiver.id, 'crm_team_id': team.id})
        found = (
            lead,
            quota,
            handover,
            handover.line_ids[:1],
            handover.receiver_ids,
            handover.finding_ids[:1],
            plan,
            plan.line_ids[:1],
            stay,
            alert,
            team,
            member,
            seller,
            cls.stage_open,
            env['crm.review.workbook'].with_user(seller).create({'period': 'last_month'}),
        )
        records.update({record._name: record for record in found})
        records['crm.sales.quota.revise'] = revised
        records['won'] = won

    # === HELPERS === #

    def _call(self, user, model, method, ids, args=(), context=None):
        """Call a method as RPC does, and check the answer."""
        env = self.env(
            user=user.id, context={'allowed_company_ids': user.company_ids.ids, **(context or {})}
        )
        env.invalidate_all()
        is_model_method = getattr(getattr(type(env[model]), method), '_api_model', False)
        given = [*args] if is_model_method else [ids, *args]
        with mute_logger('odoo.sql_db'), self.env.cr.savepoint() as savepoint:
            try:
                answer = call_kw(env[model], method, given, {})
                self.env.cr.flush()
                text = json.dumps(answer, default=str, ensure_ascii=False)
                self.assertFalse(find_none(answer), f"XML-RPC cannot send None: {text[:500]}")
            except UserError as error:
                text = str(error)
                self.assertTrue(text.strip(), "An error without words")
            finally:
                savepoint.rollback()
                self.env.invalidate_all()
        for secret in (SECRET_NAME, '7531975', '7,531,975'):
            self.assertNotIn(secret, text)
        for trace in ('Traceback', 'psycopg2', 'SELECT ', 'KeyError'):
            self.assertNotIn(trace, text)

    def _get_id_lists(self, model):
        """Yield the IDs to call a method of records with."""
        yield []
        own, foreign = self._find_records(model)
        yield own.ids
        yield foreign.ids
        yield (own + foreign).ids
        highest = (
            self
            .env[model]
            .sudo()
            .with_context(active_test=False)
            .search([], order='id desc', limit=1)
            .id
            or 0
        )
        yield [highest + 1_000_000]
        yield [-1]
        yield [highest + 1_000_000, *own.ids]

    def _find_records(self, model):
        """Return the own record of a model, and that of the other company."""
        Model = self.env[model].sudo()
        if model in self.records:
            return self.records[model].sudo(), self.foreign[model].sudo()
        if Model._transient:
            return self._create_wizard(model, self.records), self._create_wizard(
                model, self.foreign
            )
        if Model._abstract:
            return Model, Model
        if 'company_id' not in Model._fields:
            return Model.search([], limit=1), Model
        return (
            Model.search([('company_id', '=', self.env.company.id)], limit=1),
            Model.search([('company_id', '=', self.elsewhere.id)], limit=1),
        )

    def _create_wizard(self, model, records):
        lead = records['crm.lead']
        values = {
            'crm.handover.create': {'lead_ids': [Command.set(lead.ids)]},
            'crm.sales.quota.enter': {
                'company_id': lead.company_id.id,
                'user_ids': [Command.set(lead.user_id.ids)],
                'amount': 1200,
                'date': '2027-05-01',
            },
            'crm.sales.quota.revise': {
                'quota_id': records['crm.sales.quota.revise'].id,
                'amount': 5,
                'reason': "Test",
            },
            'crm.win.correct.day': {
                'lead_id': records['won'].id,
                'day': fields.Date.today(),
                'reason': "Test",
            },
            'crm.stall.snooze': {
                'lead_ids': [Command.set(lead.ids)],
                'until': fields.Date.today() + timedelta(days=3),
                'reason': "Test",
            },
        }[model]
        return self.env[model].sudo().create(values)

    @property
    def callers(self):
        return (self.salesperson, self.admin)

    # === TESTS === #

    def test_every_method_has_a_row(self):
        """Methods with arguments need values to try; those without are called as they are."""
        missing = set()
        for name in set(find_public_methods(self.env)) - NOT_CALLED.keys():
            model, _dot, method = name.rpartition('.')
            function = getattr(type(self.env[model]), method)
            arguments = list(inspect.signature(function).parameters)[1:]
            expected = list(ARGUMENTS.get(name, ()))
            if method not in ODOO_METHODS and arguments != expected:
                missing.add(name)
        self.assertFalse(missing)
        self.assertLessEqual(
            ARGUMENTS.keys() | NOT_CALLED.keys(), set(find_public_methods(self.env))
        )

    def test_no_controllers(self):
        """A controller would need tests of its own here."""
        controllers = [
            controller
            for module, found in http.Controller.children_classes.items()
            for controller in found
            if f'odoo.addons.{module}.'.startswith(ADDONS)
        ]
        self.assertFalse(controllers)

    def test_methods_of_records(self):
        """Records that are gone, another company's, or another model's."""
        for name in sorted(set(find_public_methods(self.env)) - NOT_CALLED.keys()):
            model, _dot, method = name.rpartition('.')
            if method in ODOO_METHODS - {'unlink'} or self.env[model]._abstract:
                continue
            args = [self._good(good) for good, _bad in ARGUMENTS.get(name, {}).values()]
            for ids in self._get_id_lists(model):
                for user in self.callers:
                    with self.subTest(method=name, ids=ids, user=user.login):
                        self._call(user, model, method, ids, args)

    def test_arguments(self):
        for name, arguments in ARGUMENTS.items():
            model, _dot, method = name.rpartition('.')
            own, foreign = (
                self.records.get('crm.sales.quota.revise'),
                self.foreign.get('crm.sales.quota.revise'),
            )
            good = {key: self._good(value) for key, (value, _bad) in arguments.items()}
            foreign_id = {
                'team_id': self.foreign['crm.team'].id,
                'team': self.foreign['crm.team'].id,
                'user_id': self.foreign['res.users'].id,
                'group_id': self.foreign['res.users'].id,
            }
            for key, (_good, bad) in arguments.items():
                for value in (*GARBAGE, *bad, foreign_id.get(key, 10**9)):
                    args = {**good, key: value}.values()
                    for user in self.callers:
                        with self.subTest(method=name, argument=key, value=value, user=user.login):
                            self._call(user, model, method, own.ids, args)
            for user in self.callers:
                with self.subTest(method=name, user=user.login, record="foreign"):
                    self._call(user, model, method, foreign.ids, good.values())

    def test_contexts(self):
        calls = [
            ('crm.funnel.report', 'get_funnel', [[], 'flow', None, 'this_month']),
            ('crm.sales.overview', 'get_overview', []),
            ('crm.sales.quota', 'get_grid', []),
            ('crm.quota.report', 'get_my_quota', []),
            ('crm.sales.setup', 'get_steps', []),
            *(
                (model, 'formatted_read_group', [[], ['stage_id'], ['__count']])
                for model in ('crm.stage.flow.report', 'crm.funnel.cohort.report')
            ),
        ]
        for model, method, args in calls:
            for context in CONTEXTS:
                for user in self.callers:
                    with self.subTest(method=method, context=context, user=user.login):
                        self._call(user, model, method, [], args, context)

    def test_days_of_wizards(self):
        """Days and amounts that Odoo can store, and nobody means."""
        extreme = ('0001-01-01', '9999-12-31')
        lead, won = self.records['crm.lead'], self.records['won']
        rows = [
            (
                'crm.win.correct.day',
                'action_correct',
                {'lead_id': won.id, 'day': day, 'reason': "x"},
            )
            for day in extreme
        ]
        rows += [
            (
                'crm.stall.snooze',
                'action_snooze',
                {'lead_ids': [Command.set(lead.ids)], 'until': day, 'reason': "x"},
            )
            for day in extreme
        ]
        rows += [
            (
                'crm.sales.quota.enter',
                'action_enter',
                {
                    'user_ids': [Command.set(self.salesperson.ids)],
                    'date': day,
                    'period': period,
                    'amount': 10,
                    'spread': spread,
                },
            )
            for day in extreme
            for period in ('month', 'year')
            for spread in ('even', 'last_year', 'closing')
        ]
        rows += [
            (
                'crm.handover.create',
                'action_create',
                {'lead_ids': [Command.set(won.ids)], 'planned_date': day},
            )
            for day in extreme
        ]
        rows += [
            (
                'crm.review.workbook',
                'action_make',
                {'period': 'custom', 'date_from': first, 'date_to': last},
            )
            for first, last in (
                ('0001-01-01', '0001-01-02'),
                ('9999-12-30', '9999-12-31'),
                ('0001-01-01', '9999-12-31'),
            )
        ]
        for model, method, values in rows:
            with (
                self.subTest(model=model, values=values),
                self.assertRaises(UserError),
                self.env.cr.savepoint(),
            ):
                record = self.env[model].with_user(self.admin).create(values)
                call_kw(record, method, [record.ids], {})

    def test_values(self):
        """Values that the overrides of `create`, `write` and `onchange` look at before Odoo does."""
        rows = [
            ('crm.sales.quota', {'month': day, 'amount': 5, 'user_id': self.admin.id})
            for day in DAYS
            if not day.startswith('2026-07-01')
        ]
        rows += [
            ('crm.sales.quota', {'month': '2027-01-01', 'amount': value, 'user_id': self.admin.id})
            for value in ('x', float('nan'), float('inf'), 10**400, -5, [1], {'a': 1})
        ]
        rows += [
            ('crm.lead', {'name': "x", 'stage_id': self.stage_won.id, 'date_closed': day})
            for day in ('0001-01-01 00:00:00', '9999-12-31 23:59:59')
        ]
        for model, values in rows:
            with (
                self.subTest(model=model, values=values),
                mute_logger('odoo.sql_db'),
                self.assertRaises(UserError),
                self.env.cr.savepoint(),
            ):
                self.env[model].with_user(self.admin).create(values)

    def test_settings_without_end(self):
        """A threshold of a million years stops no page."""
        company = self.env.company
        for name, value in (
            ('stall_age_days', 10**9),
            ('stall_silence_days', 10**9),
            ('novice_months', 10**9),
        ):
            with self.subTest(name), self.assertRaises(UserError), self.env.cr.savepoint():
                company[name] = value
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self.stage_open.silence_threshold_days = 10**9
        self.stage_open.rotting_threshold_days = 10**9
        self.assertFalse(self.records['crm.lead'].is_stalled)

    def _good(self, value):
        return value(self) if callable(value) else value
