/** Convert the figures of the server to the texts and formatted numbers of the drawing. */

import { formatCurrency } from "@web/core/currency";
import { deserializeDate, formatDate } from "@web/core/l10n/dates";
import { localization } from "@web/core/l10n/localization";
import { _t } from "@web/core/l10n/translation";
import { formatFloat } from "@web/core/utils/numbers";
import { flowLabels, outcomeLabels } from "./funnel_options";

const integer = (value) => formatFloat(value, { digits: [16, 0] });
const percent = (ratio) =>
    _t("%(number)s%", { number: formatFloat(ratio * 100, { digits: [16, 0] }) });
const days = (value) => formatFloat(value, { digits: [16, 1] });
const signed = (value) => (value > 0 ? `+${integer(value)}` : integer(value));

function dates([first, last]) {
    const [from, to] = [first, last].map((day) => formatDate(deserializeDate(day)));
    return from === to ? from : `${from} – ${to}`;
}

/** Return the chips beside a stage, without zeros except the ends of the balance. */
function flowsOf(cell, mode) {
    if (mode === "now") {
        return [];
    }
    const labels = mode === "flow" ? flowLabels() : outcomeLabels();
    return labels
        .filter(([kind]) => cell.flows[kind])
        .map(([kind, sign, label, tone]) => ({
            kind,
            tone,
            isLink: kind !== "other",
            label: `${integer(cell.flows[kind])} ${label}`,
            text: `${sign} ${integer(cell.flows[kind])} ${label}`,
        }));
}

function rowOf(cell, stage, data) {
    const money = (amount, humanReadable) =>
        formatCurrency(amount, data.currency_id, { humanReadable });
    const metrics = [
        _t("%(count)s opportunities", { count: integer(cell.opportunities) }),
        _t("%(count)s customers", { count: integer(cell.customers) }),
        _t("%(amount)s expected", { amount: money(cell.expected_revenue, true) }),
        _t("%(amount)s quota amount", { amount: money(cell.quota_amount, true) }),
    ];
    if (cell.days !== false) {
        metrics.push(_t("%(days)s days", { days: days(cell.days) }));
    }
    const flows = flowsOf(cell, data.mode);
    if (cell.stalled) {
        const label = _t("%(count)s stalled", { count: integer(cell.stalled) });
        flows.push({ kind: "stalled", tone: "warning", isLink: true, label, text: `! ${label}` });
    }
    const change = cell.count - cell.previous.count;
    const comparison = _t("%(change)s (before: %(count)s)", {
        change: signed(change),
        count: integer(cell.previous.count),
    });
    metrics.push(comparison);
    const conversion = cell.conversion === false ? "" : percent(cell.conversion);
    return {
        id: cell.stage_id,
        name: stage.name,
        isWon: stage.is_won,
        value: cell.count,
        valueText: integer(cell.count),
        conversion: conversion && `↓ ${conversion}`,
        metrics,
        flows,
        label: [
            `${stage.name}: ${integer(cell.count)}`,
            ...metrics,
            ...(conversion ? [_t("conversion %(rate)s", { rate: conversion })] : []),
        ].join(", "),
        figures: [
            integer(cell.count),
            integer(cell.customers),
            integer(cell.opportunities),
            money(cell.expected_revenue, false),
            money(cell.quota_amount, false),
            conversion || "–",
            cell.days === false ? "–" : days(cell.days),
            integer(cell.stalled),
            integer(cell.previous.count),
            flows.map((flow) => flow.label).join(", ") || "–",
        ],
    };
}

/**
 * @param {Object} data answer of `crm.funnel.report`.get_funnel
 * @returns {Object[]} a funnel for each `FunnelChart`
 */
export function funnelsOf(data) {
    const stages = Object.fromEntries(data.stages.map((stage) => [stage.id, stage]));
    const period =
        data.mode === "now"
            ? _t("Compared with the beginning of %(day)s", { day: dates(data.compared_with) })
            : _t("%(period)s, compared with %(before)s", {
                  period: dates(data.period),
                  before: dates(data.compared_with),
              });
    // All funnels share one scale.
    const counts = data.funnels.flatMap((funnel) => funnel.cells.map((cell) => cell.count));
    return data.funnels.map((funnel) => ({
        id: funnel.id,
        headings: [
            ...(data.split ? [funnel.name] : []),
            _t("Funnel: %(mode)s", { mode: data.mode_name }),
            period,
        ],
        formula: data.formula,
        max: Math.max(0, ...counts),
        rows: funnel.cells.map((cell) => rowOf(cell, stages[cell.stage_id], data)),
        columns: [
            _t("Stage"),
            _t("Number"),
            _t("Customers"),
            _t("Opportunities"),
            _t("Expected Revenue"),
            _t("Quota Amount"),
            _t("Conversion"),
            _t("Days in Stage (Median)"),
            _t("Stalled"),
            _t("Before"),
            _t("Came and Left"),
        ],
    }));
}

export const isRtl = () => localization.direction === "rtl";
