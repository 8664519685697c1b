"""Send the weekly digest of communications.

It shows the contacts by salesperson and stage, and the customers whom nobody contacted. It is made with the
rights of its reader, in their language, time zone and calendar week.
"""

from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date
from odoo.tools.misc import get_lang

from ...base.exclusive_job import exclusive_job
from ...customer.key import get_customer_key

SILENT_DAYS = 28
SILENT_CUSTOMERS_SHOWN = 10
# Columns of the digest: a kind, with its direction for e-mails
DIGEST_COLUMNS = ('call', 'visit', 'meeting', 'email out', 'email in', 'other')


class ResUsers(models.Model):
    _inherit = 'res.users'

    communication_digest = fields.Boolean(
        string="Weekly Communications Digest",
        help="At the beginning of each week, an e-mail says who contacted how many customers in the "
        "week before, by stage and kind, and which customers nobody has contacted for four weeks.",
    )
    communication_digest_week = fields.Date(
        string="Last Digest of the Week From",
        readonly=True,
        system=True,
        copy=False,
        help="First day of the week that the last communications digest was about. Each week is sent "
        "once.",
    )

    # === CRON METHODS === #

    @api.model
    @exclusive_job
    def _cron_send_communication_digests(self):
        """Send the digests that are due.

        The action runs several times a day, since a week begins at another hour for each reader.
        """
        readers = self._get_communication_digest_readers()
        remaining = len(readers)
        self.env['ir.cron']._commit_progress(remaining=remaining)
        for reader in readers:
            # Each digest is committed with its mark, so that an interruption sends none twice.
            if reader.try_lock_for_update():
                reader._send_communication_digest()
            remaining -= 1
            if not self.env['ir.cron']._commit_progress(1, remaining=remaining):
                break

    @api.model
    def _get_communication_digest_readers(self):
        """Return the subscribers who have not got the digest this week."""
        return self._get_subscribers('communication_digest').filtered(
            lambda reader: (
                not reader.communication_digest_week
                or reader.communication_digest_week < reader._get_last_week()[0]
            )
        )

    # === BUSINESS METHODS === #

    def _send_communication_digest(self):
        """Put the digest of last week into the mail queue, and note that it is sent."""
        self.ensure_one()
        template = self.env.ref(
            'sales_funnel_mgmt.mail_template_communication_digest', raise_if_not_found=False
        )
        first_day, _last_day = self._get_last_week()
        if template:
            template.with_context(digest=self._get_communication_digest()).send_mail(self.id)
        self.communication_digest_week = first_day

    def _get_last_week(self):
        """Return the first and the last day of the user's last whole week."""
        today = self._get_local_today()
        week_start = int(get_lang(self.env, self.lang).week_start) - 1
        first_day = today - timedelta(days=(today.weekday() - week_start) % 7 + 7)
        return first_day, first_day + timedelta(days=6)

    def _get_communication_digest(self):
        """Return what the template shows, with the rights, language and time zone of the reader.

        :rtype: dict
        """
        self.ensure_one()
        reader = self.with_user(self).with_context(
            lang=self.lang, tz=self.tz, allowed_company_ids=self.company_ids.ids
        )
        first_day, last_day = self._get_last_week()
        domain = [
            # The domain takes dates as midnight in the reader's time zone
            ('date', '>=', first_day),
            ('date', '<', last_day + timedelta(days=1)),
            ('kind', '!=', 'task'),
        ]
        by_user, by_stage, by_kind = reader.env['crm.communication.report']._read_grouping_sets(
            domain,
            [['user_id'], ['user_id', 'stage_id'], ['user_id', 'kind', 'direction']],
            ['contact_count:sum', 'touched_customer_ref:count_distinct'],
        )
        contacts = {user: (count, touched) for user, count, touched in by_user}
        cells = {(user, stage): count for user, stage, count, _touched in by_stage}
        kinds = {}
        for user, kind, direction, count, _touched in by_kind:
            column = f'{kind} {direction}' if kind == 'email' else kind
            key = (user, column if column in DIGEST_COLUMNS else 'other')
            kinds[key] = kinds.get(key, 0) + count
        owned, silent = reader._get_silent_customers()
        users = self.browse({user.id for user in contacts} | set(owned))
        # In sudo mode: the names and order of stages and users, which everybody sees in the report
        stages_sudo = (
            reader.env['crm.stage'].sudo().union(*(stage for _user, stage in cells)).sorted()
        )
        people = [
            {
                'name': user_sudo.name,
                'stages': [cells.get((user, stage), 0) for stage in stages_sudo.sudo(False)],
                'kinds': [kinds.get((user, column), 0) for column in DIGEST_COLUMNS],
                'contacts': contacts.get(user, (0, 0))[0],
                'touched': contacts.get(user, (0, 0))[1],
                'owned': owned.get(user.id, (0, 0))[0],
                'silent': owned.get(user.id, (0, 0))[1],
            }
            for user_sudo in users.sudo().sorted('name')
            for user in user_sudo.with_env(reader.env)
        ]
        return {
            'first_day': format_date(reader.env, first_day),
            'last_day': format_date(reader.env, last_day),
            'stages': stages_sudo.mapped('name'),
            'people': people,
            'silent_days': SILENT_DAYS,
            'silent_customers': silent,
            'more_silent': sum(person['silent'] for person in people) - len(silent),
        }

    def _get_silent_customers(self):
        """Return who owns how many customers, and which of them nobody has contacted lately.

        Customers of open and won opportunities are owned, those of open ones are to be contacted.

        :return: By salesperson, the number of customers owned and of silent ones; and the silent
            customers with the largest expected revenue.
        :rtype: tuple[dict[int, tuple[int, int]], list[dict]]
        """
        since = fields.Datetime.now() - timedelta(days=SILENT_DAYS)
        # In sudo mode: whether somebody contacted the customer does not depend on who reads it.
        spoken = (
            self
            .env['crm.communication.report']
            .sudo()
            ._search([('date', '>=', since), ('contact_count', '=', 1)])
        )
        leads = self.env['crm.lead']._search(
            Domain('type', '=', 'opportunity') & Domain('user_id', '!=', False)
        )
        customers = SQL(
            """
            WITH customer AS (
                SELECT lead.user_id,
                       %(customer_key)s AS ref,
                       SUM(lead.expected_revenue) FILTER (WHERE lead.won_status = 'pending')
                           AS revenue,
                       COUNT(*) FILTER (WHERE lead.won_status = 'pending') AS lead_count
                  FROM crm_lead lead
                 WHERE lead.id IN %(leads)s
              GROUP BY 1, 2
            ),
            owned AS (
                SELECT customer.*,
                       lead_count > 0 AND ref NOT IN %(spoken)s AS is_silent
                  FROM customer
            )
            """,
            customer_key=get_customer_key('lead'),
            leads=leads.subselect(),
            spoken=spoken.subselect(SQL.identifier(spoken.table, 'customer_ref')),
        )
        counts = self.env.execute_query(
            SQL(
                "%s SELECT user_id, COUNT(*), COUNT(*) FILTER (WHERE is_silent) FROM owned"
                " GROUP BY user_id",
                customers,
            )
        )
        silent = self.env.execute_query(
            SQL(
                "%s SELECT ref, user_id, lead_count FROM owned WHERE is_silent"
                " ORDER BY revenue DESC NULLS LAST, ref LIMIT %s",
                customers,
                SILENT_CUSTOMERS_SHOWN,
            )
        )
        return (
            {user_id: (owned, silent_count) for user_id, owned, silent_count in counts},
            self._prepare_silent_customers(silent),
        )

    def _prepare_silent_customers(self, rows):
        """Return rows of (customer or negative lead, salesperson, number of opportunities) in words."""
        refs = [ref for ref, _user_id, _count in rows]
        last_contacts = dict(
            self
            .env['crm.communication.report']
            .sudo()
            ._read_group(
                Domain('contact_count', '=', 1)
                & (
                    Domain('customer_id', 'in', [ref for ref in refs if ref > 0])
                    | Domain('lead_id', 'in', [-ref for ref in refs if ref < 0])
                ),
                ['customer_ref'],
                ['date:max'],
            )
        )
        # In sudo mode: the reader may read the opportunities, whose customers and salespeople these are.
        partners_sudo = self.env['res.partner'].sudo()
        leads_sudo = self.env['crm.lead'].sudo()
        users_sudo = self.env['res.users'].sudo()
        return [
            {
                'name': (
                    partners_sudo.browse(ref) if ref > 0 else leads_sudo.browse(-ref)
                ).display_name,
                'salesperson': users_sudo.browse(user_id).name,
                'opportunities': count,
                'last_contact': format_date(self.env, last_contacts.get(ref)),
            }
            for ref, user_id, count in rows
        ]
