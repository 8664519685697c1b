"""Test the parts of the statements of the stage history, each with rows of the test."""

from datetime import datetime

from odoo.tests import tagged
from odoo.tools import SQL

from ...models.stage_history.kinds import get_entry_kind, get_exit_kind, is_left_by_winning
from ..common import TestQuotaRateCommon

# stage_id, sequence, is_won, user_id
OPEN = (1, 10, False, 7)
LATE = (2, 20, False, 7)
WON = (3, 70, True, 7)
UNKNOWN = (None, None, False, 7)


def held_by(state, user_id):
    return (*state[:3], user_id)


@tagged('post_install', '-at_install')
class TestStageKinds(TestQuotaRateCommon):
    def _ask(self, expression, **states):
        """Return the value of an expression about states, given by name."""
        rows = SQL(", ").join(
            SQL(
                "(VALUES (%s::int, %s::int, %s, %s::int)) AS %s (stage_id, sequence, is_won, user_id)",
                *state,
                SQL.identifier(name),
            )
            for name, state in states.items()
        )
        from_rows = SQL("FROM %s", rows) if states else SQL()
        [(value,)] = self.env.execute_query(SQL("SELECT %s %s", expression, from_rows))
        return value

    def _ask_exit_kind(self, before, after, closed_as, is_elsewhere=False):
        expression = get_exit_kind(
            'before', 'after', SQL("%s::varchar", closed_as), SQL("%s", is_elsewhere)
        )
        return self._ask(expression, before=before, after=after)

    def test_exit_kind(self):
        for before, after, closed_as, expected in (
            (OPEN, LATE, None, 'advanced'),
            (LATE, OPEN, None, 'moved_back'),
            (OPEN, (0, 10, False, 7), None, 'moved_back'),
            (UNKNOWN, OPEN, None, 'advanced'),
            (OPEN, UNKNOWN, None, 'moved_back'),
            # a new salesperson says more than a new stage, a win says more than both
            (OPEN, held_by(OPEN, 8), None, 'handed_over'),
            (LATE, held_by(OPEN, 8), None, 'handed_over'),
            (OPEN, held_by(OPEN, None), None, 'handed_over'),
            (OPEN, held_by(WON, 8), None, 'advanced'),
            (WON, held_by(OPEN, 8), None, 'handed_over'),
            (WON, (9, 90, False, 7), None, 'moved_back'),
            (WON, (4, 80, True, 7), None, 'advanced'),
            # the stage became a won stage meanwhile
            ((3, 70, False, 7), WON, None, 'advanced'),
            # closed, whatever else changed
            (OPEN, OPEN, 'lost', 'lost'),
            (OPEN, held_by(LATE, 8), 'archived', 'archived'),
            (OPEN, WON, 'archived', 'archived'),
        ):
            with self.subTest(before=before, after=after, closed_as=closed_as):
                self.assertEqual(self._ask_exit_kind(before, after, closed_as), expected)

    def test_exit_kind_to_another_team_or_company(self):
        for before, after, closed_as, expected in (
            (OPEN, OPEN, None, 'handed_over'),
            (WON, WON, None, 'handed_over'),
            # together with a move
            (OPEN, LATE, None, 'handed_over'),
            (LATE, OPEN, None, 'handed_over'),
            (WON, OPEN, None, 'handed_over'),
            # a win and an end say more
            (OPEN, WON, None, 'advanced'),
            (OPEN, LATE, 'lost', 'lost'),
        ):
            with self.subTest(before=before, after=after, closed_as=closed_as):
                kind = self._ask_exit_kind(before, after, closed_as, is_elsewhere=True)
                self.assertEqual(kind, expected)

    def test_entry_kind(self):
        for is_first, exit_kind, expected in (
            (True, None, 'created'),
            (False, 'handed_over', 'handed_over'),
            (False, None, 'reopened'),
        ):
            kind = get_entry_kind(SQL("%s", is_first), SQL("%s::varchar", exit_kind))
            self.assertEqual(self._ask(kind), expected)

    def test_left_by_winning(self):
        for exit_kind, before, after, expected in (
            ('advanced', OPEN, WON, True),
            ('advanced', WON, WON, False),
            ('advanced', OPEN, LATE, False),
            ('handed_over', OPEN, WON, False),
            (None, OPEN, WON, False),
        ):
            condition = is_left_by_winning(
                SQL("%s::varchar", exit_kind),
                is_won=SQL("before.is_won"),
                is_won_next=SQL("after.is_won"),
            )
            self.assertIs(self._ask(condition, before=before, after=after), expected)

    def test_state_and_closing_of_recorded_leads(self):
        lead = self._create_opportunity(type='lead', active=False, probability=0)
        won = self._create_opportunity(stage_id=self.stage_won.id)
        lost = self._create_opportunity()
        archived = self._create_opportunity(stage_id=False, probability=50)
        lost.action_set_lost()
        archived.action_archive()
        self.env.flush_all()
        leads = lead + won + lost + archived
        rows = self.env.execute_query(
            SQL(
                "SELECT id, closed_as, is_won, stage_id FROM (%s) AS lead ORDER BY id",
                self.env['crm.stage.history']._get_recorded_leads(leads.ids),
            )
        )
        self.assertEqual(
            rows,
            [
                (lead.id, 'archived', False, self.stage_open.id),
                (won.id, None, True, self.stage_won.id),
                (lost.id, 'lost', False, self.stage_open.id),
                (archived.id, 'archived', False, None),
            ],
        )

    def test_rebuilt_states_keep_what_did_not_change(self):
        def at(day):
            return datetime(2026, 3, day)

        changes = [
            # lead, from, order, stage, salesperson, active
            (1, at(1), 0, 10, 7, 1),
            (1, at(2), 5, 20, None, None),
            (1, at(2), 6, None, 8, None),
            (1, at(3), 0, None, None, 0),
            (2, at(1), 0, 10, 0, 1),
        ]
        rows = self.env.execute_query(
            SQL(
                """
                WITH change (lead_id, at, ord, stage, owner, active, is_lost, uid)
                  AS (SELECT *, FALSE, 1 FROM (VALUES %s) AS noted)
                SELECT lead_id, at, stage, owner, active FROM (%s) AS state
              ORDER BY lead_id, at, ord
                """,
                SQL(", ").join(
                    SQL("(%s, %s::timestamp, %s, %s::int, %s::int, %s::int)", *change)
                    for change in changes
                ),
                self.env['crm.stage.history']._get_state_rows(),
            )
        )
        self.assertEqual(
            rows,
            [
                (1, at(1), 10, 7, True),
                (1, at(2), 20, 7, True),
                (1, at(2), 20, 8, True),
                (1, at(3), 20, 8, False),
                (2, at(1), 10, 0, True),
            ],
        )
