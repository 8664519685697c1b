"""Count the tasks of handover lines, and compute the progress by line, receiver or handover."""

from odoo import api, fields, models
from odoo.tools import SQL

from ...base.company_day import get_company_today


class CrmHandoverLine(models.Model):
    _inherit = 'crm.handover.line'

    task_count = fields.Integer(
        string="Tasks Planned",
        compute='_compute_task_figures',
        compute_sudo=True,
        help="Tasks planned for this opportunity.",
    )
    task_done_count = fields.Integer(
        string="Tasks Done",
        compute='_compute_task_figures',
        compute_sudo=True,
        help="Tasks that are done.",
    )
    overdue_count = fields.Integer(
        string="Overdue",
        compute='_compute_task_figures',
        compute_sudo=True,
        help="Tasks that are open after their due date.",
    )

    # === COMPUTE METHODS === #

    @api.depends('state', 'planned_task_count', 'activity_ids.active', 'activity_ids.date_deadline')
    def _compute_task_figures(self):
        figures = self._get_progress_figures('id', self.handover_id.ids)
        for line in self:
            figure = figures.get(line.id, {})
            line.task_count = figure.get('tasks', 0)
            line.task_done_count = figure.get('tasks_done', 0)
            line.overdue_count = figure.get('tasks_overdue', 0)

    # === BUSINESS METHODS === #

    @api.model
    def _get_progress_figures(self, key, handover_ids):
        """Return the number of tasks and the progress of groups of lines.

        The progress is tasks done ÷ planned; of lines without tasks, the share that is transferred. If the
        wave of a line has not begun, the tasks that its plan had at the start count. Lines that are not
        handed over do not count.

        :param str key: Field to group by: 'id', 'handover_id', or 'to_user_id'. Groups of
            'to_user_id' have the key (handover ID, user ID).
        :param list[int] handover_ids: Handovers whose lines count.
        :return: Dicts with tasks, tasks_done, tasks_overdue and progress, by key.
        :rtype: dict
        """
        if not handover_ids:
            return {}
        self.flush_model()
        self.env['mail.activity'].flush_model(['handover_line_id', 'active', 'date_deadline'])
        columns = SQL(', ').join(
            SQL.identifier('line', name)
            for name in (('handover_id', 'to_user_id') if key == 'to_user_id' else (key,))
        )
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT %(columns)s,
                       SUM(CASE WHEN line.state IN ('draft', 'waiting')
                                THEN line.planned_task_count
                                ELSE task.planned + CASE WHEN line.cancelled_task_reason IS NULL
                                                         THEN COALESCE(line.cancelled_task_count, 0)
                                                         ELSE 0 END
                                END) AS tasks,
                       SUM(task.done) AS tasks_done,
                       SUM(task.overdue) AS tasks_overdue,
                       COUNT(*) AS lines,
                       COUNT(line.transferred_at) AS transferred
                  FROM crm_handover_line line
          CROSS JOIN LATERAL (
                SELECT COUNT(*) AS planned,
                       COUNT(*) FILTER (WHERE NOT active) AS done,
                       COUNT(*) FILTER (WHERE active AND date_deadline < %(today)s) AS overdue
                  FROM mail_activity
                 WHERE handover_line_id = line.id
                       ) AS task
                 WHERE line.handover_id = ANY(%(handover_ids)s)
                   AND line.state NOT IN ('skipped', 'undone', 'cancelled')
                   AND line.to_user_id IS NOT NULL
              GROUP BY %(columns)s
                """,
                columns=columns,
                today=get_company_today(self.env, SQL("line.company_id")),
                handover_ids=list(handover_ids),
            )
        )
        return {
            (row['handover_id'], row['to_user_id']) if key == 'to_user_id' else row[key]: {
                'tasks': int(row['tasks'] or 0),
                'tasks_done': int(row['tasks_done']),
                'tasks_overdue': int(row['tasks_overdue']),
                # Without tasks, there is only the transfer to do.
                'progress': (
                    100 * float(row['tasks_done']) / float(row['tasks'])
                    if row['tasks']
                    else 100 * row['transferred'] / row['lines']
                ),
            }
            for row in rows
        }
