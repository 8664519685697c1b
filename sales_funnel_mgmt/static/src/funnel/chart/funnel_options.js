/** The options of the funnel view and their labels. */

import { _t } from "@web/core/l10n/translation";

export const MODES = ["now", "flow", "cohort"];
export const SPLITS = ["team_id", "user_id"];

export const modeLabels = () => ({
    now: _t("Now"),
    flow: _t("Flow"),
    cohort: _t("Cohort"),
});

export const splitLabels = () => ({
    "": _t("One funnel"),
    team_id: _t("By sales team"),
    user_id: _t("By salesperson"),
});

// the named periods of the server
export const periodLabels = () => ({
    today: _t("Today"),
    yesterday: _t("Yesterday"),
    this_week: _t("This week"),
    last_week: _t("Last week"),
    this_month: _t("This month"),
    last_month: _t("Last month"),
    this_quarter: _t("This quarter"),
    last_quarter: _t("Last quarter"),
    this_year: _t("This year"),
    last_year: _t("Last year"),
    dates: _t("From … to …"),
});

/** Entries to a stage and exits from it: [kind, sign, label, tone]. */
export const flowLabels = () => [
    ["open_start", "◦", _t("open at start"), "plain"],
    ["entered", "↓", _t("entered"), "plain"],
    ["advanced", "→", _t("advanced"), "success"],
    ["won", "★", _t("won"), "success"],
    ["moved_back", "←", _t("moved back"), "warning"],
    ["handed_over", "⇄", _t("handed over"), "warning"],
    ["lost", "✕", _t("lost"), "danger"],
    ["archived", "▫", _t("archived"), "plain"],
    ["merged", "▫", _t("merged"), "plain"],
    ["deleted", "▫", _t("deleted"), "plain"],
    ["open_end", "•", _t("open at end"), "plain"],
];

/** The same for a cohort: the outcomes of the opportunities that reached no further stage. */
export const outcomeLabels = () => [
    ["won", "★", _t("won"), "success"],
    ["lost", "✕", _t("lost"), "danger"],
    ["still_open", "•", _t("still open"), "plain"],
    ["other", "▫", _t("archived or deleted"), "plain"],
];
