"""Add the day of the company to reports on what happened when."""

from datetime import date, datetime, time, timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .company_day import get_company_day, get_zones
from .tools import get_company_of, join_owner

# No time zone is further from UTC
WIDEST_OFFSET = timedelta(days=1)


class CrmCompanyDayMixin(models.AbstractModel):
    """The day on which something happened, in its company: the same for all who read.

    Odoo groups and filters the moment in the time zone of the reader. `day` is for periods: months and
    quarters, filters, groups. `_moment_field` names the field of the moment.
    """

    _name = 'crm.company.day.mixin'
    _description = "Day of a Report"

    _moment_field = 'date'

    day = fields.Date(
        readonly=True,
        help="Day in the time zone of the company, for all readers. Months and quarters are made of it.",
    )

    @api.model
    def _search(self, domain, *args, **kwargs):
        """Override to limit the moments as well when days are looked for, since they have an index."""
        domain = Domain(domain).optimize(self).map_conditions(self._limit_moments)
        return super()._search(domain, *args, **kwargs)

    @api.model
    def _select_day(self, moment, alias='stay'):
        """Return the expression of `day`. The row must be joined by `_join_day`.

        :param SQL moment: The moment, in UTC.
        :param str alias: Alias of the row with `company_id`.
        """
        return get_company_day(self.env, moment, get_company_of(alias))

    @api.model
    def _join_day(self, alias='stay', user='user_id'):
        """Return the join that `_select_day` needs: none if all companies have one time zone.

        :param str alias: Alias of the row with `company_id`.
        :param str user: Column of its salesperson.
        """
        return join_owner(alias, user) if len(get_zones(self.env)) > 1 else SQL()

    @api.model
    def _limit_moments(self, condition):
        """Return a condition on `day` together with what it says of the moment."""
        value = condition.value
        if condition.field_expr != 'day' or not isinstance(value, date):
            return condition
        begin = datetime.combine(value, time.min)
        match condition.operator:
            case '>' | '>=':
                return condition & Domain(self._moment_field, '>=', begin - WIDEST_OFFSET)
            case '<' | '<=':
                end = begin + timedelta(days=1) + WIDEST_OFFSET
                return condition & Domain(self._moment_field, '<', end)
        return condition
