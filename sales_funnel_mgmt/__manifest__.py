{
    "name": "Sales Funnel Management",
    "version": "19.0.1.1.0",
    "category": "Sales/CRM",
    "summary": "Quota rates by stage, customer and team: what the pipeline is worth towards quota",
    "author": "Sales Funnel Management contributors",
    "license": "LGPL-3",
    "depends": ["crm"],
    "data": [
        # Security first: the views below need the access rights.
        "security/ir.model.access.csv",
        "security/crm_quota_rate_security.xml",
        "security/crm_stage_history_security.xml",
        "security/crm_handover_security.xml",
        "security/crm_salesperson_change_report_security.xml",
        # Records
        "data/ir_cron_data.xml",
        "data/ir_sequence_data.xml",
        "data/crm_pipeline_check_data.xml",
        "data/mail_template_data.xml",
        "data/mail_activity_type_data.xml",
        "data/mail_activity_plan_data.xml",
        # Views
        "views/crm_stage_views.xml",
        "views/crm_quota_rate_views.xml",
        "views/crm_lead_views.xml",
        "views/salesperson_lock_views.xml",
        "views/res_config_settings_views.xml",
        "report/crm_lead_quota_views.xml",
        "report/crm_salesperson_change_report_views.xml",
        # Handovers: the sheet and the dialog are buttons of the views.
        "report/crm_handover_sheet.xml",
        "report/crm_handover_progress_report_views.xml",
        "wizard/crm_handover_create_views.xml",
        "views/crm_handover_views.xml",
        "views/crm_handover_line_views.xml",
        "views/crm_pipeline_check_views.xml",
        "views/crm_lead_handover_views.xml",
        "views/crm_stage_handover_views.xml",
        "views/res_users_views.xml",
        # Menus last: they need the actions.
        "views/menus.xml",
    ],
    "demo": [
        "demo/res_users_demo.xml",
        "demo/crm_team_demo.xml",
        "demo/res_partner_demo.xml",
        "demo/crm_lead_demo.xml",
        "demo/crm_quota_rate_demo.xml",
        "demo/crm_stage_demo.xml",
        "demo/crm_handover_demo.xml",
    ],
    "assets": {
        "web.assets_backend": [
            "sales_funnel_mgmt/static/src/**/*",
        ],
        "web.assets_tests": [
            "sales_funnel_mgmt/static/tests/tours/**/*",
        ],
        "web.assets_unit_tests": [
            "sales_funnel_mgmt/static/tests/**/*.test.js",
        ],
    },
    "pre_init_hook": "pre_init_hook",
    "post_init_hook": "post_init_hook",
    "uninstall_hook": "uninstall_hook",
}
