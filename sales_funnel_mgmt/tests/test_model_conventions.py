from odoo.tests import TransactionCase, tagged

MODULE = 'sales_funnel_mgmt'


@tagged('post_install', '-at_install')
class TestModelConventions(TransactionCase):
    def test_every_model_of_ours_is_protected_and_described(self):
        names = (
            self
            .env['ir.model.data']
            .search([
                ('module', '=', MODULE),
                ('model', '=', 'ir.model'),
            ])
            .mapped('res_id')
        )
        for model in self.env['ir.model'].browse(names):
            Model = self.env[model.model]
            if MODULE not in Model._original_module:
                continue
            with self.subTest(model=model.model):
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
                        'crm.quota.rate',
                        'crm.handover',
                        'crm.handover.line',
                        'crm.handover.receiver',
                        'crm.handover.finding',
                        'crm.handover.create',
                        'crm.handover.progress.report',
                        'crm.pipeline.check',
                        'mail.activity',
                        'mail.activity.plan.template',
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
                    'create_uid',
                    'create_date',
                    'write_uid',
                    'write_date',
                }
            )
        )
        self.assertTrue(added)
        self.assertFalse(added.filtered(lambda field: not field.help).mapped('name'))
