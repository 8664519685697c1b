import { Component, onWillStart, useState } from "@odoo/owl";
import { formatCurrency } from "@web/core/currency";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { formatSumRatio } from "../../base/sum_ratio/sum_ratio_field";

const STATUS_CLASSES = {
    no_quota: "text-bg-secondary",
    below: "text-bg-warning",
    met: "text-bg-success",
    exceeded: "text-bg-success",
};

/** The attainment of the salesperson in month, quarter, half-year and year, and in each month. */
export class MyQuotaAction extends Component {
    static template = "sales_funnel_mgmt.MyQuotaAction";
    static components = { Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.env.config.setDisplayName(this.props.action.name || _t("My Quota"));
        this.display = { controlPanel: {} };
        this.state = useState({ figures: null });
        this.titles = {
            month: _t("This Month"),
            quarter: _t("This Quarter"),
            half_year: _t("This Half-year"),
            year: _t("This Year"),
        };
        this.statuses = {
            no_quota: _t("No quota"),
            below: _t("Below quota"),
            met: _t("Quota met"),
            exceeded: _t("Quota exceeded"),
        };
        onWillStart(async () => {
            this.state.figures = await this.orm.call("crm.quota.report", "get_my_quota", []);
        });
    }

    get figures() {
        return this.state.figures;
    }

    statusClass(standing) {
        return STATUS_CLASSES[standing.status];
    }

    formatAmount(amount) {
        return formatCurrency(amount, this.figures.currency_id, {
            trailingZeros: !Number.isInteger(amount),
        });
    }

    formatRatio(ratio) {
        return formatSumRatio(ratio);
    }

    /** Return the width of the bar, at most 100 %. */
    barWidth(standing) {
        const share = Math.max(0, Math.min(standing.attainment || 0, 1));
        return `width: ${Math.round(share * 100)}%`;
    }

    /** Open the rows behind the figures of a period. */
    async openPeriod({ date_from, date_to }) {
        return this.action.doAction(
            await this.orm.call("crm.quota.report", "action_open_my_quota", [date_from, date_to]),
        );
    }
}

registry.category("actions").add("sales_funnel_mgmt.my_quota", MyQuotaAction);
