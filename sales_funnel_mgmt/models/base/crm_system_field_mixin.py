"""Restrict who writes a field: only the system, or only some groups."""

from odoo import api, models


class CrmSystemFieldMixin(models.AbstractModel):
    """Refuse to write fields that are declared with one of two parameters.

    `system=True`: only the system writes the field. The code of the addon writes it in sudo mode.
    `write_groups='a.b,c.d'`: only users of these groups write the field. Odoo's `groups` still
    decides who reads it.

    The answer is the same for forms, imports and RPC, one2many commands and `default_*` keys of the
    context: Odoo's access error, which names the field. The web client shows such fields read-only.
    """

    _name = 'crm.system.field.mixin'
    _description = "Fields That Only the System Writes"

    @api.model
    def _valid_field_parameter(self, field, name):
        """Accept the two parameters."""
        return name in ('system', 'write_groups') or super()._valid_field_parameter(field, name)

    @api.model
    def _has_field_access(self, field, operation):
        """Refuse to write a field that its parameters reserve."""
        if operation == 'write' and not self.env.su:
            if getattr(field, 'system', False):
                return False
            groups = getattr(field, 'write_groups', None)
            if groups and not self.env.user.has_groups(groups):
                return False
        return super()._has_field_access(field, operation)

    @api.model
    def default_get(self, fields):
        """Ignore the defaults of reserved fields that a user has saved or sends.

        They would write the field. The default of the field itself stays.
        """
        own = [self._fields[name] for name in fields if self._is_reserved_field(name)]
        values = super().default_get([name for name in fields if not self._is_reserved_field(name)])
        for field in own:
            if field.default:
                value = field.convert_to_cache(field.default(self), self, validate=False)
                values[field.name] = field.convert_to_write(value, self)
        return values

    def copy_data(self, default=None):
        """Leave out the system fields: a copy starts with the defaults of a new record."""
        sent = default or {}
        return [
            {
                name: value
                for name, value in values.items()
                if name in sent or not self._is_system_field(name)
            }
            for values in super().copy_data(default)
        ]

    def onchange(self, values, field_names, fields_spec):
        """Fill a new form without the system fields that the caller sends.

        This first call returns all the fields of the form, with the names of linked records. Later
        calls return only changed values. The web client sends read-only fields with them, without
        asking to write them.
        """
        if not field_names:
            values = {
                name: value for name, value in values.items() if not self._is_system_field(name)
            }
        return super().onchange(values, field_names, fields_spec)

    @api.model
    def _is_system_field(self, name):
        """Return whether only the system writes the field of this name."""
        return getattr(self._fields.get(name), 'system', False)

    @api.model
    def _is_reserved_field(self, name):
        """Return whether the writing of the field of this name is restricted."""
        return self._is_system_field(name) or hasattr(self._fields.get(name), 'write_groups')
