import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

const openOpportunity = [
    ...stepUtils.goToAppSteps("crm.crm_menu_root", "open CRM"),
    {
        content: "the column adds up what counts towards quota",
        trigger:
            ".o_kanban_group:contains('Tour negotiation') .o_quota_column_total:contains('1,000k')",
    },
    {
        content: "open the opportunity",
        trigger: ".o_kanban_record:contains('Tour opportunity')",
        run: "click",
    },
    {
        content: "5,000,000 at 20 % counts 1,000,000",
        trigger: ".o_form_view .o_field_widget[name=quota_amount]:contains('1,000,000')",
    },
    {
        content: "and says why",
        trigger:
            ".o_field_widget[name=quota_rate_explanation]:contains('Rate of stage Tour negotiation')",
    },
];

registry.category("web_tour.tours").add("sales_funnel_mgmt_quota_rates", {
    steps: () => [
        ...openOpportunity,
        {
            content: "give it a rate of its own",
            trigger: ".o_field_widget[name=has_own_quota_rate] input",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=own_quota_rate] input",
            run: "edit 35",
        },
        {
            trigger: ".o_field_widget[name=own_quota_rate_reason] input",
            run: "edit Half is signed",
        },
        ...stepUtils.saveForm(),
        {
            trigger: ".o_field_widget[name=quota_amount]:contains('1,750,000')",
        },
        {
            trigger: ".o_field_widget[name=quota_rate_explanation]:contains('Half is signed')",
        },
        {
            content: "now the stage's rate",
            trigger: ".o_menu_sections button[data-menu-xmlid='crm.crm_menu_config']",
            run: "click",
        },
        {
            trigger: ".dropdown-item[data-menu-xmlid='sales_funnel_mgmt.crm_stage_menu']",
            run: "click",
        },
        {
            trigger:
                ".o_list_view .o_data_row:contains('Tour negotiation') .o_list_record_selector input",
            run: "click",
        },
        {
            trigger: ".o_list_view .o_data_row:contains('Tour negotiation') td[name=quota_rate]",
            run: "click",
        },
        {
            trigger: ".o_list_view .o_selected_row td[name=quota_rate] input",
            run: "edit 30",
        },
        {
            trigger: ".o_control_panel",
            run: "click",
        },
        {
            trigger:
                ".o_data_row:contains('Tour negotiation') td[name=quota_rate]:contains('30.00')",
        },
    ],
});

registry.category("web_tour.tours").add("sales_funnel_mgmt_salesperson", {
    steps: () => [
        ...openOpportunity,
        {
            content: "no own rate for a salesperson, no configuration either",
            trigger: ".o_form_view:not(:has(.o_field_widget[name=has_own_quota_rate]))",
        },
        {
            trigger: "body:not(:has([data-menu-xmlid='crm.crm_menu_config']))",
        },
    ],
});
