import { describe, expect, test } from "@odoo/hoot";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { makeMockEnv } from "@web/../tests/web_test_helpers";
import {
    amountsOf,
    differs,
    sum,
    sumColumns,
    totalsOf,
} from "@sales_funnel_mgmt/sales_quota/quota_grid/grid_totals";
import { formatSumRatio } from "@sales_funnel_mgmt/base/sum_ratio/sum_ratio_field";

describe.current.tags("desktop");

defineMailModels();

test("nothing set is not 0", () => {
    expect(sum([null, null])).toBe(null);
    expect(sum([])).toBe(null);
    expect(sum([null, 0])).toBe(0);
    expect(sum([1, null, 2])).toBe(3);
    expect(amountsOf([false, { amount: 0 }, { amount: 5 }])).toEqual([null, 0, 5]);
});

test("quarters and year are sums of months", () => {
    const amounts = [1, 2, 3, null, null, null, 4, null, 5, null, 0, null];
    expect(totalsOf(amounts)).toEqual({ quarters: [6, null, 9, 0], year: 15 });
});

test("columns add up over rows", () => {
    expect(
        sumColumns(
            [
                [1, null, 3],
                [10, null, null],
            ],
            3,
        ),
    ).toEqual([11, null, 3]);
    expect(sumColumns([], 2)).toEqual([null, null]);
});

test("a team differs from the sum of its members only where it has a quota of its own", () => {
    expect(differs(null, 5)).toBe(false);
    expect(differs(5, 5)).toBe(false);
    expect(differs(0.3, 0.1 + 0.2)).toBe(false);
    expect(differs(5, null)).toBe(true);
    expect(differs(0, null)).toBe(false);
    expect(differs(5.01, 5)).toBe(true);
    expect(differs(5.01, 5, 1)).toBe(false);
});

test("a ratio of nothing is not 0 %", async () => {
    await makeMockEnv();
    expect(formatSumRatio(false)).toBe("");
    expect(formatSumRatio(null)).toBe("");
    expect(formatSumRatio(0)).toBe("0%");
    expect(formatSumRatio(0.8)).toBe("80%");
    expect(formatSumRatio(1.21875)).toBe("121.9%");
});
