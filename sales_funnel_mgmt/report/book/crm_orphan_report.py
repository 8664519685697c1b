"""Report on orphans: what users hold who have left sales."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...models.base.arguments import check_one
from ...models.base.naming import name_some

# Room for the kinds in the ID of a row
KINDS = 64


class CrmOrphanReport(models.Model):
    """Report with one row for each open record whose salesperson has left sales.

    A salesperson has left when the user is archived, has become a portal user, or has no sales rights
    any more; a record of a company that is closed to the salesperson is an orphan as well. Records
    from before the installation are included.
    """

    _name = 'crm.orphan.report'
    _description = "Orphans"
    _inherit = ['crm.given.record.mixin']
    _auto = False
    _order = 'user_id, kind, name, id'
    # The query of what is held names the fields of the kinds.
    _depends = {
        'res.users': ['active', 'share', 'group_ids', 'company_ids'],
        'res.partner': ['commercial_partner_id'],
    }

    name = fields.Char(readonly=True, help="Name of the record.")
    kind = fields.Selection(
        selection='_selection_kind', readonly=True, help="Kind of record, such as a customer."
    )
    res_model = fields.Char(
        string="Model", readonly=True, help="Technical name of the record's model."
    )
    res_id = fields.Many2oneReference(
        model_field='res_model',
        string="Record",
        readonly=True,
        aggregator=None,
        help="Database ID of the record.",
    )
    partner_id = fields.Many2one(
        comodel_name='res.partner',
        string="Contact",
        readonly=True,
        help="Contact of the record, or the contact itself.",
    )
    customer_id = fields.Many2one(
        comodel_name='res.partner',
        readonly=True,
        help="The company that the contact belongs to, or the contact itself.",
    )
    user_id = fields.Many2one(
        comodel_name='res.users',
        string="Salesperson",
        readonly=True,
        help="Salesperson of the record, who has left.",
    )
    departure = fields.Selection(
        selection=[
            ('archived', "Archived"),
            ('portal', "Portal user"),
            ('no_rights', "No sales rights"),
            ('company', "Left the company"),
        ],
        readonly=True,
        help="How the salesperson has left. Left the company: the user has no access any more to the "
        "company of the record.",
    )
    team_id = fields.Many2one(
        comodel_name='crm.team', string="Sales Team", readonly=True, help="Team of the record."
    )
    company_id = fields.Many2one(
        comodel_name='res.company', readonly=True, help="Company of the record."
    )

    @property
    def _table_query(self):
        return SQL(" UNION ALL ").join(
            self._query_orphans(position, kind)
            for position, kind in enumerate(self.env['crm.book']._get_kinds())
            if kind.is_moved
        )

    @api.model
    def _query_orphans(self, position, kind):
        """Return a query of the orphans of a kind.

        :param int position: Position of the kind, which makes the IDs of the rows unique.
        :param BookKind kind: Kind of the records.
        """
        Book = self.env['crm.book']
        Users = self.env['res.users']
        return SQL(
            """
            SELECT held.id::bigint * %(kinds)s + %(position)s AS id,
                   held.name, %(key)s AS kind, %(model)s AS res_model, held.id AS res_id,
                   held.partner_id, partner.commercial_partner_id AS customer_id,
                   held.user_id, held.team_id, held.company_id,
                   CASE WHEN NOT holder.active THEN 'archived'
                        WHEN holder.share THEN 'portal'
                        WHEN holder.id NOT IN %(salespeople)s THEN 'no_rights'
                        ELSE 'company'
                   END AS departure
              FROM (%(held)s) AS held
              JOIN res_users holder ON holder.id = held.user_id
         LEFT JOIN res_partner partner ON partner.id = held.partner_id
            """,
            kinds=KINDS,
            position=position,
            key=kind.key,
            model=kind.model,
            salespeople=Users._query_salespeople(),
            held=Book._query_held(kind, Users._has_left),
        )

    @api.model
    def _selection_kind(self):
        return [(kind.key, kind.label) for kind in self.env['crm.book']._get_kinds()]

    # === ACTION METHODS === #

    def action_open_record(self):
        """Open the record of this row."""
        check_one(self)
        # The record's own rights decide what the user sees.
        return self.env[self.res_model].browse(self.res_id).get_formview_action()

    def action_hand_over(self):
        """Open the dialog for a handover of all that the salesperson of these rows holds."""
        users = self.user_id
        if len(users) != 1:
            raise UserError(
                self.env._(
                    "Each salesperson has a handover of their own. Please select the records of one of "
                    "them: %(users)s",
                    users=name_some(self.env, users),
                )
            )
        return users.action_hand_over()
