import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

const customer = (name) => `.o_field_widget[name=customer_ids] .o_data_row:contains('${name}')`;

const start = [
    {
        trigger: "button[name=action_start]",
        run: "click",
    },
    {
        trigger: ".modal-footer .btn-primary",
        run: "click",
    },
    {
        content: "all is transferred and no task is left",
        trigger: ".o_arrow_button_current:contains('Done')",
    },
];

registry.category("web_tour.tours").add("sales_funnel_mgmt_whole_book", {
    steps: () => [
        {
            content: "from the leaver's user form",
            trigger: ".o_form_view button[name=action_hand_over]",
            run: "click",
        },
        {
            content: "the dialog tells what the leaver holds",
            trigger: ".modal .o_field_widget[name=held]:contains('Quotation: 1')",
        },
        {
            trigger: ".modal .o_field_widget[name=receiver_ids] input",
            run: "edit Tour Heir One",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains('Tour Heir One')",
            run: "click",
        },
        {
            trigger: ".modal button[name=action_create]",
            run: "click",
        },
        {
            content: "a customer without an opportunity is there as well",
            trigger: customer("Tour Quiet"),
        },
        {
            content: "a shared customer is marked",
            trigger: `${customer("Tour Shared")} td[name=is_shared] input:checked`,
        },
        {
            content: "open a customer",
            trigger: `${customer("Tour Acme")} .o_list_record_open_form_view`,
            run: "click",
        },
        {
            trigger: ".o_form_view .o_notebook a[name=documents]",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=document_ids] .o_data_row:contains('Quotation')",
        },
        {
            content: "back to the handover",
            trigger: ".o_breadcrumb .o_back_button a, .breadcrumb .o_back_button a",
            run: "click",
        },
        {
            content: "another receiver for a customer",
            trigger: `${customer("Tour Quiet")} td[name=to_user_id]`,
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=customer_ids] .o_selected_row [name=to_user_id] input",
            run: "edit Tour Heir Two",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains('Tour Heir Two')",
            run: "click",
        },
        ...stepUtils.saveForm(),
        ...start,
        {
            content: "nothing is left with the leaver",
            trigger: ".o_form_view:not(:has(.o_field_widget[name=still_held]))",
        },
    ],
});

registry.category("web_tour.tours").add("sales_funnel_mgmt_leave_returns", {
    steps: () => [
        {
            trigger: ".o_form_view button[name=action_bring_back]",
            run: "click",
        },
        {
            content: "a draft for the salesperson who is back",
            trigger: `${customer("Tour Acme")}:contains('Tour Leaver')`,
        },
        {
            trigger:
                ".o_field_widget[name=reason]:contains('Return from leave'), .o_field_widget[name=reason] option:checked:contains('Return'), .o_field_widget[name=reason] input",
        },
        ...start,
    ],
});
