"""Add the day of the company to the reports on what happened to stays."""

from datetime import date, datetime, time, timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...models.base.company_day import get_company_day, get_zones
from ...models.base.tools import get_company_of, join_owner

# No time zone is further from UTC
WIDEST_OFFSET = timedelta(days=1)


class CrmStageDayMixin(models.AbstractModel):
    """The day on which something happened, in its company: the same for all who read.

    `date` is the moment, which Odoo groups and filters in the time zone of the reader. `day` is for
    periods: months and quarters, filters, groups.
    """

    _name = 'crm.stage.day.mixin'
    _description = "Day of a Stage Report"

    day = fields.Date(
        readonly=True,
        help="Day in the time zone of the company, for all readers. Months and quarters are made of it.",
    )

    @api.model
    def _search(self, domain, *args, **kwargs):
        """Override to limit the moments as well when days are looked for, since they have an index."""
        domain = Domain(domain).optimize(self).map_conditions(_limit_moments)
        return super()._search(domain, *args, **kwargs)

    @api.model
    def _select_day(self, moment):
        """Return the expression of `day`. The stay must be joined by `_join_day`.

        :param SQL moment: The moment, in UTC.
        """
        return get_company_day(self.env, moment, get_company_of('stay'))

    @api.model
    def _join_day(self):
        """Return the join that `_select_day` needs: none if all companies have one time zone."""
        return join_owner('stay') if len(get_zones(self.env)) > 1 else SQL()


def _limit_moments(condition):
    """Return a condition on `day` together with what it says of `date`."""
    value = condition.value
    if condition.field_expr != 'day' or not isinstance(value, date):
        return condition
    begin = datetime.combine(value, time.min)
    match condition.operator:
        case '>' | '>=':
            return condition & Domain('date', '>=', begin - WIDEST_OFFSET)
        case '<' | '<=':
            return condition & Domain('date', '<', begin + timedelta(days=1) + WIDEST_OFFSET)
    return condition
