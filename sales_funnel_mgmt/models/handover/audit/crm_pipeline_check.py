"""Define the audit check: a rule that finds incomplete or implausible opportunities and customers.

A sales administrator writes the conditions of a check. They are evaluated with the rights of a reader
of the findings, never in sudo mode: else a check could answer questions about records that the
administrator may not read.
"""

import logging

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import mute_logger
from odoo.tools.safe_eval import datetime, dateutil, safe_eval, time

_logger = logging.getLogger(__name__)

# Largest number of characters of the explanation why a check does not work
EXPLANATION_LENGTH = 200
SEVERITIES = [
    ('info', "Information"),
    ('warning', "Warning"),
    ('blocking', "Blocking"),
]


class CrmPipelineCheck(models.Model):
    """Find opportunities by a domain, or by one of the built-in rules."""

    _name = 'crm.pipeline.check'
    _description = "Audit Check"
    _order = 'sequence, id'

    name = fields.Char(
        string="Finding",
        required=True,
        translate=True,
        help="What is wrong with the opportunities that are found.",
    )
    sequence = fields.Integer(default=10, help="Order of the checks.")
    active = fields.Boolean(default=True, help="Archived checks are not made.")
    severity = fields.Selection(
        selection=SEVERITIES,
        required=True,
        default='warning',
        help="A handover starts only when its blocking findings are fixed, or waived with a reason.",
    )
    code = fields.Selection(
        selection=[('domain', "Conditions")],
        string="Finds",
        required=True,
        default='domain',
        help="Opportunities that meet conditions on their own fields, or one of the built-in rules.",
    )
    domain = fields.Char(
        string="Conditions",
        default='[]',
        help="Opportunities that are found: those that meet these conditions.",
    )
    parameter = fields.Float(
        string="Threshold",
        help="Figure of a built-in rule: days, percent or a factor, as the rule says.",
    )
    description = fields.Text(
        translate=True,
        help="What the check means and how to fix a finding.",
    )

    # === CONSTRAINT METHODS === #

    @api.constrains('domain', 'code', 'parameter')
    def _check_usable(self):
        """Refuse a check that finds every opportunity, or that the database cannot carry out."""
        for check in self:
            try:
                if check.code == 'domain' and check._get_domain().is_true():
                    raise ValueError(  # noqa: TRY301 - all that is wrong is said in one way
                        self.env._("It finds every opportunity.")
                    )
                check._try_out()
            except OperationalError:
                # The transaction is repeated.
                raise
            # A user's expression can fail in any way: a name, the syntax, a value.
            except Exception as error:
                raise ValidationError(
                    self.env._(
                        "The conditions of the check “%(check)s” cannot be used: %(error)s",
                        check=check.name,
                        error=explain(error),
                    )
                ) from error

    # === BUSINESS METHODS === #

    def _get_domain(self):
        """Evaluate the conditions of this check.

        :rtype: odoo.fields.Domain
        """
        self.ensure_one()
        return Domain(
            safe_eval(
                self.domain or '[]',
                {
                    'uid': self.env.uid,
                    'context_today': self.env.company._get_sales_today,
                    'datetime': datetime,
                    'relativedelta': dateutil.relativedelta.relativedelta,
                    'time': time,
                },
            )
        )

    def _try_out(self):
        """Carry out the check without a result, so that a field or a value that is wrong fails."""
        # Odoo checks the constraints of a new record in sudo mode: the conditions are those of the user.
        model = 'res.partner' if self._is_about_customers() else 'crm.lead'
        records = self.env[model].sudo(False).with_context(active_test=False)
        with self.env.cr.savepoint(), mute_logger('odoo.sql_db'):
            if self.code == 'domain':
                domain = self._get_domain()
                check_access_of_domain(records, domain)
                records.search(domain, limit=1)
            else:
                self._find(records)

    @api.model
    def _get_customer_codes(self):
        """Return the built-in rules that find customers. All the others find opportunities.

        :rtype: set[str]
        """
        return {'no_opportunity', 'unreachable', 'other_company'}

    def _is_about_customers(self):
        """Return whether the check finds customers, not opportunities."""
        self.ensure_one()
        return self.code in self._get_customer_codes()

    def _find(self, records):
        """Find opportunities or customers with one query.

        :param records: Opportunities or customers to check, in the environment of a reader of the
            findings. Opportunities may be closed.
        :return: Those that do not pass the check.
        """
        self.ensure_one()
        if self.code == 'domain':
            # With the rights of the reader, whose ID is the `uid` of the conditions.
            domain = self.with_env(records.env)._get_domain()
            check_access_of_domain(records, domain)
            return records.with_context(active_test=False).search(
                Domain('id', 'in', records.ids) & domain
            )
        return records.browse(getattr(self, f'_find_{self.code}')(records))

    def _find_or_explain(self, records):
        """Find opportunities or customers, or explain why the check does not work any more.

        A field of the conditions can have been removed since they were saved, for instance.

        :param records: See `_find`.
        :return: Those that do not pass the check, and an explanation or None.
        :rtype: tuple
        """
        try:
            with self.env.cr.savepoint(), mute_logger('odoo.sql_db'):
                return self._find(records), None
        except OperationalError:
            # The transaction is repeated.
            raise
        # A user's expression can fail in any way: see `_check_usable`.
        except Exception as error:
            _logger.info("Audit check %s could not be carried out", self.id, exc_info=True)
            return records.browse(), explain(error)


def check_access_of_domain(records, domain):
    """Check that the user may read each field and model that the conditions of a domain pass.

    Odoo does not check the fields behind a relation that bypasses the access rights in a search, such
    as the messages of an opportunity.

    :param records: Records of the model that the domain is for.
    :param Domain domain: Conditions.
    :raise AccessError: If the user may not read a field or a model.
    """
    for condition in domain.iter_conditions():
        model = records.browse()
        for name in condition.field_expr.split('.'):
            field = model._fields.get(name)
            if field is None:
                # A part of a date or of a property; a field that does not exist fails in the search.
                break
            model._check_field_access(field, 'read')
            if field.relational:
                model = model.env[field.comodel_name]
                model.check_access('read')
        if isinstance(condition.value, Domain):
            check_access_of_domain(model, condition.value)


def explain(error):
    """Return the first line of an error, for people who write conditions."""
    return (str(error).strip() or type(error).__name__).splitlines()[0][:EXPLANATION_LENGTH]
