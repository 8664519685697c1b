"""Check that users may read the records that they link to."""

from collections import defaultdict

from odoo import api, models
from odoo.fields import Command


class CrmGivenRecordMixin(models.AbstractModel):
    """Refuse links to records that the user may not read.

    Odoo computes related fields, and the names of linked records, in sudo mode. A caller could send the ID
    of a record of another company, and read its name and amounts in the new record or in the unsaved form.
    Links that are stored already may stay.
    """

    _name = 'crm.given.record.mixin'
    _description = "Links to Records That the User May Read"

    @api.model
    def default_get(self, fields):
        """Override to check the records that defaults of the context link to."""
        values = super().default_get(fields)
        self._check_given_records([values])
        return values

    @api.model_create_multi
    def create(self, vals_list):
        """Override to check the records that the new ones are linked to."""
        self._check_given_records(vals_list)
        return super().create(vals_list)

    def write(self, vals):
        """Override to check the records that are linked."""
        self._check_given_records([vals])
        return super().write(vals)

    def onchange(self, values, field_names, fields_spec):
        """Override to check the records that an unsaved form is linked to."""
        self._check_given_records([values])
        return super().onchange(values, field_names, fields_spec)

    def _check_given_records(self, vals_list):
        """Check the access to the records that values link to.

        :param list[dict] vals_list: Values to write, in the forms that `create` and `write` accept.
        :raise AccessError: If the user may not read one of them.
        """
        if self.env.su:
            return
        ids_by_model = defaultdict(set)
        for vals in vals_list:
            _collect_ids(self, vals, ids_by_model)
        for model, ids in ids_by_model.items():
            self.env[model].browse(ids).exists().check_access('read')


def _collect_ids(records, vals, ids_by_model):
    """Collect the IDs that values link to, by model, except those that the records are linked to.

    :param records: Records that the values are for. Empty for a new one.
    :param dict vals: Values to write.
    :param dict ids_by_model: Sets of IDs to add to, by name of the model.
    """
    for name, value in vals.items():
        field = records._fields.get(name)
        if not value or field is None or not field.relational:
            continue
        # In sudo mode: only the IDs are compared.
        stored_ids = records.sudo()[name].ids if records.ids and field.store else ()
        if field.type == 'many2one':
            new_ids = {field.convert_to_cache(value, records, validate=False)}
        else:
            comodel = records.env[field.comodel_name]
            new_ids = set()
            for command in value:
                match command:
                    case [Command.CREATE, _, dict() as nested]:
                        _collect_ids(comodel, nested, ids_by_model)
                    case [Command.UPDATE, id_, dict() as nested]:
                        new_ids.add(id_)
                        line = comodel.browse(id_ if isinstance(id_, int) else ())
                        _collect_ids(line.exists(), nested, ids_by_model)
                    case [Command.LINK, id_, *_]:
                        new_ids.add(id_)
                    case [Command.SET, _, ids]:
                        new_ids.update(ids)
                    case int() as id_:
                        new_ids.add(id_)
        ids_by_model[field.comodel_name].update(
            id_ for id_ in new_ids if isinstance(id_, int) and id_ not in stored_ids
        )
