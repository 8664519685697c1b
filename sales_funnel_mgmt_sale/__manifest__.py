{
    "name": "Sales Funnel Management: Sales Orders",
    "version": "19.0.1.2.0",
    "category": "Sales/CRM",
    "summary": "Quota vs. actual by confirmed sales orders or invoices",
    "author": "Sales Funnel Management contributors",
    "license": "LGPL-3",
    "depends": ["sales_funnel_mgmt", "sale_crm"],
    "auto_install": True,
    "data": [
        "data/handover_audit.xml",
        "report/crm_quota_report_views.xml",
        "views/res_config_settings_views.xml",
        "views/sale_order_views.xml",
    ],
    "demo": [
        "demo/sale_order_demo.xml",
    ],
}
