import { describe, expect, test } from "@odoo/hoot";
import { click, queryAll, queryAllTexts, select } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { Component, xml } from "@odoo/owl";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { getService, mockService, mountWithCleanup, onRpc } from "@web/../tests/web_test_helpers";
import { registry } from "@web/core/registry";
import { WebClient } from "@web/webclient/webclient";

describe.current.tags("desktop");
defineMailModels();

const standing = (values) => ({
    quota: 0,
    actual: 0,
    open_quota_amount: 0,
    attainment: false,
    needed: 0,
    projection: 0,
    coverage: false,
    status: "no_quota",
    ...values,
});
const period = { date_from: "2026-07-01", date_to: "2026-09-30" };
const EMPTY = {
    teams: [
        { id: 1, name: "Europe" },
        { id: 2, name: "Asia" },
    ],
    team_id: false,
    currency_id: 1,
    setup: [],
    funnel: {
        mode: "now",
        mode_name: "Now",
        formula: "Open opportunities",
        split: false,
        period: ["2026-07-01", "2026-07-31"],
        compared_with: ["2026-07-01", "2026-07-01"],
        currency_id: 1,
        stages: [],
        funnels: [],
    },
    attainment: { ...period, total: standing(), rows: [], hidden: 0 },
    stalled: { count: 0, open: 0, rows: [], hidden: 0 },
    handovers: { count: 0, rows: [], hidden: 0 },
    communications: { ...period, count: 0, before: 0, rows: [], hidden: 0 },
    concentration: [],
    orphans: { count: 0, rows: [], hidden: 0 },
};
const FULL = {
    ...EMPTY,
    team_id: 1,
    attainment: {
        ...period,
        total: standing({ quota: 2000, actual: 500, attainment: 0.25, needed: 1500 }),
        rows: [
            {
                id: 7,
                name: "Amelia",
                ...standing({ quota: 2000, actual: 500, attainment: 0.25, needed: 1500 }),
            },
            { id: 8, name: "Bruno", ...standing() },
        ],
        hidden: 3,
    },
    stalled: { count: 2, open: 8, rows: [{ id: 7, name: "Amelia", count: 2, open: 4 }], hidden: 0 },
    communications: {
        ...period,
        count: 3,
        before: 1,
        rows: [{ id: 7, name: "Amelia", count: 3, kinds: { call: 2, email_in: 1 }, customers: 1 }],
        hidden: 0,
    },
    concentration: [{ id: 1, name: "Europe", warning: "Amelia holds 90% of the 10 won customers" }],
    orphans: { count: 4, rows: [{ id: 9, name: "Emil", count: 4 }], hidden: 0 },
};

async function open(answer) {
    onRpc("crm.sales.overview", "get_overview", ({ args }) => {
        expect.step(`team ${args[0]}`);
        return { ...answer, team_id: args[0] ?? answer.team_id };
    });
    await mountWithCleanup(WebClient);
    await getService("action").doAction({
        type: "ir.actions.client",
        tag: "sales_funnel_mgmt.overview",
    });
}

const texts = (part, selector) => queryAllTexts(`.o_overview_card[data-part=${part}] ${selector}`);

test("everything of nothing", async () => {
    await open(EMPTY);
    expect.verifySteps(["team null"]);
    expect(queryAllTexts(".o_overview_headline .fs-2")).toEqual([
        "0",
        "–",
        "0",
        "0",
        "0",
        "0",
        "0",
    ]);
    expect(queryAll(".o_overview_card table")).toHaveLength(0);
    expect(queryAll(".o_overview_card p")).toHaveLength(6);
    expect(".o_setup_steps").toHaveCount(0);
});

test("figures, with who has no quota and what is hidden", async () => {
    await open(FULL);
    expect(queryAllTexts(".o_overview_headline .fs-2")).toEqual([
        "8",
        "25%",
        "2",
        "0",
        "3",
        "1",
        "4",
    ]);
    expect(".o_overview_headline[data-part=orphans]:contains('Emil')").toHaveCount(1);
    expect(texts("attainment", "tbody .o_overview_ratio")).toEqual(["25%", "no quota"]);
    expect(texts("attainment", ".o_overview_more")).toEqual(["3 more"]);
    expect(texts("communications", "thead th")).toEqual([
        "Done By",
        "Calls",
        "Emails received",
        "Total",
        "Customers touched",
    ]);
    expect(texts("communications", "tbody td")).toEqual(["Amelia", "2", "1", "3", "1"]);
    expect(texts("concentration", ".o_overview_warning")).toEqual([
        "Europe: Amelia holds 90% of the 10 won customers",
    ]);
    expect.verifySteps(["team null"]);
});

test("another team", async () => {
    await open(FULL);
    await click(".o_overview_team");
    await select("2");
    await animationFrame();
    await click(".o_overview_team");
    await select("");
    await animationFrame();
    expect.verifySteps(["team null", "team 2", "team false"]);
});

test("back from a report, the team is as it was", async () => {
    class Report extends Component {
        static template = xml`<div class="some_report"/>`;
        static props = ["*"];
    }
    registry.category("actions").add("some_report", Report);
    await open(FULL);
    await click(".o_overview_team");
    await select("2");
    await animationFrame();
    await getService("action").doAction("some_report");
    expect(".some_report").toHaveCount(1);
    await getService("action").restore();
    expect(".o_overview_team").toHaveValue("2");
    expect.verifySteps(["team null", "team 2", "team 2"]);
});

test("a figure opens the records of its part, team and salesperson", async () => {
    await open({
        ...FULL,
        stalled: {
            ...FULL.stalled,
            rows: [...FULL.stalled.rows, { id: false, name: "Nobody", count: 1, open: 1 }],
        },
    });
    onRpc("crm.sales.overview", "action_open", ({ args }) => {
        expect.step(args);
        return { name: args[0] };
    });
    mockService("action", { doAction: ({ name }) => expect.step(name) });
    for (const selector of [
        "[data-part=stalled] .o_overview_person:first",
        "[data-part=stalled] .o_overview_person:last",
        "[data-part=attainment] .o_overview_open",
        ".o_overview_headline[data-part=handovers]",
        ".o_overview_warning",
    ]) {
        await click(selector);
        await animationFrame();
    }
    expect.verifySteps([
        "team null",
        ["stalled", 1, 7],
        "stalled",
        ["stalled", 1, false],
        "stalled",
        ["attainment", 1, null],
        "attainment",
        ["handovers", 1, null],
        "handovers",
        ["concentration", 1, null],
        "concentration",
    ]);
});

test("the steps of the setup, and how to hide them", async () => {
    onRpc("crm.sales.setup", "hide", () => {
        expect.step("hide");
        return true;
    });
    await open({
        ...EMPTY,
        setup: [
            { key: "rates", title: "Rates", missing: false, action: "some.rates" },
            { key: "quotas", title: "Quotas", missing: "None for Bruno", action: "some.quotas" },
        ],
    });
    mockService("action", { doAction: (action) => expect.step(action) });
    expect(".o_setup_steps span:contains('1 / 2')").toHaveCount(1);
    expect(queryAllTexts(".o_setup_step")).toEqual(["Rates", "Quotas\nNone for Bruno"]);
    await click("[data-step=quotas]");
    await click(".o_setup_hide");
    await animationFrame();
    expect(".o_setup_steps").toHaveCount(0);
    expect.verifySteps(["team null", "some.quotas", "hide"]);
});
