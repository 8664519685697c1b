"""Record the changes of opportunities in the stage history.

Odoo writes opportunities by many routes. All of them end in `_flush`. There one SQL statement compares the
changed opportunities with their last stays. PostgreSQL locks an opportunity when it is updated, which
keeps concurrent transactions apart.
"""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError

from ..base.arguments import check_day, check_one
from ..base.orm import get_cached_values, get_changed_ids, recompute
from ..base.transaction_notes import get_notes_until_end

# Fields that a stay and its amounts are made of
HISTORY_FIELDS = (
    'type',
    'active',
    'stage_id',
    'user_id',
    'team_id',
    'company_id',
    'won_status',
    'expected_revenue',
    'quota_rate',
    'quota_amount',
)
# Name of the notes of closing dates, by opportunity, while they are written together with a win
GIVEN_DATES = 'sales_funnel_mgmt.given_closing_dates'
# Fields of which each change in a transaction is recorded, not only the last one
STATE_FIELDS = ('active', 'stage_id', 'user_id', 'team_id', 'company_id')


class CrmLead(models.Model):
    _inherit = 'crm.lead'

    stage_history_ids = fields.One2many(
        comodel_name='crm.stage.history',
        inverse_name='lead_id',
        readonly=True,
        copy=False,
        groups='sales_team.group_sale_salesman',
        help="All stays of the opportunity: each stage it was in, with each salesperson.",
    )

    days_in_stage = fields.Integer(
        string="Days in Stage",
        compute='_compute_days_in_stage',
        groups='sales_team.group_sale_salesman',
        help="Full days (of 24 hours) since the opportunity entered its stage, with any salesperson. The time "
        "goes on if it was lost or archived and reopened, and ends if it is lost or archived now.",
    )

    # Forms show the field read-only, and an import may set it.
    date_closed = fields.Datetime(
        readonly=False,
        help="When the opportunity was won, lost or archived. A win that a sales administrator imports with "
        "a date in the past counts on that date.",
    )

    # === COMPUTE METHODS === #

    @api.depends('stage_id', 'user_id', 'active')
    def _compute_days_in_stage(self):
        last_stays = self.env['crm.stage.history'].search_fetch(
            [('lead_id', 'in', self._origin.ids)],
            ['lead_id', 'stage_entered_at', 'left_at'],
            order='id',
        )
        stay_by_lead = {stay.lead_id: stay for stay in last_stays}
        now = self.env.cr.now()
        for lead in self:
            stay = stay_by_lead.get(lead._origin)
            spent = (stay.left_at or now) - stay.stage_entered_at if stay else timedelta()
            lead.days_in_stage = spent.days

    # === CRUD METHODS === #

    def _judge_closing_date(self, vals):
        """Refuse another closing date than today's, unless a sales administrator gives it.

        :param dict vals: Values that are about to be written.
        :raise AccessError: If the user is no sales administrator.
        """
        given = fields.Datetime.to_datetime(vals.get('date_closed'))
        if given:
            self._judge_closing_dates([given] * len(self))

    def _judge_closing_dates(self, moments):
        """Refuse another closing date than today's, unless a sales administrator gives it.

        A win counts on its closing date. Salespeople would move it into the period where it suits them.

        :param list moments: Closing date of each opportunity, or False.
        :raise AccessError: If the user is no sales administrator.
        :raise UserError: If a date is out of range.
        """
        for moment in filter(None, moments):
            check_day(self.env, moment)
        if self.env.su or self.env.user.has_group('sales_team.group_sale_manager'):
            return
        for lead, moment in zip(self, moments, strict=True):
            company = lead.company_id or self.env.company
            if moment and company._get_sales_day(moment) != company._get_sales_today():
                raise AccessError(
                    self.env._(
                        "Only sales administrators give a closing date other than today's. Please leave "
                        "it out for “%(name)s”, or ask one to correct the day of the win.",
                        name=lead.display_name,
                    )
                )

    def _begin_stage_history(self):
        """Open the first stay of opportunities that were created."""
        opportunities = self.filtered(lambda lead: lead.type == 'opportunity')
        if opportunities:
            opportunities.flush_recordset(HISTORY_FIELDS)
            self._record_stage_history(opportunities.ids, new_ids=opportunities.ids)

    def _separate_stage_changes(self, vals):
        """Keep several changes of one transaction apart, which Odoo writes as one.

        :param dict vals: Values that are about to be written.
        """
        if not vals.keys().isdisjoint(STATE_FIELDS):
            if self._is_dirty(STATE_FIELDS):
                self.flush_recordset(STATE_FIELDS)
            self.invalidate_recordset(['stage_history_ids'], flush=False)

    def _note_closing_date(self, vals):
        """Note the closing date that is given together with a win: Odoo writes that of now instead.

        :param dict vals: Values that are about to be written.
        :return: The closing date, or None.
        """
        given = fields.Datetime.to_datetime(vals.get('date_closed'))
        if not given or not self.env['crm.stage'].browse(vals.get('stage_id')).is_won:
            return None
        get_notes_until_end(self.env, GIVEN_DATES, dict).update(dict.fromkeys(self._ids, given))
        return given

    def _restore_closing_date(self, closing_date):
        """Write the closing date that `_note_closing_date` has noted."""
        if closing_date:
            self.write({'date_closed': closing_date})
            self.flush_recordset(['date_closed'])
            notes = get_notes_until_end(self.env, GIVEN_DATES, dict)
            for id_ in self._ids:
                notes.pop(id_, None)

    def _is_dirty(self, field_names):
        """Return whether a change of one of the fields is not stored yet.

        A lead that is being converted counts as unchanged: its first stay begins with the last values.
        """
        ids = set(self._ids) - get_changed_ids(self, ['type'])
        return not ids.isdisjoint(get_changed_ids(self, field_names))

    @api.model
    def _recompute_for_stage_history(self):
        """Compute all values that a stay is made of, if one of them is about to be stored."""
        if get_changed_ids(self, HISTORY_FIELDS):
            recompute(self, HISTORY_FIELDS)

    @api.model
    def _get_stage_history_changes(self):
        """Return the leads that `_record_stage_history` compares once they are stored.

        :return: IDs of the leads that change; of those, IDs of the leads that are converted.
        :rtype: tuple[list[int], set[int]]
        """
        # A lead has no history. One that becomes an opportunity has, and the other way round.
        converted_ids = get_changed_ids(self, ['type'])
        type_by_id = get_cached_values(self, 'type')
        changed_ids = converted_ids.union(
            id_ for id_ in get_changed_ids(self, HISTORY_FIELDS) if type_by_id.get(id_) != 'lead'
        )
        return list(changed_ids), converted_ids

    # === ACTION METHODS === #

    def action_open_stage_history(self):
        """Open the stays of the opportunity, the last one first."""
        check_one(self)
        action = self.env['ir.actions.act_window']._for_xml_id(
            'sales_funnel_mgmt.crm_stage_history_action'
        )
        return {**action, 'domain': [('lead_id', '=', self.id)]}

    # === BUSINESS METHODS === #

    @api.model
    def _record_stage_history(self, lead_ids, new_ids=()):
        """Compare opportunities, as they are stored, with their last stays, and record the changes.

        Stays end and begin, or the amounts of open stays are updated.

        :param list[int] lead_ids: Leads to compare.
        :param list[int] new_ids: Those of them that may begin their first stay. The stage of an
            opportunity that is being created can still be unknown.
        """
        if not lead_ids:
            return
        given_dates = get_notes_until_end(self.env, GIVEN_DATES, dict)
        query = self.env['crm.stage.history']._get_recording_query(
            lead_ids, list(new_ids), given_dates
        )
        self.env.cr.execute(query)
        self._invalidate_stage_history()

    @api.model
    def _invalidate_stage_history(self):
        self.env['crm.stage.history'].invalidate_model(flush=False)
        self.invalidate_model(['stage_history_ids'], flush=False)

    def _end_stage_history(self, exit_kind, *parts):
        """End the open stays of opportunities that are about to go, and keep their names.

        :param str exit_kind: 'merged' or 'deleted'.
        :param SQL parts: Other updates that the statement makes, of other tables.
        """
        if not self._ids:
            return
        self.flush_recordset([*HISTORY_FIELDS, 'name'])
        query = self.env['crm.stage.history']._get_end_query(list(self._ids), exit_kind, parts)
        self.env.cr.execute(query)
        self._invalidate_stage_history()
