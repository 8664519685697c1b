"""Define the monthly sales quotas of salespeople and teams."""

from odoo import api, fields, models
from odoo.exceptions import MissingError, UserError, ValidationError
from odoo.tools import SQL, format_date

from ..base.arguments import check_one, get_amount, get_day, get_id, get_text
from ..base.months import first_of_month
from ..base.naming import name_some

# Fields that a confirmed quota no longer lets users change
FROZEN_FIELDS = frozenset(('user_id', 'team_id', 'company_id', 'month', 'amount'))
# Fields that the funnel lines of a quota depend on
IDENTITY_FIELDS = frozenset(('user_id', 'company_id', 'month'))


class CrmSalesQuota(models.Model):
    """The target amount of a salesperson for a month.

    Quarters, half-years and years are sums of months. A quota without a salesperson is that of the
    sales team itself. It is compared with the sum of its members' quotas and never added to them.
    """

    _name = 'crm.sales.quota'
    _description = "Sales Quota"
    _inherit = ['crm.given.record.mixin', 'crm.system.field.mixin']
    _order = 'month desc, team_id, user_id, id'
    _rec_names_search = ('user_id', 'team_id')
    _check_company_auto = True

    user_id = fields.Many2one(
        comodel_name='res.users',
        string="Salesperson",
        index='btree_not_null',
        ondelete='restrict',
        check_company=True,
        domain=[('share', '=', False)],
        help="Who is to achieve the amount. Empty: the quota is the sales team's own.",
    )
    team_id = fields.Many2one(
        comodel_name='crm.team',
        string="Sales Team",
        compute='_compute_team_id',
        store=True,
        readonly=False,
        precompute=True,
        index='btree_not_null',
        ondelete='restrict',
        check_company=True,
        help="Sales team that the quota counts for: the salesperson's when it was entered. It "
        "stays when the salesperson changes teams.",
    )
    company_id = fields.Many2one(
        comodel_name='res.company',
        required=True,
        default=lambda self: self.env.company,
        ondelete='restrict',
        help="Company whose orders count towards the quota. A salesperson of several companies "
        "has a quota in each.",
    )
    currency_id = fields.Many2one(
        comodel_name='res.currency',
        related='company_id.currency_id',
        store=True,
        system=True,
        precompute=True,
        help="Currency of the amounts: that of the company.",
    )
    month = fields.Date(
        required=True,
        default=lambda self: first_of_month(self.env.company._get_sales_today()),
        help="First day of the month; any other day of the month is taken for it.",
    )
    amount = fields.Monetary(
        required=True,
        help="Amount to achieve in the month, in the currency of the company. 0 means no quota. Of a "
        "group of quotas: the sum of the salespeople's quotas. The sales teams' own quotas are summed only "
        "where there are no others, so that no amount counts twice.",
    )
    state = fields.Selection(
        selection=[('draft', "Draft"), ('confirmed', "Confirmed")],
        string="Status",
        required=True,
        default='draft',
        copy=False,
        help="A confirmed quota is frozen: it is changed by a revision, which needs a reason.",
    )
    origin = fields.Selection(
        selection=[
            ('manual', "Typed In"),
            ('spread', "Spread"),
            ('funnel', "Taken from the Funnel"),
        ],
        required=True,
        readonly=True,
        system=True,
        default='manual',
        copy=False,
        help="Where the amount comes from. Typed in: entered or imported, for this month. Spread: "
        "part of an amount for a longer period. Taken from the funnel: the quota amounts of the "
        "salesperson's open opportunities at that moment.",
    )
    line_ids = fields.One2many(
        comodel_name='crm.sales.quota.line',
        inverse_name='quota_id',
        string="Opportunities",
        readonly=True,
        copy=False,
        help="The opportunities that the quota was taken from, as they were at that moment.",
    )
    line_amount = fields.Monetary(
        string="Taken from the Funnel",
        compute='_compute_line_amount',
        help="Sum of the contributions of the opportunities below to this month.",
    )
    adjustment = fields.Monetary(
        compute='_compute_line_amount',
        help="Amount - sum taken from the funnel: the change of the quota since then.",
    )
    revision_ids = fields.One2many(
        comodel_name='crm.sales.quota.revision',
        inverse_name='quota_id',
        string="Revisions",
        readonly=True,
        copy=False,
        help="Changes of the confirmed quota: earlier amount, reason, who and when.",
    )
    confirmed_by_id = fields.Many2one(
        comodel_name='res.users',
        readonly=True,
        system=True,
        copy=False,
        ondelete='set null',
        help="Who confirmed the quota.",
    )
    confirmed_at = fields.Datetime(
        string="Confirmed On",
        readonly=True,
        system=True,
        copy=False,
        help="When the quota was confirmed.",
    )

    _check_owner = models.Constraint(
        'CHECK(num_nonnulls(user_id, team_id) > 0)',
        "A quota is for a salesperson or, without one, for a sales team: please choose one.",
    )
    _check_amount = models.Constraint(
        'CHECK(amount >= 0)',
        "A quota cannot be negative: please enter an amount of 0 or more.",
    )
    _check_month = models.Constraint(
        "CHECK(date_part('day', month) = 1 AND month >= '2000-01-01' AND month < '2100-01-01')",
        "The month of a quota is given by its first day, between 2000 and 2099, such as 2026-07-01.",
    )
    _user_uniq = models.UniqueIndex(
        '(user_id, month, company_id) WHERE user_id IS NOT NULL',
        "A salesperson has one quota a month in each company, and this one has it already: please "
        "change that quota, or revise it if it is confirmed.",
    )
    _team_uniq = models.UniqueIndex(
        '(team_id, month, company_id) WHERE user_id IS NULL',
        "A sales team has one quota of its own a month, and this one has it already: please change "
        "that quota, or revise it if it is confirmed.",
    )
    _month_idx = models.Index('(month)')

    # === COMPUTE METHODS === #

    @api.depends('user_id', 'company_id')
    def _compute_team_id(self):
        teams = self._find_teams(self.user_id, self.company_id)
        for quota in self:
            if quota.user_id and not (quota._origin.id and quota.team_id):
                quota.team_id = teams.get((quota.user_id._origin.id, quota.company_id.id))

    @api.depends('line_ids.amount', 'amount')
    def _compute_line_amount(self):
        sums = dict(
            self.env['crm.sales.quota.line']._read_group(
                [('quota_id', 'in', self.ids)], ['quota_id'], ['amount:sum']
            )
        )
        for quota in self:
            quota.line_amount = sums.get(quota._origin, 0)
            quota.adjustment = quota.amount - quota.line_amount if quota.line_amount else 0

    @api.depends('user_id', 'team_id', 'month')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for quota in self:
            owner = quota.user_id.name or quota.team_id.name or ""
            month = format_date(self.env, quota.month, date_format='MMMM y') if quota.month else ""
            quota.display_name = f"{owner} / {month}"

    # === ONCHANGE METHODS === #

    @api.onchange('month')
    def _onchange_month(self):
        if self.month:
            self.month = first_of_month(self.month)

    # === CONSTRAINT METHODS === #

    @api.constrains('amount')
    def _check_amount_is_not_negative(self):
        """Check the same as the database constraint, with a message that names the quotas."""
        negative = self.filtered(lambda quota: quota.amount < 0)
        if negative:
            raise ValidationError(
                self.env._(
                    "A quota cannot be negative. Please enter an amount of 0 or more for: %(quotas)s",
                    quotas=negative._get_names(),
                )
            )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Create the quotas on the first day of the month, and store who confirms them."""
        vals_list = [self._prepare_values(vals) for vals in vals_list]
        # Before the database refuses them with a message that names no record.
        negative = [vals for vals in vals_list if (vals.get('amount') or 0) < 0]
        self.concat(*map(self.new, negative))._check_amount_is_not_negative()
        quotas = super().create(vals_list)
        quotas.filtered(lambda quota: quota.state == 'confirmed')._note_confirmation()
        return quotas

    def write(self, vals):
        """Write the values, unless they change a confirmed quota."""
        vals = self._prepare_values(vals)
        confirmed = self.filtered(lambda quota: quota.state == 'confirmed')
        if confirmed and (not FROZEN_FIELDS.isdisjoint(vals) or vals.get('state') == 'draft'):
            raise UserError(
                self.env._(
                    "Confirmed quotas are frozen. Please use 'Revise', which asks for a reason and "
                    "keeps the earlier amount, for: %(quotas)s",
                    quotas=confirmed._get_names(),
                )
            )
        explained = self.filtered('line_ids') if not IDENTITY_FIELDS.isdisjoint(vals) else self[:0]
        if explained:
            raise UserError(
                self.env._(
                    "The opportunities of these quotas belong to their salesperson and month. Please "
                    "delete the quotas and enter others in their place: %(quotas)s",
                    quotas=explained._get_names(),
                )
            )
        if vals.get('state') != 'confirmed':
            return super().write(vals)
        # A quota keeps the user who confirmed it first.
        drafts = self - confirmed
        result = super(CrmSalesQuota, drafts).write(vals)
        drafts._note_confirmation()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_confirmed(self):
        confirmed = self.filtered(lambda quota: quota.state == 'confirmed')
        if confirmed:
            raise UserError(
                self.env._(
                    "Confirmed quotas are kept, so that past attainment can be explained. Please "
                    "revise their amount, to 0 if need be: %(quotas)s",
                    quotas=confirmed._get_names(),
                )
            )

    @api.model
    def _prepare_values(self, vals):
        """Return the values with the month as its first day, in a copy.

        :raise UserError: If the month is not a date, or the amount not a number.
        """
        prepared = dict(vals)
        if vals.get('month'):
            prepared['month'] = first_of_month(get_day(self.env, vals['month']))
        if vals.get('amount'):
            prepared['amount'] = get_amount(self.env, vals['amount'])
        return prepared

    def _note_confirmation(self):
        """Store who has confirmed the quotas, and when."""
        # In sudo mode: only the system writes these fields.
        self.sudo().write({'confirmed_by_id': self.env.uid, 'confirmed_at': self.env.cr.now()})

    @api.model
    def _read_group_select(self, aggregate_spec, query):
        """Sum the quotas of salespeople; the quotas of teams only where there are no others."""
        if aggregate_spec not in ('amount:sum', 'amount:sum_currency'):
            return super()._read_group_select(aggregate_spec, query)
        total = super()._read_group_select(aggregate_spec, query)
        user = self._field_to_sql(self._table, 'user_id', query)
        return SQL(
            "COALESCE(%(total)s FILTER (WHERE %(user)s IS NOT NULL), %(total)s)",
            total=total,
            user=user,
        )

    # === ACTION METHODS === #

    def action_confirm(self):
        """Confirm the quotas, which freezes them."""
        self.filtered(lambda quota: quota.state == 'draft').state = 'confirmed'
        return True

    def action_open_revision(self):
        """Open the wizard that asks for the new amount and the reason."""
        check_one(self)
        return {
            'name': self.env._("Revise Quota"),
            'type': 'ir.actions.act_window',
            'res_model': 'crm.sales.quota.revise',
            'view_mode': 'form',
            'target': 'new',
            'context': {'default_quota_id': self.id, 'default_amount': self.amount},
        }

    # === BUSINESS METHODS === #

    def revise(self, amount, reason, team=None, following=False):
        """Change a confirmed quota, and keep the former amount and team with the reason.

        :param float amount: New amount, in the currency of the company.
        :param str reason: Reason of the change.
        :param team: New sales team, as a record or an ID. By default the team stays. Months that are
            over keep theirs.
        :param bool following: Change the salesperson's confirmed quotas of the later months as well.
        :return: True.
        :raise UserError: If there is no reason, the quota is not confirmed, or a value is not of its kind.
        """
        check_one(self)
        self.check_access('write')
        amount = get_amount(self.env, amount)
        if self.state != 'confirmed':
            raise UserError(
                self.env._(
                    "%(quota)s is a draft, which needs no revision: please change its amount.",
                    quota=self.display_name,
                )
            )
        reason = get_text(self.env, reason)
        if not reason:
            raise UserError(
                self.env._(
                    "A revision needs a reason. Please give one for: %(quota)s",
                    quota=self.display_name,
                )
            )
        quotas = self | self._get_following() if following else self
        team = self._get_new_team(team)
        values = {'amount': amount, **({'team_id': team.id} if team else {})}
        # In sudo mode: users may not write revisions, so that these can be trusted.
        self.env['crm.sales.quota.revision'].sudo().create([
            {
                'quota_id': quota.id,
                'previous_amount': quota.amount,
                'amount': amount,
                'previous_team_id': quota.team_id.id,
                'team_id': (team or quota.team_id).id,
                'reason': reason,
            }
            for quota in quotas
        ])
        # Bypass the `write` of this class, which freezes confirmed quotas.
        super(CrmSalesQuota, quotas).write(values)  # pylint: disable=super-method-mismatch
        return True

    def _get_following(self):
        """Return the confirmed quotas of the same salesperson, or team, in the later months."""
        self.ensure_one()
        return self.search([
            ('user_id', '=', self.user_id.id),
            ('team_id', '=', self.team_id.id),
            ('company_id', '=', self.company_id.id),
            ('month', '>', self.month),
            ('state', '=', 'confirmed'),
        ])

    def _get_new_team(self, team):
        """Return the sales team that a revision gives the quota.

        :param team: Sales team, as a record or an ID, or nothing.
        :return: The team, empty if it stays.
        :rtype: crm.team
        :raise UserError: If the team of this quota cannot change.
        """
        Team = self.env['crm.team']
        if not isinstance(team, type(Team)):
            team = Team.browse(get_id(self.env, team))
            if team and not team.exists():
                raise MissingError(
                    self.env._("There is no sales team with the ID %(id)s.", id=team.id)
                )
        team.check_access('read')
        if not team or team == self.team_id:
            return Team
        if not self.user_id:
            raise UserError(
                self.env._(
                    "%(quota)s is a sales team's own and stays with it. Please revise its amount.",
                    quota=self.display_name,
                )
            )
        if self.month < first_of_month(self.company_id._get_sales_today()):
            raise UserError(
                self.env._(
                    "%(quota)s is over and stays with %(team)s. Please revise the months to come.",
                    quota=self.display_name,
                    team=self.team_id.display_name or self.env._("no sales team"),
                )
            )
        return team

    @api.model
    def _find_teams(self, users, companies):
        """Return the sales team of each salesperson in each company.

        :return: `crm.team` record by user id and company id, without users who have no team.
        :rtype: dict
        """
        # In sudo mode: salespeople read all teams, but not always the memberships of others.
        members_sudo = (
            self
            .env['crm.team.member']
            .sudo()
            .search([('user_id', 'in', users.ids)], order='create_date DESC, id DESC')
        )
        found = {}
        # The last one wins: the oldest membership, and a team of the company over a shared team.
        for of_company in (False, True):
            for member in members_sudo:
                team = member.crm_team_id
                for company in companies:
                    if team.company_id == (company if of_company else company.browse()):
                        found[member.user_id.id, company.id] = team.sudo(False)
        return found

    def _get_names(self):
        """Return the names of the quotas for a message: of many quotas, the first ones."""
        return name_some(self.env, self)
