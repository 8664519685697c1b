"""Report on the changes of stage and salesperson."""

from odoo import api, fields, models
from odoo.tools import SQL

from ...models.stage_history.crm_lead import HISTORY_FIELDS
from ...models.stage_history.kinds import is_beginning


class CrmStageChangeReport(models.Model):
    """Report with one row for each stay that begins, and one for each that ends without another.

    It shows who moved which opportunity from which stage to which, when, and after how long.
    """

    _name = 'crm.stage.change.report'
    _inherit = ['crm.stage.report.mixin', 'crm.company.day.mixin']
    _description = "Stage Changes"
    _auto = False
    _order = 'date desc, id desc'
    _depends = {
        'crm.lead': HISTORY_FIELDS,
        'crm.stage': ['sequence', 'team_ids'],
    }

    date = fields.Datetime(readonly=True, help="When it happened.")
    kind = fields.Selection(
        selection=[
            ('created', "Created"),
            ('advanced', "Advanced"),
            ('won', "Won"),
            ('moved_back', "Moved Back"),
            ('handed_over', "Handed Over"),
            ('reopened', "Reopened"),
            ('lost', "Lost"),
            ('archived', "Archived"),
            ('merged', "Merged"),
            ('deleted', "Deleted"),
        ],
        string="Change",
        readonly=True,
        help="What happened to the opportunity. Won: it came into a won stage from another one, or "
        "was created in it. Handed over: to another salesperson, sales team or company.",
    )
    previous_stage_id = fields.Many2one(
        comodel_name='crm.stage',
        string="From Stage",
        readonly=True,
        help="Stage that the opportunity came from; none if it was created, or if the stage is not known "
        "any more.",
    )
    is_beginning = fields.Boolean(
        string="Beginning",
        readonly=True,
        help="The opportunity was created with this, or converted from a lead: it came from no stage.",
    )
    stage_id = fields.Many2one(
        comodel_name='crm.stage',
        string="To Stage",
        readonly=True,
        help="Stage that the opportunity came to; none if it was lost, archived, merged or deleted.",
    )
    change_count = fields.Integer(
        string="Changes",
        readonly=True,
        help="Number of changes: an opportunity that changed its stage twice counts twice.",
    )
    steps = fields.Integer(
        readonly=True,
        aggregator='avg',
        help="How far the opportunity went in the order of the stages that its sales team has: 1 is "
        "the next stage, 2 and more have skipped stages, below 0 it went back.",
    )
    previous_user_id = fields.Many2one(
        comodel_name='res.users',
        string="Previous Salesperson",
        readonly=True,
        help="Who held the opportunity before.",
    )
    changed_by_id = fields.Many2one(
        comodel_name='res.users',
        readonly=True,
        help="User who made the change.",
    )
    days = fields.Float(
        string="Days in Previous Stage",
        digits=(16, 1),
        readonly=True,
        aggregator='avg',
        help="Days (of 24 hours) from entering the previous stage to leaving it, across changes of "
        "salesperson. Of a group: the average of the changes that left a stage.",
    )
    cycle_days = fields.Float(
        string="Days from Creation to Won",
        digits=(16, 1),
        readonly=True,
        aggregator='avg',
        help="Days from the beginning of the opportunity (created, or converted from a lead) to the "
        "win; only of won opportunities. Of a group: the average.",
    )

    @property
    def _table_query(self):
        return SQL("%s UNION ALL %s", self._query_entries(), self._query_exits())

    @api.model
    def _query_entries(self):
        return SQL(
            """
            SELECT 2 * stay.id AS id, %(stay)s,
                   stay.entered_at AS date, %(day)s AS day, stay.change_kind AS kind,
                   stay.previous_stage_id,
                   %(is_beginning)s AS is_beginning,
                   stay.stage_id, %(steps)s AS steps,
                   stay.previous_user_id, stay.entered_by_id AS changed_by_id,
                   %(days)s AS days,
                   CASE WHEN stay.change_kind = 'won' THEN %(cycle_days)s END AS cycle_days,
                   1 AS change_count
              FROM crm_stage_history stay
                   %(owner)s
            """,
            stay=self._select_stay(),
            day=self._select_day(SQL("stay.entered_at")),
            is_beginning=is_beginning('stay'),
            owner=self._join_day(),
            steps=self._select_steps(),
            days=self._days_between(SQL("stay.previous_stage_entered_at"), SQL("stay.entered_at")),
            cycle_days=self._days_between(SQL("stay.started_at"), SQL("stay.entered_at")),
        )

    @api.model
    def _query_exits(self):
        return SQL(
            """
            SELECT 2 * stay.id + 1 AS id, %(stay)s,
                   stay.left_at AS date, %(day)s AS day, stay.exit_kind AS kind,
                   stay.stage_id AS previous_stage_id, FALSE AS is_beginning,
                   NULL AS stage_id, NULL AS steps,
                   stay.user_id AS previous_user_id, stay.left_by_id AS changed_by_id,
                   %(days)s AS days, NULL AS cycle_days, 1 AS change_count
              FROM crm_stage_history stay
                   %(owner)s
             WHERE stay.exit_kind IN ('lost', 'archived', 'merged', 'deleted')
            """,
            stay=self._select_stay(),
            day=self._select_day(SQL("stay.left_at")),
            owner=self._join_day(),
            days=self._days_between(SQL("stay.stage_entered_at"), SQL("stay.left_at")),
        )

    @api.model
    def _select_steps(self):
        """Return the SQL expression of the number of stages from the previous to the new one.

        The new stage counts, the previous one does not. Only stages of the opportunity's team count. The
        number is negative if the opportunity moved back.
        """
        return SQL(
            """
            CASE WHEN stay.previous_stage_id <> stay.stage_id THEN (
                SELECT CASE WHEN (new.sequence, new.id) > (old.sequence, old.id)
                            THEN COUNT(*) ELSE -COUNT(*) END::int4
                  FROM crm_stage old
                  JOIN crm_stage new ON new.id = stay.stage_id
                  JOIN crm_stage passed
                    ON (passed.sequence, passed.id) > LEAST((old.sequence, old.id), (new.sequence, new.id))
                   AND (passed.sequence, passed.id) <= GREATEST((old.sequence, old.id), (new.sequence, new.id))
                 WHERE old.id = stay.previous_stage_id
                   AND (passed.id IN (old.id, new.id) OR %(is_of_team)s)
              GROUP BY old.sequence, old.id, new.sequence, new.id
            ) END
            """,
            is_of_team=self._get_stage_of_team_condition('passed'),
        )
