"""Link the opportunities of a handover to their customers."""

import logging

from odoo import api, fields, models
from odoo.tools import SQL

from ..crm_handover_line import ONGOING_STATES

_logger = logging.getLogger(__name__)


class CrmHandoverLine(models.Model):
    _inherit = 'crm.handover.line'

    handover_customer_id = fields.Many2one(
        comodel_name='crm.handover.customer',
        string="Customer of the Handover",
        readonly=True,
        system=True,
        ondelete='cascade',
        index=True,
        help="Customer of this handover that the opportunity belongs to.",
    )

    # === BUSINESS METHODS === #

    def _link_customers(self):
        """Link the lines to the customers of their handovers, which are created if needed. In sudo mode."""
        Customer = self.env['crm.handover.customer']
        for handover, lines in self.grouped('handover_id').items():
            known = {
                customer.customer_id.id or -customer.line_ids[:1].lead_id.id: customer
                for customer in handover.customer_ids
            }
            by_key = lines.grouped(lambda line: line.lead_id._get_customer_key())
            missing = [key for key in by_key if key not in known]
            new = Customer.create([
                {
                    'handover_id': handover.id,
                    'customer_id': key if key > 0 else False,
                    'customer_name': (
                        by_key[key].lead_id.customer_id.display_name
                        if key > 0
                        else by_key[key].lead_id.name
                    ),
                }
                for key in missing
            ])
            known.update(zip(missing, new, strict=True))
            for key, own in by_key.items():
                own.handover_customer_id = known[key]
                if not known[key].to_user_id and len(own.to_user_id) == 1:
                    known[key].to_user_id = own.to_user_id

    def _set_receiver(self, user):
        """Give the opportunities another receiver, who gets their open tasks as well. In sudo mode.

        :param res.users user: New receiver. Empty only before the start.
        """
        former = {line: line.to_user_id for line in self}
        self.to_user_id = user
        started = self.filtered(lambda line: line.state in ONGOING_STATES)
        started._check_has_receiver()
        started._change_receiver(former)

    def _give_receiver_to_customers(self):
        """Give the customers the receiver of these opportunities. In sudo mode.

        All that one salesperson holds of a customer goes to one receiver. Only an opportunity of a
        shared customer may have a receiver of its own.
        """
        for (customer, user), _lines in self.grouped(
            lambda line: (line.handover_customer_id, line.to_user_id)
        ).items():
            if customer.to_user_id != user and not (customer.is_shared and customer.to_user_id):
                customer.to_user_id = user

    @api.model
    def _repair_handover_customers(self):
        """Create the customers of handovers that earlier versions have made.

        An opportunity without a contact is a customer of its own. The receiver of a customer is the one
        of its first opportunity that has one.
        """
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                WITH former AS MATERIALIZED (
                    SELECT line.id, line.handover_id, line.company_id, line.to_user_id,
                           contact.commercial_partner_id AS customer_id,
                           COALESCE(customer.complete_name, line.lead_name) AS name,
                           COALESCE(contact.commercial_partner_id, -line.id) AS key
                      FROM crm_handover_line line
                 LEFT JOIN res_partner contact ON contact.id = line.partner_id
                 LEFT JOIN res_partner customer ON customer.id = contact.commercial_partner_id
                     WHERE line.handover_customer_id IS NULL
                ),
                numbered AS MATERIALIZED (
                    SELECT nextval('crm_handover_customer_id_seq') AS id, customer.*
                      FROM (
                    SELECT handover_id, key, MIN(company_id) AS company_id,
                           MIN(customer_id) AS customer_id, MIN(name) AS name,
                           (ARRAY_AGG(to_user_id ORDER BY id)
                            FILTER (WHERE to_user_id IS NOT NULL))[1] AS to_user_id
                      FROM former
                  GROUP BY handover_id, key
                           ) AS customer
                ),
                created AS (
                    INSERT INTO crm_handover_customer (
                        id, handover_id, company_id, customer_id, customer_name, to_user_id,
                        create_uid, create_date, write_uid, write_date)
                    SELECT id, handover_id, company_id, customer_id, name, to_user_id,
                           %(uid)s, %(now)s, %(uid)s, %(now)s
                      FROM numbered
                )
                UPDATE crm_handover_line line
                   SET handover_customer_id = numbered.id
                  FROM former
                  JOIN numbered
                    ON numbered.handover_id = former.handover_id AND numbered.key = former.key
                 WHERE line.id = former.id
                """,
                uid=self.env.uid,
                now=self.env.cr.now(),
            )
        )
        _logger.info("Lines of handovers: %s were put under their customer", self.env.cr.rowcount)
        self.env.invalidate_all()
