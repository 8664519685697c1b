import { describe, expect, test } from "@odoo/hoot";
import { press, queryAll, queryAllTexts, queryOne } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { contains, mountWithCleanup } from "@web/../tests/web_test_helpers";
import { FunnelChart } from "@sales_funnel_mgmt/funnel/chart/funnel_chart";
import { joinDrawings } from "@sales_funnel_mgmt/funnel/chart/funnel_export";
import {
    layoutFunnel,
    textWidth,
    wrapParts,
    wrapText,
} from "@sales_funnel_mgmt/funnel/chart/funnel_layout";

describe.current.tags("desktop");
defineMailModels();

const row = (id, value, values = {}) => ({
    id,
    name: `Stage ${id}`,
    isWon: false,
    value,
    valueText: String(value),
    conversion: "",
    metrics: [`${value} opportunities`],
    flows: [],
    label: `Stage ${id}: ${value}`,
    figures: [String(value)],
    ...values,
});

const funnel = (rows, values = {}) => ({
    id: false,
    headings: ["Funnel: Now", "1 – 31 March"],
    formula: "Open opportunities in each stage at this moment.",
    rows,
    columns: ["Stage", "Number"],
    ...values,
});

const chip = (kind, text) => ({ kind, text, label: text, tone: "danger", isLink: true });

const mountChart = (rows, props = {}) =>
    mountWithCleanup(FunnelChart, { props: { funnel: funnel(rows), width: 400, ...props } });

/** Return the width of the upper side of each bar. */
function widths(layout) {
    return layout.rows.map((shape) => {
        const [[left], [right]] = shape.points
            .split(" ")
            .map((point) => point.split(",").map(Number));
        return Math.abs(right - left);
    });
}

/** Check that all shapes and texts lie within the drawing. */
function expectInside(layout) {
    for (const shape of layout.rows) {
        const numbers = shape.points.split(/[ ,]/).map(Number);
        expect(numbers.every(Number.isFinite)).toBe(true);
        const xs = numbers.filter((_number, index) => index % 2 === 0);
        expect(Math.min(...xs) >= 0).toBe(true);
        expect(Math.max(...xs) <= layout.width).toBe(true);
        for (const { x, y, width, height } of shape.chips) {
            expect(x >= 0 && x + width <= layout.width + 0.01).toBe(true);
            expect(y + height <= layout.height).toBe(true);
        }
    }
}

test("an empty funnel says what it is, and has no bar", async () => {
    await mountChart([]);
    expect(queryAllTexts("svg text").slice(0, 2)).toEqual(["Funnel: Now", "1 – 31 March"]);
    expect(".o_funnel_bar").toHaveCount(0);
    expect("tbody tr").toHaveCount(0);
});

test("one stage has a bar as wide as there is room", async () => {
    await mountChart([row(1, 7)]);
    expect(queryAllTexts(".o_funnel_value")).toEqual(["7"]);
    expect(widths(layoutFunnel(funnel([row(1, 7)]), 400))).toEqual([376]);
});

test("bars are as wide as their numbers, and narrow towards the next stage", () => {
    const layout = layoutFunnel(funnel([row(1, 100), row(2, 50), row(3, 75)]), 400);
    expect(widths(layout)).toEqual([376, 188, 282]);
    const bottoms = layout.rows.map((shape) => {
        const [, , right, left] = shape.points
            .split(" ")
            .map((point) => point.split(",").map(Number));
        return right[0] - left[0];
    });
    // A bar is never wider below than above.
    expect(bottoms).toEqual([188, 188, 282]);
});

test("several funnels can share a scale", () => {
    const layout = layoutFunnel(funnel([row(1, 50)], { max: 200 }), 400);
    expect(widths(layout)).toEqual([94]);
});

test("twenty stages lie one below the other", async () => {
    const rows = Array.from({ length: 20 }, (_, index) => row(index + 1, 20 - index));
    await mountChart(rows);
    expect(".o_funnel_row").toHaveCount(20);
    const layout = layoutFunnel(funnel(rows), 400);
    expectInside(layout);
    const tops = layout.rows.map((shape) => Number(shape.points.split(" ")[0].split(",")[1]));
    const isBelow = tops.every((top, index) => !index || top - tops[index - 1] >= 36);
    expect(isBelow).toBe(true);
});

test("zero is a line, next to nothing can be seen, and a huge number fits", () => {
    const rows = [row(1, 1e15), row(2, 1), row(3, 0), row(4, 0)];
    const layout = layoutFunnel(funnel(rows), 400);
    expect(widths(layout)).toEqual([376, 6, 1, 1]);
    expectInside(layout);
    expect(layout.rows.map((shape) => shape.value.isInside)).toEqual([false, false, false, false]);
});

