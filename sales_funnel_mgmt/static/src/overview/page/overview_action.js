import { Component, onWillStart, useState } from "@odoo/owl";
import { formatCurrency } from "@web/core/currency";
import { deserializeDate, formatDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { formatInteger } from "@web/views/fields/formatters";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { FunnelChart } from "../../funnel/chart/funnel_chart";
import { funnelsOf, isRtl } from "../../funnel/chart/funnel_rows";
import { SetupSteps } from "../setup_steps/setup_steps";
import { formatSumRatio } from "../../base/sum_ratio/sum_ratio_field";
import { OverviewCard } from "./overview_card";

/** The manager's page: the parts that `crm.sales.overview` returns. */
export class OverviewAction extends Component {
    static template = "sales_funnel_mgmt.OverviewAction";
    static components = { FunnelChart, Layout, OverviewCard, SetupSteps };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.keepLast = new KeepLast();
        this.env.config.setDisplayName(this.props.action.name || _t("Overview"));
        this.display = { controlPanel: {} };
        this.isRtl = isRtl();
        this.state = useState({ figures: null });
        // Keep the selected team for the way back from a report.
        useSetupAction({ getLocalState: () => ({ teamId: this.figures.team_id }) });
        onWillStart(() => this.load(this.props.state?.teamId));
    }

    /** @param {number | false} [teamId] by default, the team that the server selects */
    async load(teamId = null) {
        const call = this.orm.call("crm.sales.overview", "get_overview", [teamId]);
        this.state.figures = await this.keepLast.add(call);
    }

    chooseTeam(ev) {
        return this.load(Number(ev.target.value) || false);
    }

    get figures() {
        return this.state.figures;
    }

    get kinds() {
        return [
            ["call", _t("Calls")],
            ["visit", _t("Visits")],
            ["meeting", _t("Meetings")],
            ["email_out", _t("Emails sent")],
            ["email_in", _t("Emails received")],
            ["message", _t("Text messages")],
            ["other", _t("Others")],
        ].filter(([kind]) => this.figures.communications.rows.some((row) => row.kinds[kind]));
    }

    get funnel() {
        const [funnel] = funnelsOf(this.figures.funnel);
        // Another part shows the stalled opportunities by salesperson.
        return funnel && { ...funnel, rows: funnel.rows.map((row) => ({ ...row, flows: [] })) };
    }

    get openQuotaAmount() {
        const cells = this.figures.funnel.funnels.flatMap((funnel) => funnel.cells);
        return cells.reduce((sum, cell) => sum + cell.quota_amount, 0);
    }

    /** Return the figures at the top with their labels. */
    get headlines() {
        const { attainment, communications, concentration, handovers, orphans, stalled } =
            this.figures;
        const isReached = attainment.total.attainment !== false && !attainment.total.needed;
        return [
            {
                name: "funnel",
                value: formatInteger(stalled.open),
                label: _t("open opportunities"),
                note: _t("%(amount)s quota amount", {
                    amount: this.formatAmount(this.openQuotaAmount, true),
                }),
            },
            {
                name: "attainment",
                value: this.formatRatio(attainment.total.attainment),
                label: _t("attainment this quarter"),
                note: _t("%(actual)s of %(quota)s", {
                    actual: this.formatAmount(attainment.total.actual, true),
                    quota: this.formatAmount(attainment.total.quota, true),
                }),
                tone: isReached ? "text-success" : "",
            },
            {
                name: "stalled",
                value: formatInteger(stalled.count),
                label: _t("stalled"),
                note: _t("%(share)s of the open ones", {
                    share: this.formatRatio(stalled.open ? stalled.count / stalled.open : false),
                }),
                tone: stalled.count ? "text-warning" : "",
            },
            {
                name: "handovers",
                value: formatInteger(handovers.count),
                label: _t("handovers under way"),
                note: _t("%(count)s overdue tasks", {
                    count: formatInteger(handovers.rows.reduce((sum, row) => sum + row.overdue, 0)),
                }),
            },
            {
                name: "communications",
                value: formatInteger(communications.count),
                label: _t("contacts this week"),
                note: _t("%(count)s a week ago", { count: formatInteger(communications.before) }),
            },
            {
                name: "concentration",
                value: formatInteger(concentration.length),
                label: _t("concentration warnings"),
                note: concentration.map((team) => team.name).join(", "),
                tone: concentration.length ? "text-danger" : "",
            },
            {
                name: "orphans",
                value: formatInteger(orphans.count),
                label: _t("orphans"),
                note: orphans.rows.map((row) => row.name).join(", "),
                tone: orphans.count ? "text-danger" : "",
            },
        ];
    }

    formatAmount(amount, humanReadable = false) {
        return formatCurrency(amount, this.figures.currency_id, {
            humanReadable,
            trailingZeros: !Number.isInteger(amount),
        });
    }

    formatRatio(ratio) {
        return ratio === false ? "–" : formatSumRatio(ratio);
    }

    formatInteger(number) {
        return formatInteger(number);
    }

    period({ date_from, date_to }) {
        return [date_from, date_to].map((day) => formatDate(deserializeDate(day))).join(" – ");
    }

    moreLabel({ hidden }) {
        return hidden ? _t("%(count)s more", { count: hidden }) : undefined;
    }

    /** Return the width of a bar, at most 100 %. */
    barWidth(ratio) {
        return `width: ${Math.round(Math.max(0, Math.min(ratio || 0, 1)) * 100)}%`;
    }

    /**
     * Open the records that a figure counts.
     *
     * @param {string} part name of the part, as the server has it
     * @param {number | false} [userId] salesperson of the row, false for nobody; by default, all
     * @param {number | false} [teamId] by default, the team of the page
     */
    async openReport(part, userId = null, teamId = this.figures.team_id) {
        const args = [part, teamId, userId];
        return this.action.doAction(await this.orm.call("crm.sales.overview", "action_open", args));
    }

    openConcentration(teamId) {
        return this.openReport("concentration", null, teamId);
    }

    openHandover(id) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "crm.handover",
            res_id: id,
            views: [[false, "form"]],
        });
    }

    /** Open the opportunities that a figure of the funnel counts. */
    async openFunnelRecords(row) {
        const team = this.figures.team_id;
        const domain = [["type", "=", "opportunity"], ...(team ? [["team_id", "=", team]] : [])];
        const action = await this.orm.call("crm.funnel.report", "action_open_records", [
            domain,
            "now",
            false,
            "this_month",
            false,
            row.id,
        ]);
        return this.action.doAction(action);
    }

    openStep(step) {
        return this.action.doAction(step.action);
    }

    async hideSetup() {
        await this.orm.call("crm.sales.setup", "hide", []);
        this.state.figures.setup = [];
    }
}

registry.category("actions").add("sales_funnel_mgmt.overview", OverviewAction);
