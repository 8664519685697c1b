"""Test the conventions for fields of the addon's models."""

from odoo.models import LOG_ACCESS_COLUMNS
from odoo.tests import TransactionCase, tagged

MODULE = 'sales_funnel_mgmt'


@tagged('post_install', '-at_install')
class TestModelConventions(TransactionCase):
    def _our_models(self):
        data = self.env['ir.model.data'].search([
            ('module', '=', MODULE),
            ('model', '=', 'ir.model'),
        ])
        return (
            self
            .env['ir.model']
            .browse(data.mapped('res_id'))
            .filtered(lambda model: self.env[model.model]._original_module == MODULE)
        )

    def test_every_model_of_ours_is_protected_and_described(self):
        for model in self._our_models():
            Model = self.env[model.model]
            with self.subTest(model=model.model):
                if not Model._abstract:
                    self.assertTrue(model.access_ids, "no access rights")
                self.assertNotEqual(Model._description, Model._name, "no description")

    def test_every_field_of_ours_has_help(self):
        fields = (
            self
            .env['ir.model.fields']
            .search([
                (
                    'model',
                    'in',
                    [
                        'crm.lead',
                        'crm.stage',
                        'mail.activity',
                        'mail.activity.plan.template',
                        *self._our_models().mapped('model'),
                    ],
                )
            ])
            .filtered(lambda field: MODULE in (field.modules or '').split(', '))
        )
        added = fields.filtered(
            lambda field: (
                field.modules == MODULE
                and field.name
                not in {
                    # fields of Odoo's own mixins
                    *self.env['mail.thread']._fields,
                    *self.env['mail.activity.mixin']._fields,
                    'id',
                    'display_name',
                    'create_uid',
                    'create_date',
                    'write_uid',
                    'write_date',
                }
            )
        )
        self.assertTrue(added)
        self.assertFalse(added.filtered(lambda field: not field.help).mapped('name'))

    def _stored_fields_of_ours(self):
        """Yield the stored fields that the addon declares on models with write access.

        Wizards are left out: users set all of their fields.
        """
        writable = set(
            self
            .env['ir.model.access']
            .search(['|', ('perm_write', '=', True), ('perm_create', '=', True)])
            .model_id.mapped('model')
        )
        for name in sorted(writable):
            if not self.env[name]._transient:
                for field in self.env[name]._fields.values():
                    if field.store and field.column_type and field._module == MODULE:
                        yield field

    def test_only_the_system_writes_read_only_fields(self):
        """Read-only fields are declared with `system=True`: RPC calls could write them otherwise."""
        open_fields = [
            str(field)
            for field in self._stored_fields_of_ours()
            if field.readonly
            and field.name not in LOG_ACCESS_COLUMNS
            and not getattr(field, 'system', False)
        ]
        self.assertFalse(open_fields)

    def test_system_fields_are_read_only(self):
        """System fields are read-only: a form would offer to edit them otherwise."""
        for field in self._stored_fields_of_ours():
            if getattr(field, 'system', False):
                with self.subTest(field=field):
                    self.assertTrue(field.readonly)

    def test_unsaved_forms_tell_nothing_of_unreadable_records(self):
        """Fields that are computed in sudo mode answer a caller who sends an ID: the mixin checks it."""
        # Tells the currency of a company.
        harmless = {'crm.stage.history'}
        Mixin = self.registry['crm.given.record.mixin']
        open_models = {
            model.model
            for model in self._our_models()
            for Model in [self.env[model.model]]
            if not Model._abstract
            and not issubclass(type(Model), Mixin)
            and any(
                field.compute_sudo and field._module == MODULE and field.compute
                for field in Model._fields.values()
            )
        }
        self.assertEqual(open_models - harmless, set())
