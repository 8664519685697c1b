import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

const openMenu = (menu, item) => [
    { trigger: `.o_menu_sections button[data-menu-xmlid='${menu}']`, run: "click" },
    { trigger: `.dropdown-item[data-menu-xmlid='${item}']`, run: "click" },
];

registry.category("web_tour.tours").add("sales_funnel_mgmt_sales_quotas", {
    steps: () => [
        ...stepUtils.goToAppSteps("crm.crm_menu_root", "open CRM"),
        ...openMenu(
            "sales_funnel_mgmt.sales_quota_menu",
            "sales_funnel_mgmt.crm_sales_quota_grid_menu",
        ),
        {
            content: "nothing is set yet",
            trigger: "tr:contains('Tour seller') .o_quota_not_set:contains('no quota')",
        },
        {
            content: "set January's quota in place",
            trigger: "tr:contains('Tour seller') td:nth-child(2) input",
            run: "edit 1000 && press Enter",
        },
        {
            content: "the row adds up",
            trigger: "tr:contains('Tour seller') .o_quota_subtotal:contains('1,000')",
        },
        {
            trigger: "tr:contains('Tour seller') .o_quota_not_set:contains('11 months')",
        },
        {
            content: "take the year from the funnel instead",
            trigger: ".o_control_panel button:contains('Enter Quotas')",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=user_ids] input",
            run: "edit Tour seller",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains('Tour seller')",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=source] label:contains('funnel')",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=replace_drafts] input",
            run: "click",
        },
        {
            trigger: ".modal button[name=action_enter]",
            run: "click",
        },
        {
            content: "the quotas that were made",
            trigger: ".o_list_view .o_data_row:contains('1,000,000')",
        },
        ...openMenu("crm.crm_menu_report", "sales_funnel_mgmt.crm_quota_report_menu"),
        {
            content: "no order yet: 0 % of the quota",
            trigger: ".o_pivot tr:contains('Tour seller') td:contains('1,000,000')",
        },
    ],
});

registry.category("web_tour.tours").add("sales_funnel_mgmt_my_quota", {
    steps: () => [
        ...stepUtils.goToAppSteps("crm.crm_menu_root", "open CRM"),
        ...openMenu("crm.crm_menu_sales", "sales_funnel_mgmt.crm_my_quota_menu"),
        {
            content: "250 of 1,000",
            trigger: "[data-kind=month] .o_my_quota_attainment:contains('25%')",
        },
        {
            trigger: "[data-kind=month] .o_my_quota_needed:contains('750')",
        },
        {
            content: "what it is made of",
            trigger: "[data-kind=month]",
            run: "click",
        },
        {
            trigger: ".o_list_view .o_data_row:contains('Tour order')",
        },
        {
            content: "no quotas of others, and nothing to enter",
            trigger: "body:not(:has([data-menu-xmlid='sales_funnel_mgmt.sales_quota_menu']))",
        },
    ],
});
