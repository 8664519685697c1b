"""Install the addon on a live database, without loading its opportunities, and uninstall it."""

from odoo.tools import sql


def pre_init_hook(env):
    """Create the stored columns of Odoo's big tables, so that the ORM does not fill them row by row."""
    for table_name, column_name, column_type in (
        ('crm_lead', 'quota_rate', 'numeric'),
        ('crm_lead', 'quota_rate_origin', 'varchar'),
        ('crm_lead', 'quota_amount', 'numeric'),
        ('crm_lead', 'has_own_quota_rate', 'bool'),
        ('crm_lead', 'own_quota_rate', 'numeric'),
        ('crm_lead', 'own_quota_rate_reason', 'varchar'),
        ('crm_lead', 'own_quota_rate_stage_id', 'int4'),
        ('crm_lead', 'customer_id', 'int4'),
        ('crm_lead', 'handover_user_id', 'int4'),
        ('mail_activity', 'former_user_id', 'int4'),
        ('mail_activity', 'handover_line_id', 'int4'),
        ('mail_activity', 'is_handover_mandatory', 'bool'),
        ('mail_activity', 'handover_reminded_on', 'date'),
        ('mail_message', 'is_automatic', 'bool'),
    ):
        if not sql.column_exists(env.cr, table_name, column_name):
            sql.create_column(env.cr, table_name, column_name, column_type)


def post_init_hook(env):
    """Give the stages a first quota rate and fill the columns, open and closed opportunities alike."""
    env['crm.stage'].search([])._set_initial_quota_rates()
    env['crm.lead']._fill_quota_rates()
    env['crm.stage.history']._rebuild()
    env['crm.communication']._rebuild()


def uninstall_hook(env):
    """Remove the records that Odoo's uninstallation overlooks.

    Odoo ascribes two kinds of records to other modules: the foreign keys of its own models, and the
    records that extensions of `mail.thread` write about the addon's models. Open stall alerts are
    deleted. Activities that users have planned with the addon's activity types become to-dos.
    """
    env['mail.activity'].search([
        ('activity_type_id', '=', env.ref('sales_funnel_mgmt.mail_activity_type_stalled').id),
    ]).unlink()
    env['ir.model.constraint'].search([
        (
            'name',
            'in',
            (
                'crm_lead_customer_id_fkey',
                'crm_lead_own_quota_rate_stage_id_fkey',
                'crm_lead_handover_user_id_fkey',
                'crm_stage_handover_plan_id_fkey',
                'mail_activity_former_user_id_fkey',
                'mail_activity_handover_line_id_fkey',
                'res_company_stall_fallback_user_id_fkey',
            ),
        ),
    ]).unlink()
    for model in ('crm_quota_rate', 'crm_handover', 'crm_territory_plan'):
        env['ir.model.data'].search([
            ('model', 'in', ('ir.model.inherit', 'ir.model.fields.selection')),
            ('module', '!=', 'sales_funnel_mgmt'),
            '|',
            ('name', '=like', f'model_inherit__{model}__%'),
            ('name', '=like', f'selection__{model}__%'),
        ]).unlink()
    _keep_activities(env)


def _keep_activities(env):
    """Turn the activities and plan templates with the addon's activity types into to-dos."""
    kind_ids = (
        env['ir.model.data']
        .search([('module', '=', 'sales_funnel_mgmt'), ('model', '=', 'mail.activity.type')])
        .mapped('res_id')
    )
    todo = env.ref('mail.mail_activity_data_todo')
    for model in ('mail.activity', 'mail.activity.plan.template'):
        env[model].with_context(active_test=False).search([
            ('activity_type_id', 'in', kind_ids)
        ]).write({'activity_type_id': todo.id})
