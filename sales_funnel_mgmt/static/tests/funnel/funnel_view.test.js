import { beforeEach, describe, expect, test } from "@odoo/hoot";
import { manuallyDispatchProgrammaticEvent, queryAllTexts, queryFirst } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import {
    contains,
    defineModels,
    fields,
    models,
    mountView,
    onRpc,
    patchWithCleanup,
    mockService,
} from "@web/../tests/web_test_helpers";
import { downloadFile } from "@web/core/network/download";

describe.current.tags("desktop");

class Lead extends models.Model {
    _name = "crm.lead";

    name = fields.Char();
    user_id = fields.Many2one({ relation: "res.users" });
}

const searchViewArch = `
    <search>
        <filter name="big" string="Big" domain="[('name', '=', 'big')]"/>
        <group><filter name="by_user" string="User" context="{'group_by': 'user_id'}"/></group>
    </search>`;

defineModels([Lead]);
defineMailModels();

const cell = (stage_id, count, values = {}) => ({
    stage_id,
    count,
    opportunities: count,
    customers: count,
    expected_revenue: 1000 * count,
    quota_amount: 100 * count,
    conversion: false,
    days: false,
    stalled: 0,
    flows: {},
    flow_amounts: {},
    previous: { count: 1, expected_revenue: 1 },
    ...values,
});

function answer({ mode, split, period }, funnels) {
    return {
        mode,
        mode_name: `Mode ${mode}`,
        formula: `Formula of ${mode}`,
        split,
        period: Array.isArray(period) ? period : ["2026-03-01", "2026-03-31"],
        compared_with: ["2026-02-01", "2026-02-28"],
        currency_id: 1,
        stages: [
            { id: 1, name: "New", is_won: false },
            { id: 2, name: "Won", is_won: true },
        ],
        funnels,
    };
}

let funnels;
beforeEach(() => {
    funnels = [{ id: false, name: "", cells: [cell(1, 8), cell(2, 2, { conversion: 0.25 })] }];
    onRpc("crm.funnel.report", "get_funnel", ({ kwargs }) => {
        expect.step([kwargs.mode, kwargs.split, kwargs.period, kwargs.domain.length]);
        return answer(kwargs, funnels);
    });
});

const mountFunnel = (params = {}) =>
    mountView({
        type: "funnel",
        resModel: "crm.lead",
        arch: `<funnel mode="now" period="this_month"/>`,
        ...params,
    });

test("mode, formula, numbers and conversion are on the drawing", async () => {
    await mountFunnel();
    expect.verifySteps([["now", false, "this_month", 0]]);
    const texts = queryAllTexts("svg text").join(" ");
    for (const text of ["Funnel: Mode now", "Formula of now", "New", "Won", "↓ 25%"]) {
        expect(texts).toInclude(text);
    }
    expect(queryAllTexts(".o_funnel_value")).toEqual(["8", "2"]);
});

test("mode, split and period are asked of the server", async () => {
    await mountFunnel();
    await contains("[data-mode=flow]").click();
    await contains(".o_funnel_split").select("user_id");
    await contains(".o_funnel_period").select("last_year");
    await contains(".o_funnel_period").select("dates");
    const firstDay = queryFirst(".o_funnel_dates input");
    firstDay.value = "2026-03-05";
    await manuallyDispatchProgrammaticEvent(firstDay, "change");
    await animationFrame();
    expect.verifySteps([
        ["now", false, "this_month", 0],
        ["flow", false, "this_month", 0],
        ["flow", "user_id", "this_month", 0],
        ["flow", "user_id", "last_year", 0],
        ["flow", "user_id", ["2026-03-05", "2026-03-31"], 0],
    ]);
    expect("[data-mode=flow]").toHaveAttribute("aria-pressed", "true");
});

test("obeys the search: its filters, and what it groups by", async () => {
    await mountFunnel({
        searchViewArch,
        context: { search_default_big: 1, search_default_by_user: 1 },
    });
    expect.verifySteps([["now", "user_id", "this_month", 1]]);
});

test("a favourite brings its mode, period and split", async () => {
    await mountFunnel({
        context: { funnel_mode: "cohort", funnel_period: "last_year", funnel_split: "team_id" },
    });
    expect.verifySteps([["cohort", "team_id", "last_year", 0]]);
});

test("one drawing for each salesperson, all on one scale", async () => {
    funnels = [
        { id: 7, name: "Ann", cells: [cell(1, 8)] },
        { id: false, name: "None", cells: [cell(1, 4)] },
    ];
    await mountFunnel({ arch: `<funnel split="user_id"/>` });
    expect.verifySteps([["now", "user_id", "this_month", 0]]);
    expect(queryAllTexts(".o_funnel_title")).toEqual(["Ann", "None"]);
    const [ann, none] = [...document.querySelectorAll(".o_funnel_bar")].map((bar) => {
        const [left, right] = bar.getAttribute("points").split(" ");
        return parseFloat(right) - parseFloat(left);
    });
    expect(Math.abs(ann / none - 2) < 0.01).toBe(true);
});

test("what left a stage is shown in mode flow, and opens its records", async () => {
    funnels[0].cells[0].flows = { open_start: 5, entered: 8, lost: 3, won: 0, open_end: 10 };
    onRpc("crm.funnel.report", "action_open_records", ({ kwargs }) => {
        expect.step([kwargs.mode, kwargs.group_id, kwargs.stage_id, kwargs.kind]);
        return { type: "ir.actions.act_window_close" };
    });
    mockService("action", { doAction: (action) => expect.step(action.type) });
    await mountFunnel({ arch: `<funnel mode="flow"/>` });
    expect(queryAllTexts(".o_funnel_flow text")).toEqual([
        "◦ 5 open at start",
        "↓ 8 entered",
        "✕ 3 lost",
        "• 10 open at end",
    ]);
    await contains("[data-kind=lost]").click();
    await contains(".o_funnel_row:eq(1)").click();
    expect.verifySteps([
        ["flow", false, "this_month", 0],
        ["flow", false, 1, "lost"],
        "ir.actions.act_window_close",
        ["flow", false, 2, null],
        "ir.actions.act_window_close",
    ]);
});

test("where there is nothing, it says so", async () => {
    funnels = [];
    await mountFunnel({ noContentHelp: "Nothing here" });
    expect(".o_view_nocontent").toHaveText("Nothing here");
    expect(".o_funnel_chart").toHaveCount(0);
    expect.verifySteps([["now", false, "this_month", 0]]);
});

test("many funnels are drawn on request", async () => {
    funnels = Array.from({ length: 30 }, (_, id) => ({
        id: id + 1,
        name: `Seller ${id}`,
        cells: [cell(1, id)],
    }));
    await mountFunnel({ arch: `<funnel split="user_id"/>` });
    expect(".o_funnel_chart").toHaveCount(24);
    await contains(".o_funnel_more").click();
    expect(".o_funnel_chart").toHaveCount(30);
    expect.verifySteps([["now", "user_id", "this_month", 0]]);
});

test("is saved as SVG and as PNG", async () => {
    patchWithCleanup(downloadFile, {
        _download: (data, name, type) =>
            expect.step([name, type, typeof data === "string" ? data.slice(0, 4) : data.type]),
    });
    await mountFunnel();
    await contains(".o_funnel_svg").click();
    await contains(".o_funnel_png").click();
    await expect.waitForSteps([
        ["now", false, "this_month", 0],
        ["funnel_now_2026-03-01_2026-03-31.svg", "image/svg+xml", "<svg"],
        ["funnel_now_2026-03-01_2026-03-31.png", "image/png", "image/png"],
    ]);
});
