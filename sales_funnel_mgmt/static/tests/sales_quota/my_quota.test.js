import { describe, expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { getService, mountWithCleanup, onRpc } from "@web/../tests/web_test_helpers";
import { WebClient } from "@web/webclient/webclient";

describe.current.tags("desktop");

const standing = (kind, values) => ({
    kind,
    label: kind,
    date_from: "2026-07-01",
    date_to: "2026-07-31",
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

defineMailModels();

test("each period says what is reached and what is needed; no quota is not 0 %", async () => {
    onRpc("crm.quota.report", "get_my_quota", () => ({
        company: "My Company",
        currency_id: 1,
        periods: [
            standing("month", {
                quota: 1000,
                actual: 0,
                attainment: 0,
                needed: 1000,
                status: "below",
            }),
            standing("quarter", {
                quota: 1000,
                actual: 1250,
                attainment: 1.25,
                projection: 1250,
                status: "exceeded",
            }),
            standing("half_year", { actual: 5, projection: 5 }),
        ],
        months: [standing("month", { label: "Jul 2026", actual: 5, is_current: true })],
    }));
    await mountWithCleanup(WebClient);
    await getService("action").doAction({
        type: "ir.actions.client",
        tag: "sales_funnel_mgmt.my_quota",
    });
    expect(queryAllTexts(".o_my_quota_attainment")).toEqual(["0%", "125%", "–"]);
    expect(queryAllTexts(".o_my_quota_period .badge")).toEqual([
        "Below quota",
        "Quota exceeded",
        "No quota",
    ]);
    expect(queryAllTexts(".o_my_quota_needed span:last-child")).toEqual(["$ 1,000", "$ 0", "–"]);
    expect(queryAllTexts("tbody tr:first td")).toEqual(["Jul 2026", "–", "$ 5", "–"]);
});
