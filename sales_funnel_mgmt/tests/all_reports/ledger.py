"""Keep the books of opportunities in plain Python, by the rules of the documentation alone.

The ledger is told what happens, and what Odoo itself says of each opportunity: stage, salesperson,
expected revenue. It derives what the addon adds: stays, wins, corrections, quota amounts, contacts.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timezone
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

# The ends of stays that lead nowhere
CLOSED = ('lost', 'archived')


class Lead(NamedTuple):
    """What Odoo says of a lead or an opportunity; False: it has none."""

    type: str
    active: bool
    is_lost: bool
    stage: int | bool
    user: int | bool
    team: int | bool
    company: int | bool
    revenue: float
    customer: int | bool
    deadline: date | bool

    @property
    def status(self):
        """'open', 'lost' or 'archived'; None for a lead."""
        if self.type != 'opportunity':
            return None
        if self.active:
            return 'open'
        return 'lost' if self.is_lost else 'archived'

    @property
    def place(self):
        """What a stay is of: it ends when one of these changes."""
        return self.stage, self.user, self.team, self.company


class Stage(NamedTuple):
    """A stage, as it is set up."""

    sequence: int
    id: int
    is_won: bool
    rate: float
    days_allowed: int
    teams: frozenset

    def is_of(self, team):
        return not self.teams or team in self.teams


class Company(NamedTuple):
    """A company: its currency and its days."""

    decimals: int
    zone: str

    def midnight(self, day):
        """The moment (UTC) at which a day begins."""
        local = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(self.zone))
        return local.astimezone(timezone.utc).replace(tzinfo=None)

    def day(self, moment):
        return moment.replace(tzinfo=timezone.utc).astimezone(ZoneInfo(self.zone)).date()


@dataclass
class Stay:
    """One uninterrupted time of one opportunity in one stage with one salesperson."""

    lead: int
    stage: int | bool
    user: int | bool
    team: int | bool
    company: int | bool
    entered: datetime
    entry_kind: str
    change_kind: str
    by: int
    started: datetime
    stage_entered: datetime
    previous: 'Stay | None'
    # when the opportunity had entered the stage that it left for this one
    left_stage_entered: datetime | None
    handover: int | bool
    revenue: float = 0
    quota_amount: float = 0
    left: datetime | None = None
    left_by: int | bool = False
    exit_kind: str | bool = False
    is_left_by_winning: bool = False

    def is_open_at(self, moment):
        return self.entered < moment and (self.left is None or self.left >= moment)


class Correction(NamedTuple):
    """What a win has come to after its day."""

    date: datetime
    amount: float


@dataclass
class Win:
    """A win that stands."""

    stay: Stay
    amount: float
    # what the last correction has brought it to
    current: float
    counts_at: datetime
    corrections: list = field(default_factory=list)


class Contact(NamedTuple):
    """A communication, with what the opportunity was at that time."""

    date: datetime
    kind: str
    direction: str
    by: int
    lead: int
    place: tuple


class Ledger:
    """All books. The figures of the reports are in `reports`."""

    def __init__(self, stages, companies, homes, users):
        self.stages = {stage.id: stage for stage in stages}
        self.deleted_stages = set()
        self.companies = companies
        # company of each salesperson
        self.homes = homes
        self.users = set(users)
        self.archived_users = set()
        self.rates = {}
        self.quotas = {}
        self.leads = {}
        self.own_rates = {}
        self.lead_rates = {}
        self.stays = {}
        self.started = {}
        self.wins = {}
        self.gone = {}
        self.contacts = []

    # === What happens === #

    def observe(self, now, by, leads, gone_as=None, handover=False):
        """Note what Odoo says of all leads after a change.

        :param dict leads: `Lead` by ID, of all that exist.
        :param str gone_as: 'merged' or 'deleted', of those that no longer exist.
        """
        for id_ in sorted(self.leads.keys() - leads.keys()):
            self._go(id_, now, by, gone_as)
        for id_, lead in sorted(leads.items()):
            if lead != self.leads.get(id_):
                self._change(id_, lead, now, by, handover)
        self.leads = dict(leads)

    def merge_into(self, survivor, merged):
        """The communications of all belong to the remaining opportunity."""
        self.contacts = [
            contact._replace(lead=survivor) if contact.lead in merged else contact
            for contact in self.contacts
        ]

    def give_own_rate(self, id_, rate):
        self.own_rates[id_] = rate
        self._update_amounts(id_, self.leads[id_])

    def set_rate(self, key, rate):
        """:param key: (stage, 'stage' | 'team' | 'customer', ID | None, company)."""
        stage, kind, *_target = key
        if kind == 'stage':
            self.stages[stage] = self.stages[stage]._replace(rate=rate)
        else:
            self.rates[key] = rate
        for id_, lead in self.leads.items():
            self._update_amounts(id_, lead)

    def set_quota(self, user, team, company, month, amount):
        self.quotas[user, company, month, None if user else team] = (team, amount)

    def remove_quota(self, user, company, month):
        del self.quotas[user, company, month, None]

    def correct_day(self, id_, day, company):
        """Move the win of an opportunity to another day."""
        win = self.wins[id_]
        moment = self.companies[company].midnight(day)
        win.corrections += [
            Correction(win.counts_at, -win.amount),
            Correction(moment, win.amount),
        ]
        win.counts_at = moment

    def contact(self, now, by, id_, kind, direction='out'):
        lead = self.leads[id_]
        place = lead.place
        stays = self.stays.get(id_)
        if lead.status != 'open' and lead.type == 'opportunity' and stays:
            # after a loss, the last stage counts
            place = (stays[-1].stage, stays[-1].user, stays[-1].team, stays[-1].company)
        self.contacts.append(Contact(now, kind, direction, by, id_, place))

    def delete_stage(self, id_):
        self.deleted_stages.add(id_)
        del self.stages[id_]

    def delete_user(self, id_):
        self.users.discard(id_)

    # === The rules of stays === #

    def _change(self, id_, after, now, by, handover):
        before = self.leads.get(id_)
        stays = self.stays.setdefault(id_, [])
        if before and before.stage != after.stage:
            self.own_rates.pop(id_, None)
        if after.company:
            # an opportunity without a company belongs, with its past, to the one that it gets
            for stay in stays:
                stay.company = stay.company or after.company
            self._move_contacts(id_, after.company)
            if before and not before.company:
                before = before._replace(company=after.company)
        was, status = before and before.status, after.status
        if was == 'open' and (status != 'open' or before.place != after.place):
            kind = status or 'archived'
            if status == 'open':
                kind = self._kind_of_move(before, after)
            self._end(stays[-1], kind, now, by)
            stays[-1].is_left_by_winning = status == 'open' and self._is_win(before, after)
            if status == 'open':
                change = 'won' if stays[-1].is_left_by_winning else kind
                self._begin(id_, after, kind, change, now, by, handover)
        elif was != 'open' and status == 'open':
            self._enter(id_, after, now, by, handover)
        elif was in CLOSED and was != status:
            # archived first, marked lost later: it was lost
            stays[-1].exit_kind = status or 'archived'
        elif not was and status:
            self._enter(id_, after, now, by, handover)
            self._end(stays[-1], status, now, by)
        self._update_amounts(id_, after)
        self._judge_win(id_, before, after, now)

    def _enter(self, id_, after, now, by, handover):
        stays = self.stays[id_]
        self.started.setdefault(id_, now)
        last = stays[-1] if stays else None
        kind = 'reopened' if last else 'created'
        won_before = bool(last and last.stage in self.stages and self.stages[last.stage].is_won)
        change = 'won' if self._is_won(after.stage) and not won_before else kind
        self._begin(id_, after, kind, change, now, by, handover)

    def _go(self, id_, now, by, kind):
        stays = self.stays.get(id_)
        if stays and stays[-1].left is None:
            self._end(stays[-1], kind, now, by)
        if kind == 'merged':
            self.wins.pop(id_, None)
        else:
            self.contacts = [contact for contact in self.contacts if contact.lead != id_]
        self.gone[id_] = kind, self.leads[id_]

    def _begin(self, id_, lead, entry_kind, change_kind, now, by, handover):
        stays = self.stays[id_]
        last = stays[-1] if stays else None
        is_same_visit = last and last.stage == lead.stage
        stays.append(
            Stay(
                lead=id_,
                stage=lead.stage,
                user=lead.user,
                team=lead.team,
                company=lead.company,
                entered=now,
                entry_kind=entry_kind,
                change_kind=change_kind,
                by=by,
                started=self.started[id_],
                stage_entered=last.stage_entered if is_same_visit else now,
                previous=last,
                left_stage_entered=None
                if is_same_visit or not last or entry_kind == 'reopened'
                else last.stage_entered,
                handover=handover,
            )
        )

    @staticmethod
    def _end(stay, kind, now, by):
        stay.exit_kind, stay.left, stay.left_by = kind, now, by

    def _is_won(self, stage):
        return stage in self.stages and self.stages[stage].is_won

    def _is_win(self, before, after):
        return self._is_won(after.stage) and not self._is_won(before.stage)

    def _kind_of_move(self, before, after):
        if self._is_win(before, after):
            return 'advanced'
        if before.place[1:] != after.place[1:]:
            return 'handed_over'
        if self._is_won(before.stage) and not self._is_won(after.stage):
            return 'moved_back'
        return 'advanced' if self.stages[before.stage] < self.stages[after.stage] else 'moved_back'

    # === The rules of wins === #

    def _judge_win(self, id_, before, after, now):
        """One win stands at a time, until the opportunity is in another stage, lost or a lead."""
        win = self.wins.get(id_)
        if not self._is_won(after.stage) or after.status not in ('open', 'archived'):
            self.wins.pop(id_, None)
        elif after.status == 'open' and not win:
            self.wins[id_] = Win(
                self.stays[id_][-1], after.revenue, after.revenue, self.stays[id_][-1].entered
            )
        elif after.status == 'open' and win.current != after.revenue:
            win.corrections.append(Correction(now, after.revenue - win.current))
            win.current = after.revenue

    def get_outcome(self, id_):
        """'won', 'lost', 'open'; False for what was archived, merged, deleted or is a lead again."""
        stays = self.stays[id_]
        kind, lead = self.gone.get(id_, (None, None))
        if kind == 'merged':
            return False
        if id_ in self.wins:
            return 'won'
        if lead is None:
            lead = self.leads[id_]
        if lead.status == 'lost' and stays[-1].exit_kind == 'lost':
            return 'lost'
        return 'open' if not kind and lead.status == 'open' else False

    # === The rules of quota amounts === #

    def _update_amounts(self, id_, lead):
        """An open stay is worth what the opportunity is worth."""
        if lead.status != 'open':
            return
        self.lead_rates[id_] = self._find_rate(id_, lead)
        stay = self.stays[id_][-1]
        stay.revenue = lead.revenue
        stay.quota_amount = self.get_quota_amount(id_, lead)

    def get_quota_amount(self, id_, lead):
        amount = Decimal(str(lead.revenue)) * Decimal(str(self.lead_rates[id_])) / 100
        company = self.companies[lead.company or next(iter(self.companies))]
        return float(amount.quantize(Decimal(10) ** -company.decimals, ROUND_HALF_UP))

    def _find_rate(self, id_, lead):
        stage = self.stages[lead.stage]
        if stage.is_won:
            return 100
        if id_ in self.own_rates:
            return self.own_rates[id_]
        for key in (
            (lead.stage, 'customer', lead.customer, lead.company),
            (lead.stage, 'customer', lead.customer, False),
            (lead.stage, 'team', lead.team, False),
        ):
            if key[2] and key in self.rates:
                return self.rates[key]
        return stage.rate

    def _move_contacts(self, id_, company):
        self.contacts = [
            contact._replace(place=(*contact.place[:3], company))
            if contact.lead == id_ and not contact.place[3]
            else contact
            for contact in self.contacts
        ]

    # === What is left of what is gone === #

    def known_stage(self, id_):
        return id_ if id_ in self.stages else False

    def known_user(self, id_):
        return id_ if id_ in self.users else False
