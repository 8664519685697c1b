{
    "name": "Sales Funnel Management",
    "version": "19.0.1.1.0",
    "category": "Sales/CRM",
    "summary": "What the pipeline is worth towards quota, who moved what, and what is stuck",
    "author": "Sales Funnel Management contributors",
    "license": "LGPL-3",
    "depends": ["crm"],
    "data": [
        # Security first: the views below need the access rights.
        "security/ir.model.access.csv",
        "security/crm_quota_rate_security.xml",
        "security/crm_stage_history_security.xml",
        "security/crm_stage_report_security.xml",
        "security/crm_workload_security.xml",
        # Records
        "data/ir_cron_data.xml",
        # Views
        "views/crm_stage_views.xml",
        "views/crm_quota_rate_views.xml",
        "views/crm_stage_history_views.xml",
        "views/crm_team_member_views.xml",
        "views/crm_team_views.xml",
        "views/res_partner_views.xml",
        "views/crm_lead_views.xml",
        "views/res_config_settings_views.xml",
        "report/crm_lead_quota_views.xml",
        "report/crm_sales_cycle_report_views.xml",
        "report/crm_stage_change_report_views.xml",
        "report/crm_stage_flow_report_views.xml",
        "report/crm_stalled_report_views.xml",
        "report/crm_workload_report_views.xml",
        "report/crm_concentration_report_views.xml",
        # Menus last: they need the actions.
        "views/menus.xml",
    ],
    "demo": [
        "demo/res_users_demo.xml",
        "demo/crm_team_demo.xml",
        "demo/res_partner_demo.xml",
        "demo/crm_lead_demo.xml",
        "demo/crm_quota_rate_demo.xml",
        "demo/crm_stage_history_demo.xml",
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
