"""Test the stays against a plain model after random operations."""

import random
from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise
from unittest.mock import patch

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from ..common import TestQuotaRateCommon

OPERATIONS = 2000
POOL = 40
SEED = 19
# stage, salesperson, team and company of what is gone, or is not there yet
NOTHING = (False, False, False, False)


class Ledger:
    """A model of the stage history in plain Python, which gets the opportunities of each operation."""

    def __init__(self, stages):
        self.order = {stage.id: (stage.sequence, stage.id) for stage in stages}
        self.won = set(stages.filtered('is_won').ids)
        self.states = {}
        self.stays = {}
        # the stay of the win that stands, by opportunity
        self.wins = {}
        # what it was worth when it was won
        self.won_amounts = {}

    @staticmethod
    def state_of(lead):
        """Return (status, stage, salesperson, team, company) of an opportunity.

        The status of a lead is None.
        """
        if lead.type != 'opportunity':
            status = None
        elif lead.active:
            status = 'open'
        else:
            status = 'lost' if lead.won_status == 'lost' else 'archived'
        return status, lead.stage_id.id, lead.user_id.id, lead.team_id.id, lead.company_id.id

    def record(self, leads, now, gone_as=None):
        """Note the changes of some leads by one operation."""
        existing = leads.exists()
        for lead in leads:
            after = self.state_of(lead) if lead in existing else (gone_as, *NOTHING)
            self._change(lead.id, after, now)
            self._judge_win(lead.id, after)
            if self.wins.get(lead.id) is not None and lead.id not in self.won_amounts:
                self.won_amounts[lead.id] = lead.expected_revenue
            elif lead.id not in self.wins:
                self.won_amounts.pop(lead.id, None)

    def _judge_win(self, lead_id, state):
        """Note the wins.

        An opportunity has one win at a time: from its first stay in a won stage until it is
        moved, lost, merged or turned into a lead.
        """
        status, stage, *_others = state
        if status == 'deleted':
            return
        if status in ('open', 'archived') and stage in self.won:
            if status == 'open':
                self.wins.setdefault(lead_id, len(self.stays[lead_id]) - 1)
        else:
            self.wins.pop(lead_id, None)

    def _change(self, lead_id, after, now):
        before = self.states.get(lead_id, (None, *NOTHING))
        self.states[lead_id] = after
        stays = self.stays.setdefault(lead_id, [])
        status, *_others = after
        if status and after[4] and stays and not stays[-1]['company_id']:
            # it had no company: its past belongs to the one that it gets
            for stay in stays:
                stay['company_id'] = stay['company_id'] or after[4]
            before = (*before[:4], after[4])
        if before[0] == 'open' and before != after:
            exit_kind = self._exit_kind(before, after)
            stays[-1].update(exit_kind=exit_kind, left_at=now)
            if status == 'open':
                self._begin(stays, after, exit_kind, now)
        elif before[0] in ('lost', 'archived') and status in ('lost', 'archived', None):
            stays[-1]['exit_kind'] = status or 'archived'
        elif before[0] != 'open' and status:
            if status in ('merged', 'deleted'):
                return
            self._begin(stays, after, 'reopened' if stays else 'created', now)
            if status != 'open':
                stays[-1].update(exit_kind=status, left_at=now)

    @staticmethod
    def _begin(stays, state, entry_kind, now):
        _status, stage, user, team, company = state
        is_same_visit = (
            stays and stays[-1]['stage_id'] == stage and entry_kind in ('handed_over', 'reopened')
        )
        stays.append({
            'stage_id': stage,
            'user_id': user,
            'team_id': team,
            'company_id': company,
            'entry_kind': entry_kind,
            'exit_kind': False,
            'stage_entered_at': stays[-1]['stage_entered_at'] if is_same_visit else now,
            'entered_at': now,
            'left_at': False,
        })

    def _exit_kind(self, before, after):
        status, stage, *holder = after
        if status != 'open':
            return status or 'archived'
        if stage in self.won and before[1] not in self.won:
            return 'advanced'
        if holder != list(before[2:]):
            return 'handed_over'
        if before[1] in self.won and stage not in self.won:
            return 'moved_back'
        return 'advanced' if self.order[stage] > self.order[before[1]] else 'moved_back'


