import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

// Address of the funnel, before a figure is opened
let pageOfFunnel;
const stage = (name) => `.o_funnel_chart [data-stage='${name}']`;

registry.category("web_tour.tours").add("sales_funnel_mgmt_funnel", {
    steps: () => [
        ...stepUtils.goToAppSteps("crm.crm_menu_root", "open CRM"),
        {
            content: "from the pipeline, its filters set, to the funnel",
            trigger: ".o_cp_switch_buttons .o_funnel, .o_switch_view.o_funnel",
            run: "click",
        },
        {
            content: "now: the open opportunity, with the mode and its formula on the drawing",
            trigger: `${stage("Tour negotiation")} .o_funnel_value:contains('1')`,
        },
        { trigger: ".o_funnel_chart text:contains('Funnel: Now')" },
        { trigger: ".o_funnel_chart text:contains('Open opportunities in each')" },
        { trigger: `.o_funnel_chart:not(:has([data-stage='Tour won']))` },
        {
            content: "flow: what came and left this month",
            trigger: "[data-mode=flow]",
            run: "click",
        },
        { trigger: ".o_funnel_chart text:contains('Funnel: Flow')" },
        { trigger: `${stage("Tour negotiation")} .o_funnel_value:contains('3')` },
        { trigger: ".o_funnel_flow[data-kind=lost]:contains('1 lost')" },
        { trigger: ".o_funnel_flow[data-kind=won]:contains('1 won')" },
        {
            content: "cohort: how far those got that began this month",
            trigger: "[data-mode=cohort]",
            run: "click",
        },
        { trigger: ".o_funnel_chart text:contains('Funnel: Cohort')" },
        { trigger: `${stage("Tour negotiation")} .o_funnel_value:contains('3')` },
        { trigger: `${stage("Tour won")} .o_funnel_value:contains('1')` },
        { trigger: `${stage("Tour won")} .o_funnel_conversion` },
        {
            content: "a figure opens its records",
            trigger: ".o_funnel_flow[data-kind=lost]",
            run: "click",
        },
        { trigger: ".o_list_view .o_data_row:contains('Tour lost')" },
        {
            content: "and back, the mode is as it was",
            trigger: ".o_back_button, .breadcrumb-item:not(.active) a",
            run: "click",
        },
        { trigger: "[data-mode=cohort].active" },
        {
            content: "the Back of the browser keeps it, too",
            trigger: ".o_funnel_flow[data-kind=lost]",
            run: async (helpers) => {
                pageOfFunnel = location.href;
                await helpers.click();
            },
        },
        {
            trigger: ".o_list_view .o_data_row:contains('Tour lost')",
            run: async () => {
                // The router stores a page with a delay: an earlier Back would leave the funnel.
                while (location.href === pageOfFunnel) {
                    await new Promise((resolve) => setTimeout(resolve, 50));
                }
                history.back();
            },
        },
        { trigger: "[data-mode=cohort].active" },
        {
            content: "one for each salesperson",
            trigger: ".o_funnel_split",
            run: "select user_id",
        },
        { trigger: ".o_funnel_title:contains('Tour Seller')" },
        {
            content: "in Reporting as well",
            trigger: ".o_menu_sections button[data-menu-xmlid='crm.crm_menu_report']",
            run: "click",
        },
        {
            trigger: ".dropdown-item[data-menu-xmlid='sales_funnel_mgmt.crm_lead_funnel_menu']",
            run: "click",
        },
        { trigger: ".o_breadcrumb .active:contains('Funnel')" },
        { trigger: ".o_funnel_chart text:contains('Funnel: Now')" },
        {
            trigger: stage("Tour negotiation"),
            run: "click",
        },
        { trigger: ".o_list_view .o_data_row:contains('Tour open')" },
    ],
});
