"""Say what each report must show, from the books of the ledger, by the documentation alone.

A report is a list of rows. A row has the names of the fields of the report, with IDs for records and
False for what is empty. An average leaves out what is None.
"""

from collections import defaultdict
from datetime import timedelta
from statistics import median

DAY = timedelta(days=1)
ENDS = ('lost', 'archived', 'merged', 'deleted')
MOVEMENTS = (
    'open_start',
    'entered',
    'advanced',
    'won',
    'moved_back',
    'handed_over',
    'lost',
    'archived',
    'merged',
    'deleted',
    'open_end',
)


class Reports:
    """The reports of a ledger at a moment."""

    def __init__(self, ledger, now):
        self.ledger = ledger
        self.now = now

    def _all_stays(self):
        return [stay for stays in self.ledger.stays.values() for stay in stays]

    def _of_stay(self, stay):
        lead = self.ledger.leads.get(stay.lead)
        known = self.ledger
        return {
            'lead_ref': stay.lead,
            'lead_id': stay.lead if lead else False,
            'customer_ref': (lead and lead.customer) or -stay.lead,
            'stage_id': known.known_stage(stay.stage),
            'user_id': known.known_user(stay.user),
            'team_id': stay.team,
            'company_id': stay.company,
            'expected_revenue': stay.revenue,
            'quota_amount': stay.quota_amount,
        }

    def _of_lead(self, id_, lead):
        return {
            'lead_ref': id_,
            'lead_id': id_,
            'customer_ref': lead.customer or -id_,
            'stage_id': lead.stage,
            'user_id': lead.user,
            'team_id': lead.team,
            'company_id': lead.company,
            'expected_revenue': lead.revenue,
        }

    def _open_leads(self):
        """The opportunities that are neither won, lost nor archived, with their stays."""
        return [
            (id_, lead, self.ledger.stays[id_][-1])
            for id_, lead in self.ledger.leads.items()
            if lead.status == 'open' and not self._is_won(lead.stage)
        ]

    def _is_won(self, stage):
        return stage in self.ledger.stages and self.ledger.stages[stage].is_won

    # === Stays === #

    def stage_history(self):
        wins = {id(win.stay): win for win in self.ledger.wins.values()}
        return [
            {
                **self._of_stay(stay),
                'previous_stage_id': stay.previous and self.ledger.known_stage(stay.previous.stage),
                'entered_at': stay.entered,
                'left_at': stay.left or False,
                'entry_kind': stay.entry_kind,
                'change_kind': stay.change_kind,
                'exit_kind': stay.exit_kind,
                'is_win': id(stay) in wins,
                'is_loss': stay is self.ledger.stays[stay.lead][-1]
                and self.ledger.get_outcome(stay.lead) == 'lost',
                'stage_entered_at': stay.stage_entered,
                'started_at': stay.started,
                'entered_by_id': self.ledger.known_user(stay.by),
                'left_by_id': self.ledger.known_user(stay.left_by),
            }
            for stay in self._all_stays()
        ]

    def stage_changes(self):
        rows = []
        for stay in self._all_stays():
            last = stay.previous
            left = stay.left_stage_entered
            rows.append({
                **self._of_stay(stay),
                'date': stay.entered,
                'kind': stay.change_kind,
                'previous_stage_id': self.ledger.known_stage(last.stage) if last else False,
                'previous_user_id': self.ledger.known_user(last.user) if last else False,
                'changed_by_id': self.ledger.known_user(stay.by),
                'days': (stay.entered - left) / DAY if left else None,
                'cycle_days': (stay.entered - stay.started) / DAY
                if stay.change_kind == 'won'
                else None,
            })
            if stay.exit_kind in ENDS:
                rows.append({
                    **self._of_stay(stay),
                    'date': stay.left,
                    'kind': stay.exit_kind,
                    'stage_id': False,
                    'previous_stage_id': self.ledger.known_stage(stay.stage),
                    'previous_user_id': self.ledger.known_user(stay.user),
                    'changed_by_id': self.ledger.known_user(stay.left_by),
                    'days': (stay.left - stay.stage_entered) / DAY,
                    'cycle_days': None,
                })
        return rows

    def _bounds(self, stay, first, last):
        """The moments between which the days of a period are: each company has its own midnight."""
        companies = self.ledger.companies
        company = companies[self._company(stay.company, stay.user) or next(iter(companies))]
        return company.midnight(first), company.midnight(last + DAY)

    def stage_flow(self, first, last):
        """The movements of a period, from one day to another."""
        rows = []
        for stay in self._all_stays():
            start, end = self._bounds(stay, first, last)
            if stay.entered >= end or (stay.left and stay.left < start):
                continue
            found = {'open_start' if stay.entered < start else 'entered'}
            has_left = stay.left and stay.left < end
            if not has_left:
                found.add('open_end')
            elif stay.exit_kind == 'advanced' and stay.is_left_by_winning:
                found.add('won')
            else:
                found.add(stay.exit_kind)
            rows.append({
                **self._of_stay(stay),
                **{name: int(name in found) for name in MOVEMENTS},
                **{f'{name}_amount': stay.revenue if name in found else 0 for name in MOVEMENTS},
                'exit_kind': stay.exit_kind,
                'stage_days': (stay.left - stay.stage_entered) / DAY
                if has_left and stay.exit_kind != 'handed_over' and not self._is_won(stay.stage)
                else None,
            })
        return rows

    def sales_cycle(self):
        rows = []
        for id_, stays in self.ledger.stays.items():
            outcome = self.ledger.get_outcome(id_)
            win = self.ledger.wins.get(id_)
            if not outcome:
                continue
            stay = win.stay if outcome == 'won' else stays[-1]
            rows.append({
                **self._of_stay(stay),
                'date': {'won': stay.entered, 'lost': stay.left, 'open': self.now}[outcome],
                'outcome': outcome,
                **{f'{name}_count': int(name == outcome) for name in ('open', 'won', 'lost')},
                'won_amount': win.amount if outcome == 'won' else 0,
                'cycle_days': (stay.entered - stay.started) / DAY if outcome == 'won' else None,
            })
        return rows

    def typical_days(self):
        """By stage: the median of all the days of won opportunities in it."""
        spent = defaultdict(lambda: defaultdict(timedelta))
        for id_ in self.ledger.wins:
            for stay in self.ledger.stays[id_]:
                if stay.left and stay.stage in self.ledger.stages:
                    spent[stay.stage][id_] += stay.left - stay.entered
        return {stage: median(leads.values()) / DAY for stage, leads in spent.items()}

    def stalled(self):
        typical = self.typical_days()
        rows = []
        for _id, lead, stay in self._open_leads():
            allowed = self.ledger.stages[lead.stage].days_allowed
            days = (self.now - stay.stage_entered) / DAY
            if days > allowed:
                rows.append({
                    **self._of_stay(stay),
                    'days': days,
                    'days_over': days - allowed,
                    'threshold_days': allowed,
                    'median_days': typical.get(lead.stage),
                })
        return rows

    def salesperson_changes(self):
        rows = []
        for stay in self._all_stays():
            last = stay.previous
            if not last or last.user == stay.user:
                continue
            kind = 'changed'
            if stay.handover:
                kind = 'handover'
            elif not last.user:
                kind = 'assigned'
            elif not stay.user:
                kind = 'removed'
            rows.append({
                **self._of_stay(stay),
                'date': stay.entered,
                'from_user_id': self.ledger.known_user(last.user),
                'to_user_id': self.ledger.known_user(stay.user),
                'changed_by_id': self.ledger.known_user(stay.by),
                'kind': kind,
                'handover_id': stay.handover,
                'number': 1,
            })
        return rows

    # === Quotas === #

    def quotas(self):
        rows = []
        for (user, company, month, _team), (team, amount) in self.ledger.quotas.items():
            rows.append({
                'kind': 'quota' if user else 'team_quota',
                'date': month,
                'user_id': self.ledger.known_user(user),
                'team_id': team,
                'company_id': company,
                'quota' if user else 'team_quota': amount,
            })
        for win in self.ledger.wins.values():
            rows.append({
                **self._of_win(win),
                'kind': 'won',
                'date': self._day_of_win(win, win.stay.entered),
                'actual': win.amount,
            })
            rows += [
                {
                    **self._of_win(win),
                    'kind': 'correction',
                    'date': self._day_of_win(win, correction.date),
                    'actual': correction.amount,
                }
                for correction in win.corrections
            ]
        for id_, lead, stay in self._open_leads():
            company = self._company(lead.company, lead.user)
            today = self._day(company, self.now)
            rows.append({
                **self._of_lead(id_, lead),
                'company_id': company,
                'kind': 'open',
                'date': lead.deadline and max(lead.deadline, today),
                'open_quota_amount': stay.quota_amount,
            })
        return rows

    def _company(self, company, user):
        """An opportunity without a company is the salesperson's."""
        return company or self.ledger.homes.get(user, False)

    def _of_win(self, win):
        return {
            **self._of_stay(win.stay),
            'company_id': self._company(win.stay.company, win.stay.user),
        }

    def _day_of_win(self, win, moment):
        return self._day(self._company(win.stay.company, win.stay.user), moment)

    def _day(self, company, moment):
        companies = self.ledger.companies
        return companies[company or next(iter(companies))].day(moment)

    # === Who holds what === #

    def workload(self):
        rows = []
        for id_, lead in self.ledger.leads.items():
            if lead.status != 'open':
                continue
            is_won = self._is_won(lead.stage)
            rows.append({
                **self._of_lead(id_, lead),
                'is_won': is_won,
                'holder': 'nobody'
                if not lead.user
                else 'archived'
                if lead.user in self.ledger.archived_users
                else 'active',
                'customer_count': lead.customer or -id_,
                'opportunity_count': 1,
                'quota_amount': self.ledger.stays[id_][-1].quota_amount,
                'won_customer_count': (lead.customer or -id_) if is_won else None,
                'won_revenue': lead.revenue if is_won else 0,
            })
        return rows

    def concentration(self):
        """A row for each salesperson, team and company."""
        customers = defaultdict(set)
        values = defaultdict(float)
        for row in self.workload():
            if row['is_won']:
                team = row['team_id'], row['company_id']
                for key in ((row['user_id'], *team), ('all', *team)):
                    customers[key].add(row['customer_count'])
                    values[key] += row['won_revenue']
        return [
            {
                'user_id': user,
                'team_id': team,
                'company_id': company,
                'won_customer_count': len(found),
                'won_revenue': values[user, team, company],
                'customer_share': 100 * len(found) / len(customers['all', team, company]),
            }
            for (user, team, company), found in customers.items()
            if user != 'all'
        ]

    # === Communications === #

    def communications(self):
        rows = []
        for contact in self.ledger.contacts:
            lead = self.ledger.leads[contact.lead]
            stage, user, team, company = contact.place
            customer = lead.customer or -contact.lead
            rows.append({
                'date': contact.date,
                'kind': contact.kind,
                'direction': contact.direction,
                'user_id': self.ledger.known_user(contact.by),
                'owner_id': self.ledger.known_user(user),
                'stage_id': self.ledger.known_stage(stage),
                'team_id': team,
                'company_id': company,
                'lead_id': contact.lead,
                'lead_ref': contact.lead,
                'contact_count': int(contact.kind != 'task'),
                'customer_ref': customer,
                'touched_customer_ref': customer
                if contact.kind != 'task' and contact.direction == 'out'
                else None,
            })
        return rows

    # === Funnel === #

    def funnel_now(self):
        stalled = {row['lead_ref'] for row in self.stalled()}
        return [
            {
                **self._of_stay(stay),
                'stage_days': (self.now - stay.stage_entered) / DAY,
                'stalled': stay.lead in stalled,
            }
            for _id, _lead, stay in self._open_leads()
        ]

    def open_at(self, day):
        """The opportunities that were open when a day began, for the comparison of *Now*."""
        return [
            self._of_stay(stay)
            for stay in self._all_stays()
            if stay.is_open_at(self._bounds(stay, day, day)[0]) and not self._is_won(stay.stage)
        ]

    def funnel_cohort(self, first, last):
        """A row for each stage that an opportunity that began in the period has reached."""
        rows = []
        for id_, stays in self.ledger.stays.items():
            if not stays:
                continue
            start, end = self._bounds(stays[0], first, last)
            if not start <= stays[0].started < end:
                continue
            if self.ledger.gone.get(id_, (None,))[0] == 'merged':
                continue
            outcome = self.ledger.get_outcome(id_)
            stages = self.ledger.stages
            been = {
                stay.stage
                for stay in stays
                if stay.stage in stages and (outcome == 'won' or not self._is_won(stay.stage))
            }
            furthest = max(been, key=stages.__getitem__, default=False)
            reached = [False]
            if furthest:
                reached = [
                    stage.id
                    for stage in stages.values()
                    if stage <= stages[furthest]
                    and (stage.id in been or stage.is_of(stays[0].team))
                ]
            rows += [
                {
                    **self._of_stay(stays[-1]),
                    'user_id': self.ledger.known_user(stays[0].user),
                    'team_id': stays[0].team,
                    'company_id': stays[0].company,
                    'stage_id': stage,
                    **{
                        name: int(outcome == key and stage == furthest)
                        for name, key in (
                            ('won', 'won'),
                            ('lost', 'lost'),
                            ('still_open', 'open'),
                            ('other', False),
                        )
                    },
                }
                for stage in reached
            ]
        return rows

    # === Rates === #

    def observed_win_rates(self):
        """By stage: (win rate in percent, cases)."""
        closed = defaultdict(dict)
        for id_, stays in self.ledger.stays.items():
            outcome = self.ledger.get_outcome(id_)
            if outcome in ('won', 'lost'):
                for stay in stays:
                    closed[stay.stage][id_] = outcome
        return {
            stage: (100 * [*leads.values()].count('won') / len(leads), len(leads))
            for stage, leads in closed.items()
            if stage in self.ledger.stages
        }
