import { beforeEach, describe, expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import {
    contains,
    defineModels,
    fields,
    models,
    mountView,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import { AnimatedNumber } from "@web/views/view_components/animated_number";

describe.current.tags("desktop");

class Stage extends models.Model {
    _name = "crm.stage";

    name = fields.Char();
    is_won = fields.Boolean();

    _records = [
        { id: 1, name: "New" },
        { id: 2, name: "Negotiation" },
    ];
}

class Lead extends models.Model {
    _name = "crm.lead";

    name = fields.Char();
    activity_state = fields.Char();
    expected_revenue = fields.Integer({ string: "Revenue", aggregator: "sum" });
    quota_amount = fields.Integer({ string: "Quota Amount", aggregator: "sum" });
    stage_id = fields.Many2one({ relation: "crm.stage" });

    _records = [
        { id: 1, stage_id: 1, activity_state: "planned", expected_revenue: 80, quota_amount: 8 },
        { id: 2, stage_id: 1, activity_state: "today", expected_revenue: 40, quota_amount: 4 },
        { id: 3, stage_id: 2, activity_state: "planned", expected_revenue: 50, quota_amount: 0 },
    ];
}

const arch = (progressBarAttributes) => `
    <kanban js_class="crm_kanban">
        <field name="activity_state"/>
        <progressbar
            field="activity_state"
            colors='{"planned": "success", "today": "warning", "overdue": "danger"}'
            sum_field="expected_revenue"
            ${progressBarAttributes}
        />
        <templates><t t-name="card"><field name="name"/></t></templates>
    </kanban>`;

defineModels([Lead, Stage]);
defineMailModels();
beforeEach(() => {
    patchWithCleanup(AnimatedNumber, { enableAnimations: false });
});

test("a column shows its quota amount, none where there is nothing to count", async () => {
    await mountView({
        type: "kanban",
        resModel: "crm.lead",
        groupBy: ["stage_id"],
        arch: arch('quota_sum_field="quota_amount"'),
    });
    expect(queryAllTexts(".o_quota_column_total")).toEqual(["Quota amount\n12"]);
});

test("the quota amount follows the part of the progress bar that is chosen", async () => {
    await mountView({
        type: "kanban",
        resModel: "crm.lead",
        groupBy: ["stage_id"],
        arch: arch('quota_sum_field="quota_amount"'),
    });
    await contains(".o_kanban_group:first .o_column_progress .bg-success").click();
    await animationFrame();
    expect(queryAllTexts(".o_quota_column_total")).toEqual(["Quota amount\n8"]);
});

test("a kanban without the attribute is left as it is", async () => {
    await mountView({
        type: "kanban",
        resModel: "crm.lead",
        groupBy: ["stage_id"],
        arch: arch(""),
    });
    expect(".o_quota_column_total").toHaveCount(0);
    expect(queryAllTexts(".o_kanban_counter .o_animated_number")).toEqual(["120", "50"]);
});
