"""What several people do to opportunities over a year, at random."""

from datetime import datetime, timedelta
from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import freeze_time
from odoo.tools import mute_logger

from odoo.addons.crm.tests.common import TestCrmCommon
from odoo.addons.mail.tests.common import mail_new_test_user

from .ledger import Company, Lead, Ledger, Stage

BEGIN = datetime(2026, 1, 5, 8, 0)
POOL = 30


class YearCommon(TestCrmCommon):
    """Two companies with a currency each, five salespeople and a sales administrator.

    USER------COMPANY------------TEAM----------RIGHTS
    manager   here and there     none          sales administrator
    anna      here               north         own documents
    arne      here               north         all documents
    bo        there              south         own documents
    both      here and there     everywhere    own documents
    nina      here               north         own documents

    STAGE-----SEQUENCE--RATE--TEAMS-----------LOCK
    new        10       10 %  all
    north      20       30 %  north
    offer      30       60 %  all             yes
    south      40       80 %  south
    won        50      100 %  all (won)
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.freezer = cls.startClassPatcher(freeze_time(BEGIN))
        cls.now = BEGIN
        cls.startClassPatcher(patch.object(cls.env.cr, 'now', lambda: cls.now))
        env = cls.env = cls.env(context={**cls.env.context, 'lang': 'en_US', 'tz': 'UTC'})
        for model in ('crm.lead', 'crm.sales.quota'):
            env[model].with_context(active_test=False).search([]).unlink()
        env.flush_all()
        # what was there before is none of this story
        env.cr.execute("DELETE FROM crm_stage_history")
        env['crm.pipeline.check'].search([]).active = False
        cls._set_up_companies()
        cls._set_up_people()
        cls._set_up_stages()
        cls.customers = env['res.partner'].create([
            {'name': f"Customer {number}", 'is_company': True} for number in range(6)
        ])
        cls.contacts = env['res.partner'].create([
            {'name': f"Contact {number}", 'parent_id': cls.customers[number].id}
            for number in range(3)
        ])
        cls.call = env.ref('mail.mail_activity_data_call')
        cls.todo = env.ref('mail.mail_activity_data_todo')
        cls.visit = env.ref('sales_funnel_mgmt.mail_activity_type_visit')

    @classmethod
    def _set_up_companies(cls):
        env = cls.env
        cls.here = env.company
        cls.other_currency = env['res.currency'].create({
            'name': "QQQ",
            'symbol': "Q",
            'rounding': 1,
            'rate_ids': [Command.create({'name': '2020-01-01', 'rate': 100})],
        })
        cls.there = env['res.company'].create({
            'name': "There",
            'currency_id': cls.other_currency.id,
        })
        cls.here.sales_tz = 'Asia/Shanghai'
        cls.there.sales_tz = 'America/New_York'
        cls.companies = cls.here + cls.there
        cls.companies.write({'stall_age_days': 30, 'stall_silence_days': 0})
        env.user.company_ids = [Command.link(cls.there.id)]

    @classmethod
    def _set_up_people(cls):
        def new(login, companies, group):
            return mail_new_test_user(
                cls.env,
                login=f'ledger_{login}',
                name=login.title(),
                email=f'{login}@test.example.com',
                company_id=companies[0].id,
                company_ids=[Command.set(companies.ids)],
                groups=f'sales_team.{group},base.group_partner_manager',
            )

        here, there, both = cls.here, cls.there, cls.companies
        cls.manager = new('manager', both, 'group_sale_manager')
        cls.anna = new('anna', here, 'group_sale_salesman')
        cls.arne = new('arne', here, 'group_sale_salesman_all_leads')
        cls.bo = new('bo', there, 'group_sale_salesman')
        cls.both = new('both', both, 'group_sale_salesman')
        cls.nina = new('nina', here, 'group_sale_salesman')
        cls.users = cls.anna + cls.arne + cls.bo + cls.both + cls.nina
        Team = cls.env['crm.team']
        cls.north = Team.create({'name': "North", 'company_id': here.id})
        cls.south = Team.create({'name': "South", 'company_id': there.id})
        cls.everywhere = Team.create({'name': "Everywhere", 'company_id': False})
        cls.teams = cls.north + cls.south + cls.everywhere
        cls.env['crm.team.member'].create([
            {'user_id': user.id, 'crm_team_id': team.id}
            for user, team in (
                (cls.anna, cls.north),
                (cls.arne, cls.north),
                (cls.bo, cls.south),
                (cls.both, cls.everywhere),
                (cls.nina, cls.north),
            )
        ])

    @classmethod
    def _set_up_stages(cls):
        Stage_ = cls.env['crm.stage']
        elsewhere = cls.env['crm.team'].create({'name': "Elsewhere"})
        Stage_.search([]).write({'team_ids': elsewhere.ids, 'sequence': 9999})
        cls.stages = Stage_.create([
            {
                'name': name,
                'sequence': sequence,
                'quota_rate': rate,
                'team_ids': [Command.set(teams.ids)],
                'is_won': name == "Won",
                'lock_salesperson': name == "Offer",
                'rotting_threshold_days': days,
            }
            for name, sequence, rate, teams, days in (
                ("New", 10, 10, cls.env['crm.team'], 0),
                ("Of the North", 20, 30, cls.north, 20),
                ("Offer", 30, 60, cls.env['crm.team'], 40),
                ("Of the South", 40, 80, cls.south, 0),
                ("Won", 50, 100, cls.env['crm.team'], 0),
            )
        ])
        cls.new, cls.offer, cls.won = cls.stages[0], cls.stages[2], cls.stages[4]

    def _begin(self, seed_random):
        self.random = seed_random
        self.log = []
        self.refused = 0
        self.ledger = Ledger(
            stages=[
                Stage(
                    stage.sequence,
                    stage.id,
                    stage.is_won,
                    stage.quota_rate,
                    stage.rotting_threshold_days or 30,
                    frozenset(stage.team_ids.ids),
                )
                for stage in self.env['crm.stage'].search([])
            ],
            companies={
                self.here.id: Company(2, 'Asia/Shanghai'),
                self.there.id: Company(0, 'America/New_York'),
            },
            homes={user.id: user.company_id.id for user in self.users + self.manager},
            users=self.env['res.users'].with_context(active_test=False).search([]).ids,
        )
        self.actor = self.manager
        self.last_handover = False

    # === Who does it, when, and what has become of it === #

    def _as(self, user, records):
        self.actor = user
        # the currency of the active company is that of opportunities without a company
        companies = user.company_ids.sorted(lambda company: company != self.here)
        return records.with_user(user).with_context(allowed_company_ids=companies.ids)

    def _pass(self, **time):
        type(self).now += timedelta(**time)
        self.freezer.move_to(self.now)

    def _observe(self, gone_as=None):
        """Tell the ledger what Odoo says of all leads."""
        self.env.flush_all()
        self.env.invalidate_all()
        leads = self.env['crm.lead'].with_context(active_test=False).search([], order='id')
        leads.fetch(['type', 'active', 'won_status', 'stage_id', 'user_id', 'team_id'])
        self.ledger.observe(
            self.now,
            self.actor.id,
            {
                lead.id: Lead(
                    type=lead.type,
                    active=lead.active,
                    is_lost=lead.won_status == 'lost',
                    stage=lead.stage_id.id,
                    user=lead.user_id.id,
                    team=lead.team_id.id,
                    company=lead.company_id.id,
                    revenue=lead.expected_revenue,
                    customer=lead.partner_id.commercial_partner_id.id,
                    deadline=lead.date_deadline,
                )
                for lead in leads
            },
            gone_as,
            self.last_handover,
        )
        self.last_handover = False

    def _pick(self, most=3, **conditions):
        domain = [(name, '=', value) for name, value in conditions.items()]
        leads = self.env['crm.lead'].with_context(active_test=False).search(domain, order='id')
        count = min(len(leads), self.random.randint(1, most))
        return leads.browse(sorted(self.random.sample(leads.ids, count)))

    def _pick_open(self, most=3, **conditions):
        return self._pick(most, type='opportunity', active=True, **conditions)

    @staticmethod
    def _of_one_currency(leads):
        """Odoo refuses one amount for opportunities in several currencies."""
        return leads.filtered(lambda lead: lead.company_currency == leads[0].company_currency)

    def _salespeople(self):
        return [*self.users.filtered('active'), self.env['res.users']]

    def do(self, operation):
        """Do an operation; what is refused leaves everything as it is."""
        self.log.append(f"{self.now:%Y-%m-%d %H:%M} {operation.__name__}")
        steps = operation()
        with mute_logger('odoo.models.unlink', 'odoo.sql_db', 'odoo.addons.crm.models.crm_lead'):
            while True:
                try:
                    with self.env.cr.savepoint():
                        gone_as = next(steps, 'end')
                        # Odoo stores who flushes as who has written, as at the end of a request
                        self.env(user=self.actor).flush_all()
                except (UserError, IntegrityError) as error:
                    self.refused += 1
                    self.note(f"refused: {error}")
                    gone_as = 'end'
                self._observe(gone_as)
                if gone_as == 'end':
                    return

    def note(self, *what):
        self.log[-1] += f" {' '.join(str(part) for part in what)}"

    # === The operations: each yields after each change === #

    def create_opportunity(self):
        user = self.random.choice(self._salespeople())
        values = {
            'name': f"Opportunity {self.random.randint(1, 10**6)}",
            'type': self.random.choice(['opportunity'] * 5 + ['lead']),
            'user_id': user.id,
            'team_id': self.random.choice([*self.teams.ids, False]),
            'partner_id': self.random.choice([*self.customers.ids, *self.contacts.ids, False]),
            'expected_revenue': self.random.choice([0, -50, *range(1, 999, 7)]),
            'date_deadline': self.random.choice([
                False,
                self.now.date() + timedelta(days=self.random.randint(-20, 150)),
            ]),
        }
        actor = self.random.choice([self.manager, user or self.manager])
        lead = self._as(actor, self.env['crm.lead']).create(values)
        if actor == user and not lead.team_id:
            # a salesperson creates it in their own team
            self.note("without team")
        self.note(lead, values)
        yield

    def move(self):
        leads = self._pick_open()
        stage = self.random.choice(self.stages)
        self.note(leads, stage.name)
        self._as(self.manager, leads).write({'stage_id': stage.id})
        yield

    def drag(self):
        """The salesperson moves one."""
        lead = self._pick_open(1)
        actor = lead.user_id if lead.user_id.active else self.manager
        stages = self.stages.filtered(lambda s: not s.team_ids or lead.team_id in s.team_ids)
        stage = self.random.choice(stages)
        self.note(lead, stage.name, actor.login)
        self._as(actor, lead).stage_id = stage
        yield

    def change_salesperson(self):
        leads = self._pick()
        user = self.random.choice(self._salespeople())
        self.note(leads, user.login)
        self._as(self.manager, leads).write({'user_id': user.id})
        yield

    def change_both(self):
        leads = self._pick_open()
        user, stage = self.random.choice(self._salespeople()), self.random.choice(self.stages)
        self.note(leads, user.login, stage.name)
        self._as(self.manager, leads).write({'user_id': user.id, 'stage_id': stage.id})
        yield

    def change_team(self):
        leads = self._pick()
        team = self.random.choice([*self.teams, self.env['crm.team']])
        self.note(leads, team.name)
        self._as(self.manager, leads).write({'team_id': team.id})
        yield

    def change_company(self):
        leads = self._pick(2)
        company = self.random.choice([*self.companies, self.env['res.company']])
        self.note(leads, company.name)
        self._as(self.manager, leads).write({'company_id': company.id})
        yield

    def change_revenue(self):
        leads = self._of_one_currency(self._pick())
        revenue = self.random.choice([0, -20, *range(3, 999, 11)])
        self.note(leads, revenue)
        self._as(self.manager, leads).write({'expected_revenue': revenue})
        yield

    def change_closing(self):
        leads = self._pick()
        day = self.now.date() + timedelta(days=self.random.randint(-30, 90))
        self._as(self.manager, leads).write({'date_deadline': self.random.choice([day, False])})
        yield

    def change_customer(self):
        leads = self._pick(1)
        self._as(self.manager, leads).write({
            'partner_id': self.random.choice([*self.customers.ids, *self.contacts.ids, False])
        })
        yield

    def win(self):
        leads = self._pick(2, type='opportunity')
        self.note(leads)
        leads = self._as(self.manager, leads)
        leads.action_unarchive()
        yield
        leads.action_set_won()
        yield

    def win_for_more(self):
        lead = self._pick_open(1)
        revenue = self.random.randint(1, 999)
        self.note(lead, revenue)
        self._as(self.manager, lead).write({
            'stage_id': self.won.id,
            'expected_revenue': revenue,
        })
        yield

    def correct_revenue(self):
        leads = self._of_one_currency(self._pick(2, type='opportunity', stage_id=self.won.id))
        revenue = self.random.randint(1, 999)
        self.note(leads, revenue)
        self._as(self.manager, leads).write({'expected_revenue': revenue})
        yield

    def correct_day(self):
        lead = self._pick_open(1, stage_id=self.won.id)
        if not lead:
            return
        win = self.ledger.wins[lead.id]
        company = win.stay.company or self.ledger.homes.get(win.stay.user) or self.here.id
        day = (self.now - timedelta(days=self.random.randint(2, 60))).date()
        self.note(lead, day)
        self._as(self.manager, self.env['crm.win.correction'])._correct_day(
            self._as(self.manager, lead), day, "Signed then"
        )
        self.ledger.correct_day(lead.id, day, company)
        yield

    def lose(self):
        leads = self._pick_open(2).filtered(lambda lead: not lead.stage_id.is_won)
        self.note(leads)
        self._as(self.manager, leads).action_set_lost()
        yield

    def lose_what_was_won(self):
        leads = self._pick_open(1, stage_id=self.won.id)
        self.note(leads)
        self._as(self.manager, leads).write({'active': False, 'probability': 0})
        yield

    def lose_what_was_archived(self):
        leads = self._pick(1, active=False, type='opportunity')
        self.note(leads)
        self._as(self.manager, leads).write({'probability': 0})
        yield

    def archive(self):
        leads = self._pick_open(2)
        self.note(leads)
        self._as(self.manager, leads).action_archive()
        yield

    def restore(self):
        leads = self._pick(active=False)
        self.note(leads)
        self._as(self.manager, leads).action_unarchive()
        yield

    def restore_in_a_stage(self):
        leads = self._pick(2, active=False)
        stage = self.random.choice(self.stages)
        self.note(leads, stage.name)
        self._as(self.manager, leads).write({'active': True, 'stage_id': stage.id})
        yield

    def move_while_archived(self):
        leads = self._pick(2, active=False)
        stage = self.random.choice(self.stages)
        self.note(leads, stage.name)
        self._as(self.manager, leads).write({'stage_id': stage.id})
        yield

    def convert_lead(self):
        leads = self._pick(2, type='lead')
        users = self.random.choice([[], self.users.filtered('active')[:2].ids])
        self.note(leads, users)
        self._as(self.manager, leads).convert_opportunity(self.env['res.partner'], user_ids=users)
        yield

    def back_to_lead(self):
        lead = self._pick_open(1)
        self.note(lead)
        self._as(self.manager, lead).write({'type': 'lead'})
        yield

    def merge(self):
        leads = self._pick(3)
        if len(leads) < 2:
            return
        self.note(leads)
        survivor = self._as(self.manager, leads).merge_opportunity()
        self.ledger.merge_into(survivor.id, set(leads.ids) - set(survivor.ids))
        yield 'merged'

    def delete(self):
        lead = self._pick(1)
        self.note(lead)
        self._as(self.manager, lead).unlink()
        yield 'deleted'

    def hand_over(self):
        user = self.random.choice(self.users)
        leads = self._pick_open(5, user_id=user.id)
        receiver = self.random.choice(self.users.filtered('active') - user)
        self.note(leads, user.login, receiver.login)
        handovers = self._as(self.manager, self.env['crm.handover'])._create_from_leads(
            self._as(self.manager, leads),
            receiver_ids=[Command.create({'user_id': receiver.id})],
            reason='rebalancing',
        )
        for handover in handovers:
            handover.line_ids.filtered(lambda line: line.stage_id.lock_salesperson).write({
                'override_reason': "Agreed"
            })
            handover.action_start()
            self.last_handover = handover.id
            yield

    def change_rate(self):
        stage = self.random.choice(self.stages - self.won)
        rate = self.random.choice([0, 12.5, 33.33, 50, 90])
        kind = self.random.choice(['stage', 'stage', 'team', 'customer'])
        self.note(stage.name, kind, rate)
        rates = self._as(self.manager, self.env['crm.quota.rate'])
        if kind == 'stage':
            self._as(self.manager, stage).quota_rate = rate
            self.ledger.set_rate((stage.id, kind, None, False), rate)
        else:
            name, records = {
                'team': ('team_id', self.teams),
                'customer': ('partner_id', self.customers),
            }[kind]
            record = self.random.choice(records)
            company = False
            if kind == 'customer':
                company = self.random.choice([False, *self.companies.ids])
            domain = [('stage_id', '=', stage.id), (name, '=', record.id)]
            if kind == 'customer':
                domain.append(('company_id', '=', company))
            known = rates.search(domain)
            if known:
                known.rate = rate
            else:
                rates.create({
                    'stage_id': stage.id,
                    name: record.id,
                    'rate': rate,
                    **({'company_id': company} if kind == 'customer' else {}),
                })
            self.ledger.set_rate((stage.id, kind, record.id, company), rate)
        yield

    def give_own_rate(self):
        lead = self._pick_open(1).filtered(lambda lead: not lead.stage_id.is_won)
        if not lead:
            return
        rate = self.random.choice([0, 15, 77.7])
        self.note(lead, rate)
        self._as(self.manager, lead).write({
            'has_own_quota_rate': True,
            'own_quota_rate': rate,
            'own_quota_rate_reason': "Special",
        })
        self.ledger.give_own_rate(lead.id, rate)
        yield

    def set_quota(self):
        """A salesperson's, or a team's own; a confirmed one is revised."""
        month = self.now.date().replace(day=1) + timedelta(days=31 * self.random.randint(-2, 3))
        month = month.replace(day=1)
        amount = self.random.choice([0, 100, 250.5, 999])
        Quota = self._as(self.manager, self.env['crm.sales.quota'])
        user = self.random.choice([*self.users.filtered('active'), self.env['res.users']])
        company = self.random.choice(user.company_ids or self.here)
        if company == self.there:
            amount = int(amount)
        owner = {'user_id': user.id} if user else {'team_id': self.north.id}
        known = Quota.search([
            *((name, '=', value) for name, value in owner.items()),
            ('user_id', '=', user.id),
            ('company_id', '=', company.id),
            ('month', '=', month),
        ])
        self.note(owner, company.name, month, amount)
        if known and known.state == 'confirmed':
            known.revise(amount, "Agreed")
        elif known:
            known.amount = amount
        else:
            known = Quota.create({
                **owner,
                'company_id': company.id,
                'month': month,
                'amount': amount,
            })
        if known.state == 'draft' and self.random.random() < 0.5:
            known.action_confirm()
        self.ledger.set_quota(user.id, known.team_id.id, company.id, month, amount)
        yield

    def contact(self):
        """A call, a visit or something that is no contact."""
        lead = self._pick(1)
        user = self.random.choice([lead.user_id, self.manager])
        user = user if user.active else self.manager
        activity_type, kind = self.random.choice([
            (self.call, 'call'),
            (self.visit, 'visit'),
            (self.todo, 'task'),
        ])
        self.note(lead, user.login, kind)
        activity = lead.activity_schedule(activity_type_id=activity_type.id, user_id=user.id)
        activity.with_user(user).sudo().action_feedback(feedback="Done")
        self.ledger.contact(self.now, user.id, lead.id, kind)
        yield

    def change_currency_rate(self):
        self.env['res.currency.rate'].search([
            ('currency_id', '=', self.other_currency.id),
            ('name', '=', self.now.date()),
        ]).unlink()
        rate = self.random.choice([80, 100, 125])
        self.other_currency.rate_ids = [
            Command.create({'name': self.now.date(), 'rate': rate}),
        ]
        self.note(rate)
        yield

    # === Once a year each === #

    def archive_user(self):
        self.note(self.arne.login)
        self.arne.action_archive()
        self.ledger.archived_users.add(self.arne.id)
        self.actor = self.env.user
        yield

    def delete_stage(self):
        """What is in it goes to another one before, as Odoo asks for."""
        stage = self.stages[1]
        leads = self.env['crm.lead'].with_context(active_test=False)
        self._as(self.manager, leads.search([('stage_id', '=', stage.id)])).write({
            'stage_id': self.new.id
        })
        yield
        self.note(stage.name)
        stage.unlink()
        type(self).stages = self.stages - stage
        self.ledger.delete_stage(stage.id)
        yield

    def delete_user(self):
        """Their opportunities are given to another one before; what they did remains.

        Who has a confirmed quota cannot be deleted.
        """
        user = self.nina
        leads = self.env['crm.lead'].with_context(active_test=False)
        leads = leads.search([('user_id', '=', user.id)])
        free = leads.filtered(lambda lead: not lead.stage_id.lock_salesperson)
        self.note(leads, free)
        self._as(self.manager, leads - free).write({'stage_id': self.new.id})
        yield
        self._as(self.manager, leads).write({'user_id': self.anna.id})
        yield
        quotas = self.env['crm.sales.quota'].search([('user_id', '=', user.id)])
        drafts = quotas.filtered(lambda quota: quota.state == 'draft')
        removed = [(draft.user_id.id, draft.company_id.id, draft.month) for draft in drafts]
        drafts.unlink()
        self.env.flush_all()
        id_ = user.id
        user.unlink()
        for key in removed:
            self.ledger.remove_quota(*key)
        type(self).users = self.users - user
        self.ledger.delete_user(id_)
        self.actor = self.env.user
        yield

    def weights(self):
        return {
            self.create_opportunity: 12,
            self.move: 14,
            self.drag: 14,
            self.change_salesperson: 8,
            self.change_both: 6,
            self.change_team: 6,
            self.change_company: 5,
            self.change_revenue: 6,
            self.change_closing: 4,
            self.change_customer: 3,
            self.win: 8,
            self.win_for_more: 3,
            self.correct_revenue: 5,
            self.correct_day: 3,
            self.lose: 5,
            self.lose_what_was_won: 2,
            self.lose_what_was_archived: 2,
            self.archive: 5,
            self.restore: 7,
            self.restore_in_a_stage: 3,
            self.move_while_archived: 3,
            self.convert_lead: 4,
            self.back_to_lead: 1,
            self.merge: 4,
            self.delete: 2,
            self.hand_over: 6,
            self.change_rate: 5,
            self.give_own_rate: 3,
            self.set_quota: 10,
            self.contact: 12,
            self.change_currency_rate: 1,
        }
