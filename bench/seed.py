"""Fill a database that has only crm with a sales pipeline, in SQL.

The same size gives the same data on each machine, except the dates: two years up to the day of
seeding. The model is the real pipeline that `./dev load` takes: about 45 % won, 25 % lost, 30 % open,
log-normal amounts, different numbers of opportunities per salesperson, 1.27 stage moves (chatter
messages with tracking values) and two communications (e-mails, done activities, meetings) each.
"""

from odoo.fields import Command
from odoo.tools import SQL

from .databases import SEED_KEY

# version of the data: increase it to have existing databases seeded again
VERSION = 2
LEADS_PER_CUSTOMER = 8
SALESPEOPLE_PER_TEAM = 10
DAYS = 730
# Seeded records notify no user.
QUIET = {
    'tracking_disable': True,
    'mail_create_nolog': True,
    'mail_create_nosubscribe': True,
    'mail_auto_subscribe_no_notify': True,
    'no_reset_password': True,
}


def mark(leads, salespeople):
    return f'{leads} opportunities, {salespeople} salespeople, version {VERSION}'


def seed(env, leads, salespeople):
    """Seed all data, then the mark of a complete database."""
    users, teams = create_people(env, salespeople)
    env.flush_all()
    env.cr.execute("SELECT setseed(0.25)")
    create_customers(env, leads // LEADS_PER_CUSTOMER)
    create_leads(env, leads, users, teams)
    create_stage_moves(env)
    create_communications(env)
    env['ir.config_parameter'].set_param(SEED_KEY, mark(leads, salespeople))


def create_people(env, count):
    """Create salespeople and teams by the ORM: they are few, and need access rights."""
    teams = (
        env['crm.team']
        .with_context(**QUIET)
        .create([
            {'name': f'Team {number}', 'company_id': env.company.id}
            for number in range(1, max(1, count // SALESPEOPLE_PER_TEAM) + 1)
        ])
    )
    groups = env.ref('base.group_user') + env.ref('sales_team.group_sale_salesman')
    users = (
        env['res.users']
        .with_context(**QUIET)
        .create([
            {
                'name': f'Salesperson {number:03}',
                'login': f'salesperson{number:03}',
                'email': f'salesperson{number:03}@example.com',
                'group_ids': [Command.set(groups.ids)],
            }
            for number in range(1, count + 1)
        ])
    )
    teams_of_users = [teams[number % len(teams)] for number in range(count)]
    env['crm.team.member'].with_context(**QUIET).create([
        {'user_id': user.id, 'crm_team_id': team.id}
        for user, team in zip(users, teams_of_users, strict=True)
    ])
    return users, teams_of_users


def create_customers(env, count):
    env.cr.execute(
        SQL(
            """
        INSERT INTO res_partner (
               id, commercial_partner_id, name, complete_name, commercial_company_name,
               is_company, active, type, lang, color, partner_share,
               create_uid, write_uid, create_date, write_date)
        SELECT id, id, name, name, name,
               TRUE, TRUE, 'contact', 'en_US', 0, TRUE, 1, 1, now(), now()
          FROM (
                SELECT nextval('res_partner_id_seq') AS id, 'Bench Customer ' || n AS name
                  FROM generate_series(1, %s) AS n
               ) AS customer
        """,
            count,
        )
    )


def create_leads(env, count, users, teams):
    """Create opportunities. Open and lost ones are in the open stages, by 5 : 3 : 2."""
    stages = env['crm.stage'].search([('is_won', '=', False)], limit=3).ids
    if len(stages) != 3:
        raise ValueError("The benchmark's pipeline needs three open stages")
    env.cr.execute(
        SQL(
            """
        CREATE TEMPORARY TABLE bench_customer ON COMMIT DROP AS
        SELECT row_number() OVER (ORDER BY id) AS n, id, name
          FROM res_partner WHERE name LIKE 'Bench Customer %%'
        """
        )
    )
    env.cr.execute("ALTER TABLE bench_customer ADD PRIMARY KEY (n)")
    env.cr.execute(
        SQL(
            """
        WITH dice AS MATERIALIZED (
            SELECT n,
                   random() AS outcome, random() AS stage, random() AS owner, random() AS customer,
                   random() AS age, random() AS duration, random() AS hour,
                   sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random()) AS normal
              FROM generate_series(1, %(count)s) AS n
        ),
        lead AS (
            SELECT n,
                   CASE WHEN outcome < 0.45 THEN 'won' WHEN outcome < 0.70 THEN 'lost'
                        ELSE 'pending' END AS status,
                   (CASE WHEN outcome < 0.45 THEN %(won)s
                         WHEN stage < 0.5 THEN (%(stages)s::int[])[1]
                         WHEN stage < 0.8 THEN (%(stages)s::int[])[2]
                         ELSE (%(stages)s::int[])[3] END) AS stage_id,
                   1 + floor(%(people)s * owner ^ 1.3)::int AS person,
                   1 + floor(%(customers)s * customer)::int AS customer,
                   round(exp(9 + 1.2 * normal)::numeric, 2) AS revenue,
                   created,
                   least(created + duration * interval '138 days', %(today)s) AS moved
              FROM dice,
           LATERAL (
                SELECT %(today)s - age * %(days)s * interval '1 day'
                       - hour * interval '1 hour' AS created
                   ) AS dated
        )
        INSERT INTO crm_lead (
               name, type, active, priority, color, user_id, team_id, company_id, partner_id,
               partner_name, stage_id, won_status, probability, automated_probability,
               expected_revenue, prorated_revenue, lost_reason_id,
               recurring_revenue, recurring_revenue_monthly,
               recurring_revenue_monthly_prorated, recurring_revenue_prorated,
               create_date, write_date, date_open, date_conversion, date_last_stage_update,
               date_closed, day_open, day_close, date_deadline, create_uid, write_uid)
        SELECT 'Opportunity ' || lead.n, 'opportunity', status <> 'lost', '0', 0,
               (%(users)s::int[])[person], (%(teams)s::int[])[person], %(company)s, customer.id,
               customer.name, stage_id, status, chance, chance,
               revenue, round(revenue * chance::numeric / 100, 2),
               CASE WHEN status = 'lost' THEN %(reason)s END,
               0, 0, 0, 0,
               created, moved, created, created, moved,
               CASE WHEN status <> 'pending' THEN moved END,
               0,
               CASE WHEN status <> 'pending' THEN extract(day FROM moved - created) END,
               CASE WHEN status = 'pending' THEN moved::date + 60 END,
               1, 1
          FROM lead
          JOIN bench_customer AS customer ON customer.n = lead.customer,
       LATERAL (
            SELECT CASE status WHEN 'won' THEN 100.0 WHEN 'lost' THEN 0.0 ELSE 30.0 END AS chance
               ) AS scored
      ORDER BY created
        """,
            count=count,
            won=env['crm.stage'].search([('is_won', '=', True)], limit=1).id,
            stages=stages,
            users=users.ids,
            teams=[team.id for team in teams],
            people=len(users),
            customers=count // LEADS_PER_CUSTOMER,
            company=env.company.id,
            reason=env['crm.lost.reason'].search([], limit=1).id or None,
            today=env.cr.now().replace(hour=0, minute=0, second=0, microsecond=0),
            days=DAYS,
        )
    )


def create_stage_moves(env):
    """Create the messages and tracking values of the stage changes of each opportunity.

    Open and lost opportunities have passed all stages up to their own. Of the won ones, 30 % were won
    from the first stage, 45 % from the second and 25 % from the third. The last move is at the last
    stage update, the others are spread evenly before it.
    """
    stages = env['crm.stage'].search([('is_won', '=', False)], limit=3)
    path = stages + env['crm.stage'].search([('is_won', '=', True)], limit=1)
    moved, won = env.ref('crm.mt_lead_stage').id, env.ref('crm.mt_lead_won').id
    env.cr.execute(
        SQL(
            """
        CREATE TEMPORARY TABLE bench_move ON COMMIT DROP AS
        WITH route AS (
            SELECT lead.id AS lead_id, lead.create_date AS created, lead.create_uid,
                   lead.date_last_stage_update AS moved, lead.won_status = 'won' AS is_won,
                   owner.partner_id AS author_id, lead.company_id, lead.user_id,
                   CASE WHEN lead.won_status <> 'won'
                        THEN array_position(%(path)s::int[], lead.stage_id) - 1
                        WHEN dice.value < 0.30 THEN 1 WHEN dice.value < 0.75 THEN 2 ELSE 3
                   END AS moves
              FROM (SELECT * FROM crm_lead ORDER BY id) AS lead
              JOIN res_users AS owner ON owner.id = lead.user_id,
           LATERAL (
                SELECT abs(hashint4(lead.id)::bigint) %% 1000 / 1000.0 AS value
                   ) AS dice
        )
        SELECT nextval('mail_message_id_seq') AS message_id, lead_id, author_id, user_id,
               company_id,
               (%(path)s::int[])[step] AS old_stage,
               CASE WHEN is_won AND step = moves THEN 4 ELSE step + 1 END AS new_position,
               created + (moved - created) * step / moves AS at
          FROM route, generate_series(1, moves) AS step
        """,
            path=path.ids,
        )
    )
    env.cr.execute(
        SQL(
            """
        INSERT INTO mail_message (
               id, model, res_id, message_type, subtype_id, author_id, record_company_id,
               email_from, message_id, body, is_internal, reply_to_force_new,
               email_add_signature, date, create_date, write_date, create_uid, write_uid)
        SELECT move.message_id, 'crm.lead', lead_id, 'notification',
               CASE WHEN new_position = 4 THEN %(won)s ELSE %(moved)s END, author_id, company_id,
               'salesperson@example.com', '<bench-' || message_id || '@example.com>', '', TRUE,
               FALSE, TRUE, at, at, at, user_id, user_id
          FROM bench_move AS move
        """,
            won=won,
            moved=moved,
        )
    )
    names = [stage.name for stage in path]
    env.cr.execute(
        SQL(
            """
        INSERT INTO mail_tracking_value (
               field_id, mail_message_id, old_value_integer, new_value_integer,
               old_value_char, new_value_char, create_date, write_date, create_uid, write_uid)
        SELECT %(field)s, message_id, old_stage, (%(path)s::int[])[new_position],
               (%(names)s::text[])[array_position(%(path)s::int[], old_stage)],
               (%(names)s::text[])[new_position], at, at, user_id, user_id
          FROM bench_move
        """,
            field=env['ir.model.fields']._get('crm.lead', 'stage_id').id,
            path=path.ids,
            names=names,
        )
    )


def create_communications(env):
    """Create two past communications of each lead, in the ten weeks after its creation.

    40 % are calls and other done activities, 25 % e-mails to and 25 % e-mails from the customer, and
    10 % meetings. Half of the meetings were planned as activities.
    """
    types = [
        env.ref(f'mail.mail_activity_data_{name}').id
        for name in ('call', 'call', 'meeting', 'todo', 'email')
    ]
    env.cr.execute(
        SQL(
            """
        CREATE TEMPORARY TABLE bench_communication ON COMMIT DROP AS
        SELECT nextval('mail_message_id_seq') AS message_id,
               lead.id AS lead_id, lead.name, lead.user_id, lead.company_id, lead.partner_id,
               owner.partner_id AS author_id,
               CASE WHEN dice < 40 THEN 'activity' WHEN dice < 65 THEN 'out'
                    WHEN dice < 90 THEN 'in' WHEN dice < 95 THEN 'meeting'
                    ELSE 'planned' END AS source,
               CASE WHEN dice < 40 THEN (%(types)s::int[])[1 + dice %% 5]
                    ELSE %(meeting)s END AS type_id,
               at
          FROM (SELECT * FROM crm_lead ORDER BY id) AS lead
          JOIN res_users AS owner ON owner.id = lead.user_id,
       LATERAL (
                SELECT n, abs(hashint8(lead.id * 10 + n)::bigint) %% 100 AS dice
                  FROM generate_series(1, 2) AS n
               ) AS communication,
       LATERAL (
                SELECT date_trunc('second', lead.create_date + interval '69 days' * (
                    abs(hashint8(lead.id * 20 + n)::bigint) %% 10000) / 10000.0) AS at
               ) AS dated
         WHERE at < %(today)s
      ORDER BY at
        """,
            types=types,
            meeting=env.ref('mail.mail_activity_data_meeting').id,
            today=env.cr.now().replace(hour=0, minute=0, second=0, microsecond=0),
        )
    )
    env.cr.execute(
        SQL(
            """
        INSERT INTO mail_message (
               id, model, res_id, message_type, subtype_id, mail_activity_type_id, author_id,
               record_company_id, email_from, message_id, body, is_internal, reply_to_force_new,
               email_add_signature, date, create_date, write_date, create_uid, write_uid)
        SELECT message_id, 'crm.lead', lead_id,
               CASE source WHEN 'out' THEN 'comment' WHEN 'in' THEN 'email' ELSE 'notification' END,
               CASE WHEN source IN ('out', 'in') THEN %(comment)s ELSE %(done)s END,
               CASE WHEN source NOT IN ('out', 'in') THEN type_id END,
               CASE source WHEN 'in' THEN partner_id ELSE author_id END, company_id,
               'somebody@example.com', '<bench-' || message_id || '@example.com>',
               'Something that was said, in some sentences.', FALSE, FALSE, TRUE,
               at, at, at, user_id, user_id
          FROM bench_communication
         WHERE source <> 'meeting'
        """,
            comment=env.ref('mail.mt_comment').id,
            done=env.ref('mail.mt_activities').id,
        )
    )
    env.cr.execute(
        """
        INSERT INTO mail_notification (
               mail_message_id, res_partner_id, author_id, notification_type, notification_status,
               is_read, read_date)
        SELECT message_id, partner_id, author_id, 'email', 'sent', TRUE, at
          FROM bench_communication WHERE source = 'out'
        """
    )
    env.cr.execute(
        """
        INSERT INTO calendar_event (
               name, start, stop, duration, active, user_id, opportunity_id, res_model, res_id,
               show_as, privacy, create_date, write_date, create_uid, write_uid)
        SELECT name, at, at + interval '1 hour', 1, TRUE, user_id, lead_id, 'crm.lead', lead_id,
               'busy', 'public', at, at, user_id, user_id
          FROM bench_communication WHERE source IN ('meeting', 'planned')
        """
    )
    env.cr.execute(
        SQL(
            """
        INSERT INTO mail_activity (
               res_model_id, res_model, res_id, res_name, activity_type_id, user_id, date_deadline,
               date_done, active, calendar_event_id, create_date, write_date, create_uid, write_uid)
        SELECT %(model)s, 'crm.lead', lead_id, communication.name, type_id, communication.user_id, at::date,
               at::date, FALSE, event.id, at, at, communication.user_id, communication.user_id
          FROM bench_communication AS communication
     LEFT JOIN calendar_event AS event ON communication.source = 'planned'
           AND event.opportunity_id = communication.lead_id AND event.start = communication.at
         WHERE source IN ('activity', 'planned')
        """,
            model=env['ir.model']._get_id('crm.lead'),
        )
    )
