import { describe, expect, test } from "@odoo/hoot";
import { queryAll, queryAllTexts, queryOne, queryRect } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { Component, xml } from "@odoo/owl";
import { defineMailModels, startServer } from "@mail/../tests/mail_test_helpers";
import {
    contains,
    defineModels,
    fields,
    models,
    mountView,
    mountWithCleanup,
    onRpc,
} from "@web/../tests/web_test_helpers";
import { TerritoryPlanBars } from "@sales_funnel_mgmt/territory_plan/chart/territory_plan_bars";

describe.current.tags("desktop");

const row = (id, before, after, values = {}) => ({
    id,
    name: `Person ${id}`,
    before,
    after,
    customers_before: 10,
    customers_after: 5,
    is_broken: false,
    ...values,
});

const rows = [row(1, 60, 40, { name: "Ann" }), row(2, 40, 60, { name: "Bob", is_broken: true })];

class Plan extends models.Model {
    _name = "crm.territory.plan";

    summary = fields.Char();
    problem = fields.Text();
    chart = fields.Json();
}

class Line extends models.Model {
    _name = "crm.territory.plan.line";

    name = fields.Char();
    to_user_id = fields.Many2one({ relation: "res.users" });
}

defineMailModels();
defineModels({ Plan, Line });

class Paper extends Component {
    static template = xml`
        <div t-att-dir="props.dir" t-attf-style="width: {{props.width}}px">
            <TerritoryPlanBars rows="props.rows"/>
        </div>`;
    static components = { TerritoryPlanBars };
    static props = ["*"];
}

const mountBars = (bars, { width = 600, dir = "ltr" } = {}) =>
    mountWithCleanup(Paper, { props: { rows: bars, width, dir } });

const widths = () =>
    queryAll(".o_territory_plan_row .o_bar").map(
        (bar) => Math.round(10 * parseFloat(bar.style.width)) / 10,
    );

test("without figures, it says so", async () => {
    await mountBars([]);
    expect(".o_territory_plan_row").toHaveCount(0);
    expect(".o_territory_plan_bars").toHaveText("The bars are here once moves have been proposed.");
});

test("one salesperson: two bars on one scale", async () => {
    await mountBars([row(1, 80, 20)]);
    expect(widths()).toEqual([60, 15]);
    expect(queryAllTexts(".o_territory_plan_row span")).toEqual(["80.0 (10)", "20.0 (5)"]);
});

test("all bars are on the scale of the longest", async () => {
    await mountBars([row(1, 10, 20), row(2, 40, 30)]);
    expect(widths()).toEqual([15, 30, 60, 45]);
});

test("nothing, and next to nothing", async () => {
    await mountBars([row(1, 0, 0), row(2, 0, 0)]);
    expect(widths()).toEqual([0, 0, 0, 0]);
});

test("huge, tiny and negative values stay on the paper", async () => {
    await mountBars([row(1, 1e300, 1e-300), row(2, 1e15, 5e299), row(3, -5, 0)]);
    expect(widths()).toEqual([60, 0, 0, 30, 0, 0]);
    const frame = queryRect(".o_territory_plan_bars");
    for (const bar of queryAll(".o_territory_plan_row .o_bar")) {
        expect(queryRect(bar).right).toBeLessThan(frame.right + 1);
    }
});

test("50 salespeople with long names do not overflow a narrow screen", async () => {
    const name = "Bartholomew Featherstonehaugh";
    await mountBars(
        Array.from({ length: 50 }, (_none, index) => row(index + 1, index, 50 - index, { name })),
        { width: 360 },
    );
    expect(".o_territory_plan_row").toHaveCount(50);
    const frame = queryOne(".o_territory_plan_bars");
    expect(frame.scrollWidth).toBeLessThan(frame.clientWidth + 1);
    const bars = queryAll(".o_territory_plan_row").map((element) => queryRect(element));
    for (let index = 1; index < bars.length; index++) {
        expect(bars[index].top).toBeGreaterThan(bars[index - 1].bottom - 1);
    }
});

