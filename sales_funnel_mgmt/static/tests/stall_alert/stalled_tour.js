import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("sales_funnel_mgmt_stalled", {
    steps: () => [
        {
            content: "what is stalled, and nothing else",
            trigger:
                ".o_list_view:not(:contains('Tour fresh')) .o_data_row:contains('Tour stalled')",
        },
        {
            content: "as cards",
            trigger: ".o_switch_view.o_kanban",
            run: "click",
        },
        {
            content: "with a badge",
            trigger: ".o_kanban_record:contains('Tour stalled') .o_stalled_badge",
        },
        {
            trigger: ".o_kanban_record:contains('Tour stalled')",
            run: "click",
        },
        {
            content: "it says why",
            trigger:
                ".o_field_widget[name=stall_explanation]:contains('In this stage for 100 days (allowed: 30). No contact with the customer for 100 days')",
        },
        {
            trigger: "button[name=action_snooze_stall_alerts]",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=reason] input",
            run: "edit Budget in May",
        },
        {
            trigger: ".modal button[name=action_snooze]",
            run: "click",
        },
        {
            content: "it rests",
            trigger: ".o_field_widget[name=stall_explanation]:contains('snoozed until')",
        },
    ],
});
