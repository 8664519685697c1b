"""Write the sheet of handovers."""

from odoo.fields import Domain

from .rows import Rows
from .sheet import Sheet
from .writer import divide, ratio

HANDOVER = 'crm.handover'
LINE = 'crm.handover.line'
TASK = 'crm.handover.progress.report'
MEASURES = ('planned', 'done', 'late', 'overdue')


class HandoversSheet(Sheet):
    """The handovers in progress during the period, with their current progress."""

    def get_title(self):
        return self.env._("Handovers")

    def get_note(self):
        return self.env._(
            "Handovers under way in the period, %(period)s; their progress is that of the moment when "
            "this workbook was made",
            period=self.book.get_period_text(),
        )

    def fill(self):
        """Write the sheet and its rows."""
        book = self.book
        begin, end = book.get_moments()
        period = Domain('handover_id.started_at', '<', end) & (
            Domain('handover_id.ended_at', '=', False) | Domain('handover_id.ended_at', '>=', begin)
        )
        self.line_domain = period & self.get_side_filter('to_team_id', 'previous_team_id')
        self.task_domain = period & self.get_side_filter('team_id')
        book.add_rows('handover_lines', self.get_line_rows())
        book.add_rows('handover_tasks', self.get_task_rows())
        self.write_table()

    def get_side_filter(self, *team_fields):
        """Return the domain of the salespeople and teams on either side."""
        book = self.book
        domain = Domain.TRUE
        if book.user_ids:
            domain &= Domain('from_user_id', 'in', book.user_ids) | Domain(
                'to_user_id', 'in', book.user_ids
            )
        if book.team_ids:
            domain &= Domain.OR(Domain(name, 'in', book.team_ids) for name in team_fields)
        return domain

    def get_line_rows(self):
        """Return the rows of handover lines."""
        rows = Rows(
            self.book,
            self.env._("Rows – Handover Lines"),
            self.env[LINE],
            self.line_domain,
            'handover_id, id',
            'company_id',
        )
        rows.add_text('handover_id', 14)
        rows.add_text('lead_name', 30)
        rows.use('lead_id')
        rows.add_customer()
        for name in ('stage_id', 'from_user_id', 'to_user_id', 'previous_team_id', 'to_team_id'):
            rows.add_text(name)
        rows.add_text('company_id')
        rows.add_text('state', 14)
        rows.add_figure('wave')
        rows.add_amounts('expected_revenue')
        rows.add_text('remark', 40)
        rows.add_text('override_reason', 40)
        rows.add_key('handover_id')
        rows.add_key('lead_id')
        return rows

    def get_task_rows(self):
        """Return the rows of handover tasks."""
        rows = Rows(
            self.book,
            self.env._("Rows – Handover Tasks"),
            self.env[TASK],
            self.task_domain,
            'handover_id, id',
        )
        rows.add_text('handover_id', 14)
        rows.add_text('lead_id', 30)
        rows.add_customer()
        rows.add_text('activity_type_id', 16)
        rows.add_text('summary', 30)
        for name in ('user_id', 'from_user_id', 'to_user_id', 'stage_id', 'team_id', 'company_id'):
            rows.add_text(name)
        rows.add_figure('wave')
        rows.add_figure('date_deadline', 'date', 12)
        rows.add_figure('date_done', 'date', 12)
        rows.add_text('status', 14)
        rows.add_numbers(*MEASURES)
        rows.add_key('handover_id')
        return rows

    def write_table(self):
        """Write the table by handover."""
        book = self.book
        lines, tasks = book.rows['handover_lines'], book.rows['handover_tasks']
        line_counts = dict(
            self.env[LINE]._read_group(self.line_domain, ['handover_id'], ['__count'])
        )
        task_counts = {
            handover: counts
            for handover, *counts in self.env[TASK]._read_group(
                self.task_domain, ['handover_id'], [f'{name}:sum' for name in MEASURES]
            )
        }
        found = (self.env[HANDOVER].union(*line_counts, *task_counts)).sorted('id')
        # In sudo mode: users may read tasks, but not the handovers that name them.
        handovers_sudo = found.sudo()
        names = book.names.of(found)
        users = book.names.of(handovers_sudo.from_user_id)
        column = book.column
        table = self.add_table([
            *self.key_columns(self.env._("Handover")),
            column(HANDOVER, 'from_user_id', 'text', width=20),
            column(HANDOVER, 'reason', 'text', width=14),
            column(HANDOVER, 'state', 'text', width=14),
            column(HANDOVER, 'planned_date', 'date'),
            column(HANDOVER, 'line_count', title=self.env._("Opportunities")),
            *(column(TASK, name) for name in MEASURES),
            column(TASK, 'share_done', 'percent', title=self.env._("Share Done")),
        ])
        labels = {
            name: dict(self.env[HANDOVER]._fields[name]._description_selection(self.env))
            for name in ('reason', 'state')
        }
        totals = dict.fromkeys(('line_count', *MEASURES), 0)
        for handover, handover_sudo in zip(found, handovers_sudo, strict=True):
            criteria = {'handover_id': table.key_cell('key')}
            counts = dict(
                zip(MEASURES, task_counts.get(handover, [0] * len(MEASURES)), strict=True)
            )
            counts['line_count'] = line_counts.get(handover, 0)
            for key, count in counts.items():
                totals[key] += count or 0
            table.add({
                'key': handover.id,
                'name': names[handover.id],
                'from_user_id': users.get(handover_sudo.from_user_id.id),
                'reason': labels['reason'].get(handover_sudo.reason),
                'state': labels['state'].get(handover_sudo.state),
                'planned_date': handover_sudo.planned_date,
                'line_count': lines.number(counts['line_count'], **criteria),
                **{name: tasks.sum(name, counts[name] or 0, **criteria) for name in MEASURES},
                **self.get_share(table, counts),
            })
        table.finish()
        table.add(
            {
                'name': self.env._("Total"),
                **{key: table.sum(key, count) for key, count in totals.items()},
                **self.get_share(table, totals),
            },
            total=True,
        )

    def get_share(self, table, counts):
        """Return the figures of progress of the next row."""
        return {
            'share_done': ratio(
                table.cell('done'),
                table.cell('planned'),
                divide(counts['done'] or 0, counts['planned'] or 0),
            )
        }
