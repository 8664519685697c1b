"""Installation on a live database: a million opportunities must not pass through the ORM."""

from odoo.tools import sql


def pre_init_hook(env):
    """Create the stored columns of crm.lead, so that the ORM does not compute them row by row."""
    for column_name, column_type in (
        ('quota_rate', 'numeric'),
        ('quota_rate_origin', 'varchar'),
        ('quota_amount', 'numeric'),
        ('has_own_quota_rate', 'bool'),
        ('own_quota_rate', 'numeric'),
        ('own_quota_rate_reason', 'varchar'),
        ('own_quota_rate_stage_id', 'int4'),
        ('customer_id', 'int4'),
    ):
        if not sql.column_exists(env.cr, 'crm_lead', column_name):
            sql.create_column(env.cr, 'crm_lead', column_name, column_type)


def post_init_hook(env):
    """Give the stages a first quota rate and fill the columns, open and closed opportunities alike."""
    env['crm.stage'].search([])._set_initial_quota_rates()
    env['crm.lead']._fill_quota_rates()
    env['crm.stage.history']._rebuild()


def uninstall_hook(env):
    """Remove what Odoo overlooks, for it counts these records to the modules that our models extend:
    foreign keys of theirs, and what modules that extend mail.thread note about our model. Alerts that
    are still open would go on as to-dos."""
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
                'res_company_stall_fallback_user_id_fkey',
            ),
        ),
    ]).unlink()
    env['ir.model.data'].search([
        ('model', '=', 'ir.model.inherit'),
        ('module', '!=', 'sales_funnel_mgmt'),
        ('name', '=like', 'model_inherit__crm_quota_rate__%'),
    ]).unlink()