test("from right to left, the bars begin at the right", async () => {
    await mountBars([row(1, 80, 20)], { dir: "rtl" });
    const [before, after] = queryAll(".o_territory_plan_row .o_bar").map((bar) => queryRect(bar));
    expect(before.right).toBeWithin(after.right - 0.5, after.right + 0.5);
    expect(before.left).toBeLessThan(after.left);
    expect(queryRect(".o_territory_plan_name").left).toBeGreaterThan(before.right - 1);
});

test("what is drawn is said as well", async () => {
    await mountBars(rows);
    expect("[role=list] > [role=listitem]").toHaveCount(2);
    expect(queryAll("[role=listitem]").map((item) => item.getAttribute("aria-label"))).toEqual([
        "Ann: load as it is 60.0% with 10 customers, as planned 40.0% with 5",
        "Bob: load as it is 40.0% with 10 customers, as planned 60.0% with 5",
    ]);
    expect("[role=listitem]:eq(0) [aria-label='Breaks a rule']").toHaveCount(0);
    expect("[role=listitem]:eq(1) [role=img][aria-label='Breaks a rule']").toHaveCount(1);
});

test("names are text", async () => {
    await mountBars([row(1, 1, 1, { name: "<b>Ann</b>" })]);
    expect(".o_territory_plan_name").toHaveText("<b>Ann</b>");
});

const arch = `
    <kanban js_class="territory_plan_kanban" default_group_by="to_user_id">
        <templates><t t-name="card"><field name="name"/></t></templates>
    </kanban>`;

/** Two customers of two salespeople. */
const createLines = async () => {
    const env = await startServer();
    const people = env["res.users"].create([{ name: "Ann" }, { name: "Bob" }]);
    env["crm.territory.plan.line"].create(
        people.map((id) => ({ name: `Customer of ${id}`, to_user_id: id })),
    );
    return people;
};

test("the figures follow a dropped card", async () => {
    const [ann, bob] = await createLines();
    const plan = {
        summary: "One customer moves.",
        problem: "",
        chart: {
            rows: [row(ann, 60, 40, { name: "Ann" }), row(bob, 40, 60, { name: "Bob" })],
        },
    };
    onRpc("crm.territory.plan", "read", ({ args }) => args[0].map((id) => ({ id, ...plan })));
    onRpc("crm.territory.plan.line", "web_save", ({ args }) => {
        plan.problem = "Bob has too much.\nSo has Ann.";
        plan.chart.rows[0].after = 10;
        expect.step(args[1].to_user_id);
    });
    await mountView({
        type: "kanban",
        resModel: "crm.territory.plan.line",
        arch,
        context: { territory_plan_id: 7 },
    });
    expect(".o_territory_plan_figures").toHaveText(/One customer moves/);
    expect(".o_territory_plan_problems").toHaveCount(0);
    expect(".o_kanban_group:eq(0) .o_territory_plan_load").toHaveText("60.0%40.0%");
    await contains(".o_kanban_group:eq(0) .o_kanban_record").dragAndDrop(".o_kanban_group:eq(1)");
    await animationFrame();
    expect.verifySteps([bob]);
    expect(queryAllTexts(".o_territory_plan_problems li")).toEqual([
        "Bob has too much.",
        "So has Ann.",
    ]);
    expect(".o_kanban_group:eq(0) .o_territory_plan_load").toHaveText("60.0%10.0%");
    expect(".o_territory_plan_row:eq(0)").toHaveText(/10.0/);
});

test("customers of several plans have no figures", async () => {
    await createLines();
    await mountView({ type: "kanban", resModel: "crm.territory.plan.line", arch });
    expect(".o_kanban_record").toHaveCount(2);
    expect(".o_territory_plan_figures").toHaveCount(0);
    expect(".o_territory_plan_load").toHaveCount(0);
});
