import { beforeEach, describe, expect, test } from "@odoo/hoot";
import { edit, press, queryAllTexts, queryAllValues } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { contains, getService, mountWithCleanup, onRpc } from "@web/../tests/web_test_helpers";
import { WebClient } from "@web/webclient/webclient";

describe.current.tags("desktop");

const MONTHS = Array.from({ length: 12 }, (_value, index) => ({
    date: `2026-${String(index + 1).padStart(2, "0")}-01`,
    label: `M${index + 1}`,
}));

/** Return the cells of a year from amounts by month (from 0). */
function cells(amounts, state = "draft") {
    return MONTHS.map((_month, index) =>
        index in amounts ? { id: 100 + index, amount: amounts[index], state } : false,
    );
}

const grid = (canEdit = true) => ({
    year: "2026",
    date_from: "2026-01-01",
    company: "My Company",
    currency_id: 1,
    can_edit: canEdit,
    months: MONTHS,
    teams: [
        {
            id: 1,
            name: "North",
            cells: cells({ 0: 300 }),
            members: [
                { user_id: 7, name: "Ada", cells: cells({ 0: 100, 1: 50 }) },
                { user_id: 8, name: "Bo", cells: cells({ 0: 150 }, "confirmed") },
            ],
        },
    ],
});

defineMailModels();
beforeEach(() => {
    onRpc("crm.sales.quota", "get_grid", ({ args }) => {
        expect.step(`load ${args[0]}`);
        return grid();
    });
});

async function openGrid() {
    await mountWithCleanup(WebClient);
    await getService("action").doAction({
        type: "ir.actions.client",
        tag: "sales_funnel_mgmt.quota_grid",
    });
}

const adaJanuary = "tr:contains(Ada) td:nth-child(2)";

test("rows, quarters, year and column totals add up", async () => {
    await openGrid();
    expect.verifySteps(["load false"]);
    expect(queryAllValues("tr:contains(Ada) input").slice(0, 3)).toEqual(["100", "50", ""]);
    expect(queryAllTexts("tr:contains(Ada) .o_quota_subtotal")).toEqual(["150", "", "", "", "150"]);
    expect(queryAllTexts(".o_quota_team td").slice(0, 4)).toEqual(["250", "50", "", "300"]);
    expect(queryAllTexts("tfoot td").slice(0, 4)).toEqual(["250", "50", "", "300"]);
    expect("tfoot td:last").toHaveText("300", { message: "the team's own quota does not count" });
});

test("what is not set, and what differs, is flagged", async () => {
    await openGrid();
    expect.verifySteps(["load false"]);
    expect(queryAllTexts(".o_quota_not_set")).toEqual(["10 months not set", "11 months not set"]);
    expect(".o_quota_differs").toHaveCount(1);
    expect(".o_quota_own .o_quota_differs input").toHaveValue("300");
});

test("a cell is set, changed and emptied in place", async () => {
    onRpc("crm.sales.quota", "set_grid_amount", ({ args }) => {
        expect.step(JSON.stringify(args));
        return args[3] === false ? false : { id: 1, amount: args[3], state: "draft" };
    });
    await openGrid();
    await contains(`${adaJanuary} input`).click();
    await edit("200");
    await press("Enter");
    await animationFrame();
    expect(`${adaJanuary} input`).toHaveValue("200");
    expect("tr:contains(Ada) .o_quota_subtotal:last").toHaveText("250");
    expect("tfoot td:first").toHaveText("350");
    await contains(`${adaJanuary} input`).click();
    await edit("");
    await press("Enter");
    await animationFrame();
    expect(".o_quota_not_set:first").toHaveText("11 months not set");
    await contains(".o_quota_own td:nth-child(3) input").click();
    await edit("60");
    await press("Enter");
    await animationFrame();
    expect.verifySteps([
        "load false",
        '[1,7,"2026-01-01",200]',
        '[1,7,"2026-01-01",false]',
        '[1,false,"2026-02-01",60]',
    ]);
});

test("what is no amount changes nothing", async () => {
    await openGrid();
    await contains(`${adaJanuary} input`).click();
    await edit("a lot");
    await press("Enter");
    await animationFrame();
    expect(`${adaJanuary} input`).toHaveValue("100");
    expect(".o_notification").toHaveText(/a lot/);
    await contains(`${adaJanuary} input`).click();
    await edit("7", { confirm: false });
    await press("Escape");
    await animationFrame();
    expect(`${adaJanuary} input`).toHaveValue("100");
    expect.verifySteps(["load false"]);
});

test("confirmed cells are opened, not edited", async () => {
    await openGrid();
    expect("tr:contains(Bo) td:nth-child(2) input").toHaveCount(0);
    expect("tr:contains(Bo) td:nth-child(2) button .fa-lock").toHaveCount(1);
    expect.verifySteps(["load false"]);
});

test("who may not edit only reads", async () => {
    onRpc("crm.sales.quota", "get_grid", () => grid(false));
    await openGrid();
    expect(".o_quota_grid input").toHaveCount(0);
    expect(`${adaJanuary} span`).toHaveText("100");
    expect(".o_control_panel .btn-primary").toHaveCount(0);
});

test("the year before and after", async () => {
    await openGrid();
    await contains(".o_quota_previous").click();
    await contains(".o_quota_next").click();
    expect.verifySteps(["load false", "load 2025-01-01", "load 2027-01-01"]);
});
