"""Collect the past changes of opportunities that Odoo has tracked in the chatter.

A chatter can have gaps, after an import or with tracking switched off. It can also have changes of another
opportunity that was merged into this one. Changes therefore count only if they form a chain that ends
with the values of today: each change begins with the value that the one before has set.

There are two temporary tables: `sfm_lead` holds the opportunities, and `sfm_move` the changes of their stage,
salesperson and active.
"""

from odoo import api, models
from odoo.tools import SQL


class CrmStageHistory(models.Model):
    _inherit = 'crm.stage.history'

    @api.model
    def _rebuild_collect_leads(self):
        """Collect the opportunities with the values of today and the dates since when they can hold."""
        self.env.cr.execute(
            SQL(
                """
                CREATE TEMPORARY TABLE sfm_lead ON COMMIT DROP AS
                SELECT l.id, COALESCE(l.stage_id, 0) AS stage, COALESCE(l.user_id, 0) AS owner,
                       l.active::int AS active,
                       started.at AS started_at,
                       -- Odoo sets these dates even if tracking is switched off
                       CASE WHEN l.active AND stage.is_won
                            THEN LEAST(l.date_last_stage_update, l.date_closed)
                            ELSE LEAST(l.date_last_stage_update, closed.at)
                       END AS stage_since,
                       l.date_open AS owner_since,
                       closed.at AS closed_at
                  FROM crm_lead l
             LEFT JOIN crm_stage stage ON stage.id = l.stage_id
            CROSS JOIN LATERAL (
                SELECT date_trunc('second', LEAST(COALESCE(
                           -- a copy has the conversion date of its original
                           GREATEST(l.create_date, l.date_conversion), l.write_date, %(now)s
                           -- it was won or closed before it was imported
                       ), CASE WHEN stage.is_won OR NOT l.active THEN l.date_closed END)) AS at
                       ) AS started
            CROSS JOIN LATERAL (
                SELECT CASE WHEN NOT l.active
                            THEN GREATEST(started.at, COALESCE(l.date_closed, l.write_date))
                       END AS at
                       ) AS closed
                 WHERE l.type = 'opportunity'
                   AND NOT EXISTS (
                       SELECT FROM crm_stage_history stay WHERE stay.lead_id = l.id
                       )
                """,
                now=self.env.cr.now(),
            )
        )
        self.env.cr.execute(SQL("CREATE INDEX ON sfm_lead (id)"))
        self.env.cr.execute(SQL("ANALYZE sfm_lead"))

    @api.model
    def _rebuild_collect_moves(self):
        """Collect the tracked changes of stage, salesperson and active, a row each.

        `ord` orders the changes of one second.
        """
        Fields = self.env['ir.model.fields']
        self.env.cr.execute(
            SQL(
                """
                CREATE TEMPORARY TABLE sfm_move ON COMMIT DROP AS
                WITH lost_message AS MATERIALIZED (
                    SELECT DISTINCT v.mail_message_id AS id
                      FROM mail_tracking_value v
                     WHERE %(is_loss)s
                )
                SELECT lead.id AS lead_id,
                       CASE v.field_id WHEN %(stage)s THEN 's' WHEN %(owner)s THEN 'u'
                                       ELSE 'a' END AS field,
                       v.id, m.id AS ord, date_trunc('second', v.create_date) AS at,
                       COALESCE(v.old_value_integer, 0) AS old,
                       COALESCE(v.new_value_integer, 0) AS new,
                       v.create_uid AS uid, lost_message.id IS NOT NULL AS is_lost
                  FROM mail_tracking_value v
                  JOIN mail_message m ON m.id = v.mail_message_id
                  JOIN sfm_lead lead ON lead.id = m.res_id
             LEFT JOIN lost_message ON lost_message.id = m.id
                 WHERE v.field_id IN (%(stage)s, %(owner)s, %(active)s)
                   AND %(is_own)s
                   AND COALESCE(v.old_value_integer, 0) <> COALESCE(v.new_value_integer, 0)
                """,
                stage=Fields._get('crm.lead', 'stage_id').id,
                owner=Fields._get('crm.lead', 'user_id').id,
                active=Fields._get('crm.lead', 'active').id,
                is_loss=self._get_loss_condition(),
                is_own=self._get_own_message_condition(),
            )
        )
        self.env.cr.execute(SQL("ANALYZE sfm_move"))

    @api.model
    def _rebuild_mark_losses(self):
        """Mark opportunities that were archived first and lost later as lost, until they are restored."""
        self.env.cr.execute(
            SQL(
                """
                WITH lost AS MATERIALIZED (
                    SELECT DISTINCT m.res_id AS lead_id, m.id AS ord
                      FROM mail_tracking_value v
                      JOIN mail_message m ON m.id = v.mail_message_id
                     WHERE %(is_own)s AND %(is_loss)s
                )
                UPDATE sfm_move closing
                   SET is_lost = TRUE
                  FROM lost
                 WHERE closing.lead_id = lost.lead_id
                   AND closing.field = 'a'
                   AND closing.new = 0
                   AND closing.ord < lost.ord
                   AND NOT EXISTS (
                       SELECT FROM sfm_move restored
                        WHERE restored.lead_id = closing.lead_id
                          AND restored.field = 'a'
                          AND restored.new = 1
                          AND restored.ord > closing.ord
                          AND restored.ord <= lost.ord)
                """,
                is_own=self._get_own_message_condition(),
                is_loss=self._get_loss_condition(),
            )
        )

    @api.model
    def _get_loss_condition(self):
        """Return the SQL condition that a tracking value (alias `v`) tells of a loss."""
        Fields = self.env['ir.model.fields']
        return SQL(
            "(v.field_id = %s OR v.field_id = %s AND v.new_value_integer > 0)",
            Fields._get('crm.lead', 'won_status').id,
            Fields._get('crm.lead', 'lost_reason_id').id,
        )

    @api.model
    def _get_own_message_condition(self):
        """Return the SQL condition that a message (alias `m`) is an opportunity's own note of a change.

        Odoo gives the messages of a merged opportunity a subject when it moves them to the other one.
        Notes of changes have no subject.
        """
        return SQL("(m.model = 'crm.lead' AND COALESCE(m.subject, '') = '')")

    @api.model
    def _rebuild_add_untracked_moves(self):
        """Add the changes that were not tracked, by the dates on the opportunities.

        There is such a change if the last tracked one did not lead to the value of today, or if none was
        tracked. Odoo also sets the date of opportunities that were in the stage already, when several
        are edited together. If another opportunity has a tracked change in the same second, such a
        date is ignored.
        """
        self.env.cr.execute(
            SQL(
                """
                WITH last AS (
                    SELECT DISTINCT ON (lead_id, field) lead_id, field, at, new
                      FROM sfm_move
                  ORDER BY lead_id, field, at DESC, ord DESC, id DESC
                ),
                today AS (
                    SELECT id AS lead_id, 's' AS field, stage AS value, stage_since AS since,
                           started_at, 0 AS first FROM sfm_lead
                 UNION ALL
                    SELECT id, 'u', owner, owner_since, started_at, owner FROM sfm_lead
                     WHERE id IN (SELECT lead_id FROM last WHERE field = 'u')
                 UNION ALL
                    SELECT id, 'a', active, COALESCE(closed_at, stage_since), started_at, 1
                      FROM sfm_lead
                     WHERE active = 0 OR id IN (SELECT lead_id FROM last WHERE field = 'a')
                )
                INSERT INTO sfm_move (lead_id, field, id, ord, at, old, new, is_lost)
                SELECT lead_id, field, 0, 0, date_trunc('second', since),
                       COALESCE(last.new, first), value, FALSE
                  FROM today
             LEFT JOIN last USING (lead_id, field)
                 WHERE CASE WHEN last.lead_id IS NOT NULL
                            THEN last.new <> value AND date_trunc('second', since) > last.at
                            WHEN field = 'a'
                            THEN first <> value
                            ELSE date_trunc('second', since) > started_at
                                 AND NOT EXISTS (
                                     SELECT FROM sfm_move beside
                                      WHERE beside.field = 's'
                                        AND beside.new = value
                                        AND beside.at = date_trunc('second', since))
                       END
                """
            )
        )

    @api.model
    def _rebuild_drop_broken_moves(self):
        """Drop the changes that do not lead, step by step, to the values of today.

        Most changes do. Otherwise the chain is followed backwards from the value of today: the step
        before is the latest earlier change that leads to the needed value. Changes outside the chain belong
        to another opportunity, or lie before a gap.
        """
        self.env.cr.execute(
            SQL(
                """
                CREATE TEMPORARY TABLE sfm_broken ON COMMIT DROP AS
                SELECT move.*, CASE field WHEN 's' THEN lead.stage WHEN 'u' THEN lead.owner
                                          ELSE lead.active END AS today
                  FROM sfm_move move
                  JOIN sfm_lead lead ON lead.id = move.lead_id
                 WHERE (move.lead_id, field) IN (
                    SELECT lead_id, field
                      FROM (
                        SELECT m.lead_id, m.field, m.old, m.new,
                               LAG(m.new) OVER moves AS previous, LEAD(m.old) OVER moves AS next,
                               CASE m.field WHEN 's' THEN l.stage WHEN 'u' THEN l.owner
                                            ELSE l.active END AS today
                          FROM sfm_move m
                          JOIN sfm_lead l ON l.id = m.lead_id
                        WINDOW moves AS (PARTITION BY lead_id, field ORDER BY at, ord, m.id)
                           ) AS chained
                     WHERE old <> previous OR new <> COALESCE(next, today)
                 )
                """
            )
        )
        self.env.cr.execute(SQL("CREATE INDEX ON sfm_broken (lead_id, field, new, at)"))
        self.env.cr.execute(SQL("ANALYZE sfm_broken"))
        self.env.cr.execute(
            SQL(
                """
                WITH RECURSIVE walk AS (
                    SELECT DISTINCT lead_id, field, today AS needed, 'infinity'::timestamp AS at,
                           ARRAY[]::int[] AS found, 0 AS depth, 0 AS id
                      FROM sfm_broken
                 UNION ALL
                    SELECT walk.lead_id, walk.field, move.old, move.at,
                           walk.found || move.id, walk.depth + 1, move.id
                      FROM walk
                CROSS JOIN LATERAL (
                    SELECT * FROM sfm_broken b
                     WHERE b.lead_id = walk.lead_id AND b.field = walk.field
                       AND b.new = walk.needed AND b.at <= walk.at AND b.id <> ALL(walk.found)
                  ORDER BY b.at DESC, b.ord DESC, b.id DESC
                     LIMIT 1
                           ) AS move
                ),
                kept AS (
                    -- within a second, the order of the chain replaces that of the numbers
                    SELECT b.lead_id, b.field, b.id, b.at,
                           rank() OVER (PARTITION BY b.lead_id, b.field, b.at
                                              ORDER BY walk.depth DESC) AS place
                      FROM walk
                      JOIN sfm_broken b USING (lead_id, field, id)
                     WHERE walk.depth > 0
                ),
                number AS (
                    SELECT b.lead_id, b.field, b.at, b.ord,
                           rank() OVER (PARTITION BY b.lead_id, b.field, b.at
                                              ORDER BY b.ord) AS place
                      FROM sfm_broken b
                      JOIN kept USING (lead_id, field, id)
                ),
                renumbered AS (
                    UPDATE sfm_move move
                       SET ord = number.ord
                      FROM kept
                      JOIN number USING (lead_id, field, at, place)
                     WHERE move.lead_id = kept.lead_id AND move.field = kept.field
                       AND move.id = kept.id AND move.ord <> number.ord
                )
                DELETE FROM sfm_move move
                 USING sfm_broken b
                 WHERE move.lead_id = b.lead_id AND move.field = b.field AND move.id = b.id
                   AND NOT EXISTS (
                       SELECT FROM kept
                        WHERE kept.lead_id = b.lead_id AND kept.field = b.field AND kept.id = b.id
                       )
                """
            )
        )
        self.env.cr.execute(SQL("DROP TABLE sfm_broken"))