@tagged('post_install', '-at_install')
class TestStageHistoryRandom(TestQuotaRateCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.teams = cls.sales_team_1 + cls.env['crm.team'].create([
            {'name': "East"},
            {'name': "West"},
        ])
        Stage = cls.env['crm.stage']
        Stage.create([
            {'name': "East only", 'sequence': 12, 'team_ids': [Command.set(cls.teams[1].ids)]},
            {'name': "West only", 'sequence': 14, 'team_ids': [Command.set(cls.teams[2].ids)]},
            {'name': "Signed", 'sequence': 90, 'is_won': True},
        ])
        cls.stages = Stage.search([])
        cls.users = cls.user_sales_manager + cls.user_sales_leads + cls.user_sales_salesman
        cls.companies = cls.env.company + cls.env['res.company'].create({'name': "Elsewhere"})
        (cls.users + cls.env.user).company_ids = [Command.link(id_) for id_ in cls.companies.ids]
        cls.random = random.Random(SEED)
        cls.now = datetime(2026, 1, 5, 8, 0)
        cls.ledger = Ledger(cls.stages)
        cls.leads = cls.env['crm.lead']

    # === The operations: each yields the leads that it may have changed, after each change === #

    def _pick(self, most=4, **conditions):
        leads = self.leads.exists()
        self.__class__.leads = leads
        leads = leads.filtered_domain([(name, '=', value) for name, value in conditions.items()])
        count = min(len(leads), self.random.randint(1, most))
        return leads.browse(self.random.sample(leads.ids, count))

    def _contexts(self, leads):
        return leads.with_context(
            **self.random.choice([{}, {'tracking_disable': True}, {'mail_notrack': True}])
        )

    def _values(self):
        user = self.random.choice([*self.users.ids, False])
        return {
            'name': "Random",
            'type': 'opportunity',
            'user_id': user,
            'stage_id': self.random.choice(self.stages.ids),
            'expected_revenue': self.random.randint(0, 1000),
        }

    def create_some(self):
        values = [self._values() for _number in range(self.random.randint(1, 3))]
        for lead_values in values:
            lead_values['type'] = self.random.choice(['opportunity', 'opportunity', 'lead'])
        leads = self._contexts(self.env['crm.lead']).create(values)
        self.__class__.leads |= leads
        yield leads

    def drag(self):
        leads = self._pick(1)
        leads.stage_id = self.random.choice(self.stages)
        yield leads

    def edit_many(self):
        """Write the same stage to many opportunities, some of which are in it already."""
        leads = self._pick(12)
        self._contexts(leads).write({'stage_id': self.random.choice(self.stages.ids)})
        yield leads

    def change_salesperson(self):
        leads = self._pick()
        user = self.random.choice([*self.users.ids, False])
        self._contexts(leads).write({'user_id': user})
        yield leads

    def change_both(self):
        leads = self._pick()
        self._contexts(leads).write({
            'user_id': self.random.choice(self.users.ids),
            'stage_id': self.random.choice(self.stages.ids),
        })
        yield leads

    def change_team(self):
        """Write another team, which may lack the stage."""
        leads = self._pick()
        self._contexts(leads).write({'team_id': self.random.choice(self.teams.ids)})
        yield leads

    def change_company(self):
        leads = self._pick()
        company = self.random.choice([*self.companies.ids, False])
        self._contexts(leads).write({'company_id': company})
        yield leads

    def change_revenue(self):
        leads = self._pick()
        leads.write({'expected_revenue': self.random.randint(0, 1000)})
        yield leads

    def win(self):
        leads = self._pick()
        leads.action_unarchive()
        yield leads
        leads.action_set_won()
        yield leads

    def lose(self):
        leads = self._pick().filtered(lambda lead: not lead.stage_id.is_won)
        leads.action_set_lost()
        yield leads

    def archive(self):
        leads = self._pick()
        self._contexts(leads).write({'active': False})
        yield leads

    def restore(self):
        leads = self._pick(active=False)
        leads.action_unarchive()
        yield leads

    def restore_in_a_stage(self):
        leads = self._pick(active=False)
        leads.write({'active': True, 'stage_id': self.random.choice(self.stages.ids)})
        yield leads

    def convert(self):
        leads = self._pick(type='lead')
        leads.convert_opportunity(self.customer)
        yield leads
        # Odoo may write the conversion before it assigns the salespeople, or both together
        self.env.flush_all()
        leads._handle_salesmen_assignment(user_ids=self.users[:2].ids)
        yield leads

    def back_to_lead(self):
        leads = self._pick(1)
        leads.type = 'lead'
        yield leads

    def merge(self):
        leads = self._pick(3)
        if len(leads) > 1:
            leads.merge_opportunity()
            yield leads, 'merged'

    def delete(self):
        leads = self._pick(1)
        leads.unlink()
        yield leads, 'deleted'

    def import_file(self):
        leads = self._pick(3)
        for number, lead in enumerate(leads):
            if not lead.get_external_id()[lead.id]:
                self.env['ir.model.data'].create({
                    'module': 'sales_funnel_test',
                    'name': f'random_{lead.id}_{number}',
                    'model': 'crm.lead',
                    'res_id': lead.id,
                })
        stage = self.random.choice(self.stages)
        result = self.env['crm.lead'].load(
            ['id', 'stage_id/.id'],
            [[lead.get_external_id()[lead.id], str(stage.id)] for lead in leads],
        )
        self.assertFalse(result['messages'])
        yield leads

    def test_two_thousand_operations(self):
        weights = {
            self.create_some: 8,
            self.drag: 20,
            self.edit_many: 8,
            self.change_salesperson: 10,
            self.change_both: 6,
            self.change_team: 8,
            self.change_company: 6,
            self.change_revenue: 6,
            self.win: 6,
            self.lose: 5,
            self.archive: 4,
            self.restore: 8,
            self.restore_in_a_stage: 3,
            self.convert: 4,
            self.back_to_lead: 1,
            self.merge: 3,
            self.delete: 3,
            self.import_file: 3,
        }
        done = Counter()
        with (
            patch.object(fields.Datetime, 'now', lambda: self.now),
            patch.object(self.env.cr, 'now', lambda: self.now),
        ):
            while done.total() < OPERATIONS:
                # several operations in one transaction: the database learns of them at its end
                for _number in range(self.random.choice([1, 1, 2, 5])):
                    if len(self.leads) < POOL:
                        operation = self.create_some
                    else:
                        [operation] = self.random.choices([*weights], [*weights.values()])
                    for changed in operation():
                        leads, *gone_as = changed if isinstance(changed, tuple) else (changed,)
                        self.ledger.record(leads, self.now, *gone_as)
                    done[operation.__name__] += 1
                self.env.flush_all()
                type(self).now += timedelta(seconds=self.random.choice([0, 1, 3600, 90_000]))
        self.assertEqual(len(done), len(weights), "All kinds of operations")
        self._check_stays()
        self._check_last_stays()
        self._check_balance()

    def _check_stays(self):
        """Compare the stays with the model: none missing, no overlap, no gap."""
        stays = self.env['crm.stage.history'].search(
            [('lead_ref', 'in', list(self.ledger.stays))], order='lead_ref, id'
        )
        stays_by_lead = stays.grouped('lead_ref')
        for lead_id, expected in self.ledger.stays.items():
            found = stays_by_lead.get(lead_id, stays.browse())
            self.assertEqual(
                [
                    {
                        'stage_id': stay.stage_id.id,
                        'user_id': stay.user_id.id,
                        'team_id': stay.team_id.id,
                        'company_id': stay.company_id.id,
                        'entry_kind': stay.entry_kind,
                        'exit_kind': stay.exit_kind,
                        'stage_entered_at': stay.stage_entered_at,
                        'entered_at': stay.entered_at,
                        'left_at': stay.left_at,
                    }
                    for stay in found
                ],
                expected,
            )
            for stay, next_stay in pairwise(found):
                if stay.exit_kind in ('lost', 'archived'):
                    self.assertLessEqual(stay.left_at, next_stay.entered_at)
                else:
                    self.assertEqual(stay.left_at, next_stay.entered_at)

    def _check_last_stays(self):
        """Check that each open opportunity has one open stay with its values."""
        leads = self.leads.exists()
        live = leads.filtered(lambda lead: lead.type == 'opportunity' and lead.active)
        self.assertTrue(live)
        open_stays = self.env['crm.stage.history'].search([
            ('lead_id', 'in', leads.ids),
            ('left_at', '=', False),
        ])
        self.assertEqual(open_stays.lead_id, live)
        self.assertEqual(len(open_stays), len(live))
        for name in (
            'stage_id',
            'user_id',
            'team_id',
            'company_id',
            'expected_revenue',
            'quota_rate',
            'quota_amount',
        ):
            self.assertEqual(
                open_stays.mapped(lambda stay, name=name: (stay.lead_id, stay[name])),
                open_stays.mapped(lambda stay, name=name: (stay.lead_id, stay.lead_id[name])),
            )
        stays = self.env['crm.stage.history'].search(
            [('lead_ref', 'in', list(self.ledger.stays))], order='lead_ref, id'
        )
        wins = {
            (lead_id, number)
            for lead_id, group in stays.grouped('lead_ref').items()
            for number, stay in enumerate(group)
            if stay.is_win
        }
        self.assertEqual(wins, set(self.ledger.wins.items()), "Standing wins")
        self.assertFalse(stays.filtered(lambda stay: stay.is_win and stay.is_loss))
        self._check_won_amounts(live)

    def _check_won_amounts(self, live):
        """Check the amounts of wins, and those of wins with their corrections."""
        corrections = self.env['crm.win.correction'].search([])
        self.assertTrue(corrections)
        for lead in live.filtered('stage_id.is_won'):
            win = lead.stage_history_ids.filtered('is_win')
            of_win = corrections.filtered(lambda correction, win=win: correction.stay_id == win)
            self.assertEqual(win.won_amount, self.ledger.won_amounts[lead.id])
            self.assertEqual(win.won_amount + sum(of_win.mapped('amount')), lead.expected_revenue)
        losses = self.env['crm.stage.history'].search([
            ('lead_ref', 'in', list(self.ledger.stays)),
            ('is_loss', '=', True),
        ])
        # what was deleted after it was lost, has been lost; what was merged is a duplicate
        lost_ids = {
            lead_id
            for lead_id, stays in self.ledger.stays.items()
            if stays
            and stays[-1]['exit_kind'] == 'lost'
            and self.ledger.states[lead_id][0] != 'merged'
        }
        self.assertTrue(lost_ids)
        self.assertEqual(sorted(losses.mapped('lead_ref')), sorted(lost_ids), "Standing losses")

    def _check_balance(self):
        """Check that open at start + entered = left + open at end, in the model and in the database."""
        begin = datetime(2026, 1, 5)
        span = int((self.now - begin).total_seconds())
        History = self.env['crm.stage.history']
        ours = [('lead_ref', 'in', list(self.ledger.stays))]
        everything = [stay for stays in self.ledger.stays.values() for stay in stays]
        for _number in range(50):
            start, end = sorted(
                begin + timedelta(seconds=self.random.randrange(span)) for _side in range(2)
            )
            stages = set(self.random.sample(self.stages.ids, 3))
            users = set(self.random.sample([*self.users.ids, False], 2))
            group = [*ours, ('stage_id', 'in', list(stages)), ('user_id', 'in', list(users))]
            parts = {
                'start': [('entered_at', '<', start), *self._not_left(start)],
                'entered': [('entered_at', '>=', start), ('entered_at', '<', end)],
                'left': [('left_at', '>=', start), ('left_at', '<', end)],
                'end': [('entered_at', '<', end), *self._not_left(end)],
            }
            figures = {
                name: History._read_group([*group, *part], [], ['__count', 'quota_amount:sum'])[0]
                for name, part in parts.items()
            }
            for position in range(2):
                self.assertAlmostEqual(
                    figures['start'][position] + figures['entered'][position],
                    figures['left'][position] + figures['end'][position],
                )
            mine = [s for s in everything if s['stage_id'] in stages and s['user_id'] in users]
            self.assertEqual(
                {name: count for name, (count, _amount) in figures.items()},
                {
                    'start': sum(
                        s['entered_at'] < start and not (s['left_at'] and s['left_at'] < start)
                        for s in mine
                    ),
                    'entered': sum(start <= s['entered_at'] < end for s in mine),
                    'left': sum(bool(s['left_at']) and start <= s['left_at'] < end for s in mine),
                    'end': sum(
                        s['entered_at'] < end and not (s['left_at'] and s['left_at'] < end)
                        for s in mine
                    ),
                },
            )

    @staticmethod
    def _not_left(moment):
        return ['|', ('left_at', '=', False), ('left_at', '>=', moment)]
