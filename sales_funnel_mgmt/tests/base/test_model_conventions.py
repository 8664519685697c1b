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
                    # of Odoo's own mixins
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
