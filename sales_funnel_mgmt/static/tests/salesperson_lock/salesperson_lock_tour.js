import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

const card = ".o_kanban_record:contains('Tour locked')";

registry.category("web_tour.tours").add("sales_funnel_mgmt_salesperson_lock", {
    steps: () => [
        ...stepUtils.goToAppSteps("crm.crm_menu_root", "open CRM"),
        {
            content: "a lock on the card",
            trigger: `${card} .fa-lock`,
        },
        {
            content: "none where the stage has no lock",
            trigger: ".o_kanban_record:contains('Tour free'):not(:has(.fa-lock))",
        },
        {
            content: "by salesperson",
            trigger: ".o_searchview_dropdown_toggler",
            run: "click",
        },
        {
            trigger: ".o_group_by_menu .o-dropdown-item:contains('Salesperson')",
            run: "click",
        },
        {
            trigger: ".o_searchview_facet:contains('Salesperson')",
        },
        {
            content: "without My Pipeline, there are other columns",
            trigger: ".o_searchview_facet:contains('My Pipeline') .o_facet_remove",
            run: "click",
        },
        {
            trigger: `.o_kanban_group:contains('Tour receiver') .o_kanban_record:contains('Tour theirs')`,
        },
        {
            content: "drag it to another salesperson",
            trigger: card,
            run: "drag_and_drop (.o_opportunity_kanban .o_kanban_group:has(.o_column_title:contains('Tour receiver')))",
        },
        {
            content: "it is refused, by name and with the way out",
            trigger: ".o_dialog:contains('Tour locked'):contains('handover') .btn-primary",
            run: "click",
        },
        {
            content: "it is where it was",
            trigger: `.o_kanban_group:not(:contains('Tour receiver')) ${card}`,
            run: "click",
        },
        {
            content: "in the form, the salesperson is read-only and has a lock beside it",
            trigger:
                "div[name=salesperson_of_opportunity]:has(.fa-lock) .o_field_widget[name=user_id].o_readonly_modifier",
        },
    ],
});
