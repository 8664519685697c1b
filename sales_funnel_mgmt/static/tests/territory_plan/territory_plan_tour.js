import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

const PEOPLE = ["Tour Giver", "Tour Novice", "Tour Third"];

const column = (name) => `.o_kanban_group:has(.o_column_title:contains('${name}'))`;
const row = (name) => `.o_territory_plan_row[aria-label^='${name}:']`;

const chooseSalesperson = (name) => [
    {
        content: `choose ${name}`,
        trigger: ".o_field_widget[name=user_ids] input",
        run: `edit ${name}`,
    },
    {
        trigger: `.o-autocomplete--dropdown-item:contains('${name}')`,
        run: "click",
    },
    {
        trigger: `.o_field_widget[name=user_ids]:has([title='${name}'], [data-tooltip='${name}'], .o_tag:contains('${name}'))`,
    },
];

registry.category("web_tour.tours").add("sales_funnel_mgmt_territory_plan", {
    steps: () => [
        {
            content: "a new plan",
            trigger: ".o_list_view .o_list_button_add",
            run: "click",
        },
        {
            trigger: ".o_form_view .o_field_widget[name=name] input",
            run: "edit Tour by hand",
        },
        {
            content: "customers alone count",
            trigger: ".o_field_widget[name=weight_quota] input",
            run: "edit 0",
        },
        ...PEOPLE.flatMap(chooseSalesperson),
        ...stepUtils.saveForm(),
        {
            content: "have moves proposed",
            trigger: "button[name=action_propose]:contains('Propose')",
            run: "click",
        },
        {
            content: "what it brings, in a sentence",
            trigger: ".o_field_widget[name=summary]:contains('83.3% to 33.3%')",
        },
        {
            content: "and as a picture",
            trigger: `${row("Tour Giver")}:contains('83.3 (10)'):contains('33.3 (4)')`,
        },
        {
            content: "by receiver",
            trigger: "button[name=action_view_lines]",
            run: "click",
        },
        {
            content: "the figures are above the columns, and nothing is broken",
            trigger: `.o_territory_plan_figures:not(:has(.o_territory_plan_problems)) ${row("Tour Novice")}:contains('33.3 (4)')`,
        },
        {
            content: "a key account for the novice",
            trigger: ".o_kanban_record:contains('Tour Key Account')",
            run: `drag_and_drop (${column("Tour Novice")})`,
        },
        {
            content: "the card says what is wrong with it",
            trigger: `${column("Tour Novice")} .o_kanban_record:contains('Tour Key Account'):contains('Moved by hand'):contains('still a novice')`,
        },
        {
            content: "so does the plan",
            trigger: ".o_territory_plan_problems:contains('Tour Novice is still a novice')",
        },
        {
            content: "the figures have followed, in the picture",
            trigger: `${row("Tour Novice")}:contains('41.7 (5)')`,
        },
        {
            content: "and over the column",
            trigger: `${column("Tour Novice")} .o_territory_plan_load:contains('41.7')`,
        },
        {
            content: "back to the plans",
            trigger: ".o_back_button, .breadcrumb-item:contains('Territory Plans') a",
            run: "click",
        },
        {
            trigger: ".o_form_view .o_field_widget[name=problem]:contains('Tour Novice')",
        },
        {
            trigger: ".o_back_button, .breadcrumb-item:contains('Territory Plans') a",
            run: "click",
        },
        {
            content: "put two plans side by side",
            trigger:
                ".o_data_row:contains('Tour by hand') .o_list_record_selector input[type=checkbox]",
            run: "click",
        },
        {
            trigger:
                ".o_data_row:contains('Tour proposal') .o_list_record_selector input[type=checkbox]",
            run: "click",
        },
        {
            trigger: "button[name=action_compare]",
            run: "click",
        },
        {
            trigger: ".o_pivot:contains('Tour by hand'):contains('Tour proposal')",
        },
        {
            trigger: ".o_pivot:contains('41.7'):contains('33.3')",
        },
        {
            trigger: ".o_back_button, .breadcrumb-item:contains('Territory Plans') a",
            run: "click",
        },
        {
            trigger: ".o_data_row:contains('Tour by hand') td[name=name]",
            run: "click",
        },
        {
            content: "apply it",
            trigger: ".o_form_view button[name=action_apply]",
            run: "click",
        },
        {
            trigger: ".modal-footer .btn-primary",
            run: "click",
        },
        {
            content: "a draft handover",
            trigger:
                ".o_list_view .o_data_row:contains('Tour Giver'):contains('Draft') td[name=name]",
            run: "click",
        },
        {
            trigger: ".o_form_view .o_arrow_button_current:contains('Draft')",
        },
        {
            content: "which warns of the same",
            trigger: ".o_field_widget[name=workload_warning]:contains('Tour Key Account')",
        },
    ],
});