test("nothing but zeros, and numbers that are none", () => {
    for (const value of [0, NaN, -5]) {
        const layout = layoutFunnel(funnel([row(1, value), row(2, value)]), 400);
        expectInside(layout);
        expect(widths(layout)).toEqual([1, 1]);
    }
});

test("from right to left, all is mirrored", async () => {
    const rows = [row(1, 100, { flows: [chip("lost", "3 lost")] }), row(2, 10)];
    const [there, back] = [false, true].map((isRtl) => layoutFunnel(funnel(rows), 800, isRtl));
    expectInside(back);
    expect(back.texts[0].x).toBe(800 - there.texts[0].x);
    const [chipThere, chipBack] = [there, back].map((layout) => layout.rows[0].chips[0]);
    expect(chipBack.x + chipBack.width).toBe(800 - chipThere.x);
    expect(chipThere.x > 400 && chipBack.x < 400).toBe(true);
    await mountChart(rows, { isRtl: true });
    expect("svg").toHaveAttribute("direction", "rtl");
});

test("what left is beside the bar where there is room, else below it", () => {
    const rows = [row(1, 100, { flows: [chip("lost", "3 lost"), chip("won", "2 won")] })];
    const wide = layoutFunnel(funnel(rows), 800).rows[0];
    const narrow = layoutFunnel(funnel(rows), 340).rows[0];
    expect(Boolean(wide.outlet)).toBe(true);
    expect(Boolean(narrow.outlet)).toBe(false);
    const bar = (shape) => Number(shape.points.split(" ")[2].split(",")[1]);
    expect(wide.chips[0].y < bar(wide)).toBe(true);
    expect(narrow.chips[0].y > bar(narrow)).toBe(true);
});

test("texts are broken at spaces, in Chinese anywhere", () => {
    expect(wrapText("one two three", textWidth("one two"))).toEqual(["one two", "three"]);
    expect(wrapText("销售漏斗视图", textWidth("销售"))).toEqual(["销售", "漏斗", "视图"]);
    expect(wrapText("", 100)).toEqual([]);
});

test("a line does not begin with a full stop, nor part an amount from its currency", () => {
    expect(wrapText("（推进）。比率", textWidth("（推进"))).toEqual(["（推", "进）。", "比率"]);
    const amount = "5\u00a0€";
    expect(wrapText(`worth ${amount}`, textWidth("worth 5"))).toEqual(["worth", amount]);
});

test("figures stay on one line each, where they fit", () => {
    expect(wrapParts(["2 days", "3 stalled"], textWidth("2 days · 3"))).toEqual([
        "2 days ·",
        "3 stalled",
    ]);
    expect(wrapParts(["much too long"], textWidth("much"))).toEqual(["much", "too", "long"]);
});

test("a bar and a flow can be chosen by pointer and keyboard", async () => {
    await mountChart([row(1, 4, { flows: [chip("lost", "3 lost")] })], {
        onSelect: ({ id }, kind) => expect.step([id, kind || "all"]),
    });
    await contains(".o_funnel_row").click();
    await contains(".o_funnel_flow").click();
    queryOne(".o_funnel_row").focus();
    await press("Enter");
    queryOne(".o_funnel_flow").focus();
    await press(" ");
    await animationFrame();
    expect.verifySteps([
        [1, "all"],
        [1, "lost"],
        [1, "all"],
        [1, "lost"],
    ]);
});

test("who listens gets names, labels and a table", async () => {
    await mountChart([row(1, 4), row(2, 2, { flows: [chip("lost", "3 lost")] })]);
    expect("svg").toHaveAttribute("aria-label", "Funnel: Now, 1 – 31 March");
    expect(queryAll("svg [role=button]").map((el) => el.getAttribute("aria-label"))).toEqual([
        "Stage 1: 4",
        "Stage 2: 2",
        "Stage 2: 3 lost",
    ]);
    expect(queryAll("table th[scope=row]").map((el) => el.textContent)).toEqual([
        "Stage 1",
        "Stage 2",
    ]);
    expect(queryAll("table td").map((el) => el.textContent)).toEqual(["4", "2"]);
});

test("the picture to save needs nothing of the page", async () => {
    await mountChart([row(1, 4, { name: "A < B & C" })]);
    const { text, width, height } = joinDrawings([queryOne("svg"), queryOne("svg")], "white");
    const parsed = new DOMParser().parseFromString(text, "image/svg+xml");
    expect(parsed.querySelectorAll("parsererror").length).toBe(0);
    expect([width, height > 0]).toEqual([2 * 400 + 16, true]);
    expect(text).toInclude("Open opportunities in each stage");
    expect(text).toInclude("A &lt; B &amp; C");
    expect(text).not.toInclude("class=");
    expect(text).not.toInclude("var(--");
    expect(text).toInclude("fill: rgb(");
});
