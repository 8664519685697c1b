import { describe, expect, test } from "@odoo/hoot";
import { advanceTime, animationFrame } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import {
    defineModels,
    fields,
    MockServer,
    models,
    mountView,
} from "@web/../tests/web_test_helpers";

describe.current.tags("desktop");

class Workbook extends models.Model {
    _name = "crm.review.workbook";

    progress = fields.Float();
    state = fields.Selection({
        selection: [
            ["running", "Being Made"],
            ["ready", "Ready"],
        ],
    });

    _records = [{ id: 1, progress: 15, state: "running" }];
}

defineMailModels();
defineModels([Workbook]);

const change = (values) => MockServer.env["crm.review.workbook"].write([1], values);

test("the progress is read again until the workbook is ready", async () => {
    await mountView({
        type: "form",
        resModel: "crm.review.workbook",
        resId: 1,
        arch: `
            <form>
                <field name="state"/>
                <div class="o_waiting" invisible="state == 'ready'">
                    <field name="progress" widget="review_workbook_progress"/>
                </div>
            </form>`,
    });
    expect(".o_progressbar_value").toHaveText(/15/);
    change({ progress: 45 });
    await advanceTime(3000);
    await animationFrame();
    expect(".o_progressbar_value").toHaveText(/45/);
    change({ progress: 100, state: "ready" });
    await advanceTime(3000);
    await animationFrame();
    expect(".o_waiting").toHaveCount(0);
});
