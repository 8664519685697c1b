"""The opportunities of the pipeline in Odoo, with their real dates."""

from datetime import timedelta
from statistics import median

from odoo.tools import SQL

from . import past
from .rows import ENGAGING, LOST, WON, at_noon, opportunity_name

BATCH = 1000

# nothing is sent, nobody follows, and no chatter line is written as if it had happened today
QUIET = {
    'tracking_disable': True,
    'mail_create_nolog': True,
    'mail_create_nosubscribe': True,
    'mail_auto_subscribe_no_notify': True,
    'no_reset_password': True,
}


def typical_days_to_win(folder):
    """The median days from engaging a customer to winning; None without any won row."""
    days = [
        (row.close_date - row.engage_date).days
        for row in folder.opportunities.values()
        if row.stage == WON
    ]
    return round(median(days)) if days else None


class OpportunityLoader:
    """Creates the opportunities that are not there yet, batch by batch.

    `records` has what the rows name: users, teams (by salesperson), customers, tags, stages
    and the lost reason.
    """

    def __init__(self, folder, records, company):
        self.records = records
        self.company = company
        self.days_to_win = typical_days_to_win(folder)

    def values(self, row):
        """The values of one row, won and lost as Odoo means them."""
        records = self.records
        engaged, closed = at_noon(row.engage_date), at_noon(row.close_date)
        # lost is no stage in Odoo: such an opportunity stays in the stage in which it was lost
        stage = records.stages[ENGAGING if row.stage == LOST else row.stage]
        values = {
            'type': 'opportunity',
            'name': ' - '.join(filter(None, [row.product, row.account])),
            'user_id': records.users[row.salesperson].id,
            'team_id': records.teams[row.salesperson].id,
            'company_id': self.company.id,
            'partner_id': records.customers[row.account].id if row.account else False,
            'tag_ids': records.tags[row.product].ids,
            'stage_id': stage.id,
            'expected_revenue': row.amount,
        }
        if engaged:
            # assigned and taken for an opportunity on the day on which it was engaged
            values['date_open'] = values['date_conversion'] = engaged
            values['date_last_stage_update'] = closed if row.stage == WON else engaged
        if row.stage == WON:
            values.update(probability=100, automated_probability=100, date_closed=closed)
        elif row.stage == LOST:
            values.update(
                active=False,
                probability=0,
                automated_probability=0,
                date_closed=closed,
                lost_reason_id=records.lost_reason.id,
            )
        elif row.stage == ENGAGING and self.days_to_win is not None:
            values['date_deadline'] = row.engage_date + timedelta(days=self.days_to_win)
        return values

    def create(self, env, rows, external_ids):
        """Create one batch, whole or (if this transaction fails) not at all."""
        leads = env['crm.lead'].create([self.values(row) for row in rows])
        backdate(env, leads, rows)
        past.tell(env, leads, rows, self.records.stages)
        external_ids.give({
            opportunity_name(row): lead for row, lead in zip(rows, leads, strict=True)
        })
        env.flush_all()


def backdate(env, leads, rows):
    """Make the engage date the day of creation.

    The one thing that Odoo's models refuse (`create_date` is set by the ORM alone), and
    reports on sales cycles and cohorts would be meaningless without it. Hence SQL, in one
    statement; what Odoo computes from it is then computed again by Odoo.
    """
    dated = [
        (lead.id, at_noon(row.engage_date))
        for lead, row in zip(leads, rows, strict=True)
        if row.engage_date
    ]
    if not dated:
        return
    env.flush_all()
    lead_ids, dates = map(list, zip(*dated, strict=True))
    env.execute_query(
        SQL(
            """
        UPDATE crm_lead SET create_date = dated.day
          FROM unnest(%s::int[], %s::timestamp[]) AS dated(id, day)
         WHERE crm_lead.id = dated.id
        RETURNING crm_lead.id
        """,
            lead_ids,
            dates,
        )
    )
    dated_leads = env['crm.lead'].browse(lead_ids)
    dated_leads.invalidate_recordset(['create_date'], flush=False)
    dated_leads.modified(['create_date'])


def count_opportunities(env):
    """All opportunities and leads of the database, lost and archived ones too."""
    return env['crm.lead'].with_context(active_test=False).search_count([])


def let_scoring_learn(env, folder):
    """Have Odoo's predictive scoring learn from all of the pipeline.

    It ignores what was created before a date that Odoo sets to the time of its installation:
    every opportunity of the file. Returns the new date, if there is one.
    """
    days = [row.engage_date for row in folder.opportunities.values() if row.engage_date]
    if not days:
        return None
    env['ir.config_parameter'].set_param('crm.pls_start_date', str(min(days)))
    return min(days)
