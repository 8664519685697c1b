"""Measure the communication report of a week and a year against stock's report of activities."""

from dateutil.relativedelta import relativedelta

from .measure import Measure


def period(env, **length):
    """Return the last days of the data, up to the day of seeding."""
    env.cr.execute("SELECT max(date_last_stage_update) FROM crm_lead")
    [last] = env.cr.fetchone()
    return [('date', '>=', last - relativedelta(**length))]


def report(model, person, aggregates, **length):
    """Load the pivot by salesperson × stage as the web client does."""
    sets = [[], [person], ['stage_id'], [person, 'stage_id']]

    def work(env, stopwatch):
        domain = period(env, **length) if length else []
        with stopwatch():
            env[model].formatted_read_grouping_sets(domain, sets, aggregates)

    return work


def activities(**length):
    return report('crm.activity.report', 'author_id', ['__count'], **length)


def communications(*aggregates, **length):
    aggregates = ['__count', *aggregates]
    return report('crm.communication.report', 'user_id', aggregates, **length)


CONTACTS = ('contact_count:sum', 'touched_customer_ref:count_distinct')


def last_rows(model):
    def work(env, stopwatch):
        with stopwatch():
            env[model].search_fetch(
                [], ['date', 'stage_id', 'lead_id'], limit=80, order='date desc'
            )

    return work


MEASURES = (
    Measure(
        "communications of a week, by person × stage",
        stock=activities(weeks=1),
        addon=communications(weeks=1),
        goal=0.25,
    ),
    Measure(
        "communications of a week, its pivot as it opens",
        stock=activities(weeks=1),
        addon=communications(*CONTACTS, weeks=1),
        goal=0.25,
    ),
    Measure(
        "communications of a week, with coverage",
        stock=activities(weeks=1),
        addon=communications(*CONTACTS, 'coverage:avg', weeks=1),
    ),
    Measure(
        "communications of a year (stock: of all time)",
        stock=activities(),
        addon=communications(years=1),
        goal=2,
    ),
    Measure(
        "communications of a year, pivot (stock: all time)",
        stock=activities(),
        addon=communications(*CONTACTS, years=1),
    ),
    Measure(
        "the last 80 communications",
        stock=last_rows('crm.activity.report'),
        addon=last_rows('crm.communication.report'),
    ),
)
