import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

const RECEIVERS = ["Tour Heir One", "Tour Heir Two"];

const chooseReceiver = (name) => [
    {
        content: `choose ${name}`,
        trigger: ".modal .o_field_widget[name=receiver_ids] input",
        run: `edit ${name}`,
    },
    {
        trigger: `.o-autocomplete--dropdown-item:contains('${name}')`,
        run: "click",
    },
    {
        trigger: `.modal .o_field_widget[name=receiver_ids]:has([title='${name}'], [data-tooltip='${name}'], .o_tag:contains('${name}'), img)`,
    },
];

registry.category("web_tour.tours").add("sales_funnel_mgmt_handover", {
    steps: () => [
        {
            content: "from the leaver's user form",
            trigger: ".o_form_view button[name=action_hand_over]",
            run: "click",
        },
        {
            content: "what is handed over is counted",
            trigger: ".modal .o_field_widget[name=held]:contains('Opportunity: 3')",
        },
        ...RECEIVERS.flatMap(chooseReceiver),
        {
            trigger: ".modal button[name=action_create]",
            run: "click",
        },
        {
            content: "a draft, held up by a finding and a lock",
            trigger: ".o_form_view .alert-danger:contains('blocking')",
        },
        {
            trigger: ".alert-info:contains('salesperson lock')",
        },
        {
            content: "it does not start like this",
            trigger: "button[name=action_start]",
            run: "click",
        },
        {
            trigger: ".modal-footer .btn-primary",
            run: "click",
        },
        {
            trigger: ".modal:contains('Neither phone nor e-mail')",
        },
        {
            trigger: ".modal .btn-close",
            run: "click",
        },
        {
            content: "waive the finding with a reason",
            trigger: "body:not(:has(.modal)) .o_notebook a[name=findings]",
            run: "click",
        },
        {
            // Not the box itself: the click that selects the row would tick it.
            trigger:
                ".o_field_widget[name=finding_ids] .o_data_row:contains('Neither phone') td[name=state]",
            run: "click",
        },
        {
            trigger:
                ".o_field_widget[name=finding_ids] .o_selected_row td[name=is_waived] input[type=checkbox]",
            run: "click",
        },
        {
            trigger:
                ".o_field_widget[name=finding_ids] .o_selected_row td[name=waive_reason] input",
            run: "edit They come to the shop",
        },
        ...stepUtils.saveForm(),
        {
            trigger: ".o_form_view:not(:has(.alert-danger:contains('blocking')))",
        },
        {
            content: "override the lock with a reason",
            trigger: ".o_notebook a[name=opportunities]",
            run: "click",
        },
        {
            trigger:
                ".o_field_widget[name=line_ids] .o_data_row:contains('Tour quoted') td[name=override_reason]",
            run: "click",
        },
        {
            trigger:
                ".o_field_widget[name=line_ids] .o_selected_row td[name=override_reason] input",
            run: "edit Leaves the company",
        },
        ...stepUtils.saveForm(),
        {
            trigger: ".o_form_view:not(:has(.alert-info:contains('salesperson lock')))",
        },
        {
            content: "start",
            trigger: "button[name=action_start]",
            run: "click",
        },
        {
            trigger: ".modal-footer .btn-primary",
            run: "click",
        },
        {
            trigger: ".o_arrow_button_current:contains('In Progress')",
        },
        {
            content: "no task of three: the transfers do not count",
            trigger: ".o_field_widget[name=progress]:contains('0 %'):not(:contains('50'))",
        },
        {
            trigger: ".o_field_widget[name=line_ids] .o_data_row:contains('Waiting')",
        },
    ],
});

registry.category("web_tour.tours").add("sales_funnel_mgmt_handover_receiver", {
    steps: () => [
        {
            content: "the receiver opens what they got",
            trigger: ".o_form_view .o-mail-Activity:contains('See them')",
        },
        {
            trigger: ".o-mail-Activity:contains('See them') .o-mail-Activity-markDone",
            run: "click",
        },
        {
            trigger: ".o-mail-ActivityMarkAsDone textarea",
            run: "edit They are happy",
        },
        {
            trigger:
                ".o-mail-ActivityMarkAsDone button[aria-label='Done'], .o-mail-ActivityMarkAsDone button.btn-primary:last",
            run: "click",
        },
        {
            trigger: ".o_form_view:not(:has(.o-mail-Activity:contains('See them')))",
        },
        {
            trigger: ".o-mail-Message:contains('They are happy')",
        },
    ],
});

registry.category("web_tour.tours").add("sales_funnel_mgmt_handover_progress", {
    steps: () => [
        {
            content: "the progress has moved",
            trigger: ".o_form_view .o_field_widget[name=progress]:contains('33')",
        },
        {
            trigger: ".o_notebook a[name=opportunities]",
            run: "click",
        },
        {
            content: "the second wave has begun",
            trigger: ".o_field_widget[name=line_ids]:not(:contains('Waiting'))",
        },
        {
            trigger: "button[name=action_view_tasks]",
            run: "click",
        },
        {
            trigger: ".o_list_view .o_data_row:contains('Call them')",
        },
        {
            trigger: ".o_list_view .o_data_row:contains('See them'):contains('Done')",
        },
    ],
});
