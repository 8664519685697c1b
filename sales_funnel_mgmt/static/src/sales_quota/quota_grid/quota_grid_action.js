import { Component, onWillStart, useState } from "@odoo/owl";
import { formatCurrency, getCurrency } from "@web/core/currency";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { parseFloat } from "@web/views/fields/parsers";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { amountsOf, differs, MONTHS_PER_QUARTER, sumColumns, totalsOf } from "./grid_totals";
import { QuotaCell } from "./quota_cell";

/** The editable grid of the quotas of a year: salespeople and teams × months. */
export class QuotaGridAction extends Component {
    static template = "sales_funnel_mgmt.QuotaGridAction";
    static components = { Layout, QuotaCell };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.notification = useService("notification");
        this.env.config.setDisplayName(this.props.action.name || _t("Quota Plan"));
        this.display = { controlPanel: {} };
        this.state = useState({ grid: null });
        this.format = (amount) => this.formatAmount(amount);
        onWillStart(() => this.load());
    }

    async load(day = false) {
        this.state.grid = await this.orm.call("crm.sales.quota", "get_grid", [day]);
    }

    /** @param {number} step number of years to go forward */
    goTo(step) {
        const [year, ...rest] = this.grid.date_from.split("-");
        return this.load([Number(year) + step, ...rest].join("-"));
    }

    get grid() {
        return this.state.grid;
    }

    /** Return the columns: months, a subtotal after each quarter, the total of the year. */
    get columns() {
        return this.grid.months.flatMap((month, index) => {
            const column = { ...month, key: month.date, month: index };
            const quarter = (index + 1) / MONTHS_PER_QUARTER;
            return Number.isInteger(quarter)
                ? [column, { key: `quarter_${quarter}`, label: `Q${quarter}`, quarter }]
                : [column];
        });
    }

    get teams() {
        return this.grid.teams.map((team) => {
            const members = team.members.map((member) => {
                const amounts = amountsOf(member.cells);
                return {
                    ...member,
                    totals: totalsOf(amounts),
                    notSet: amounts.filter((amount) => amount === null).length,
                };
            });
            const sums = sumColumns(
                team.members.map((member) => amountsOf(member.cells)),
                this.grid.months.length,
            );
            const own = amountsOf(team.cells);
            const rounding = 10 ** -this.digits;
            return {
                ...team,
                members,
                sums,
                totals: totalsOf(sums),
                ownTotals: totalsOf(own),
                differences: own.map((amount, month) => differs(amount, sums[month], rounding)),
            };
        });
    }

    /** Return the sums over all salespeople, without the quotas of teams. */
    get total() {
        const amounts = sumColumns(
            this.grid.teams.flatMap((team) =>
                team.members.map((member) => amountsOf(member.cells)),
            ),
            this.grid.months.length,
        );
        return { amounts, totals: totalsOf(amounts) };
    }

    get digits() {
        return getCurrency(this.grid.currency_id)?.digits[1] ?? 2;
    }

    get currencySymbol() {
        return getCurrency(this.grid.currency_id)?.symbol || "";
    }

    formatAmount(amount) {
        return amount === null
            ? ""
            : formatCurrency(amount, this.grid.currency_id, {
                  noSymbol: true,
                  trailingZeros: !Number.isInteger(amount),
              });
    }

    notSetLabel(member) {
        return member.notSet === this.grid.months.length
            ? _t("no quota")
            : _t("%(number)s months not set", { number: member.notSet });
    }

    cellLabel(name, month) {
        return `${name}, ${this.grid.months[month].label}`;
    }

    get differenceLabel() {
        return _t("The team's own quota is not the sum of its members' quotas.");
    }

    /**
     * Set a cell to the typed amount, or delete the draft if it is empty.
     *
     * @param {Object} row team or member, as received from the server
     * @param {Object} owner {teamId, userId}
     * @param {number} month index of the column
     * @param {string} text
     */
    async setCell(row, { teamId, userId }, month, text) {
        let amount = false;
        if (text.trim()) {
            try {
                // Stricter than Odoo's parser of amounts, for which "a lot" is 0.
                amount = parseFloat(text);
            } catch {
                this.notification.add(_t("“%s” is not an amount.", text), { type: "danger" });
                return;
            }
        }
        const cell = await this.orm.call("crm.sales.quota", "set_grid_amount", [
            teamId,
            userId,
            this.grid.months[month].date,
            amount,
        ]);
        row.cells[month] = cell;
    }

    /** Return the row of the state from which a row of `teams` was made. */
    findRow(teamId, userId) {
        const team = this.grid.teams.find((row) => row.id === teamId);
        return userId ? team.members.find((row) => row.user_id === userId) : team;
    }

    async onCellChange(teamId, userId, month, text) {
        await this.setCell(this.findRow(teamId, userId), { teamId, userId }, month, text);
    }

    openQuota(cell) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "crm.sales.quota",
            res_id: cell.id,
            views: [[false, "form"]],
        });
    }

    enterQuotas() {
        return this.action.doAction("sales_funnel_mgmt.crm_sales_quota_enter_action");
    }
}

registry.category("actions").add("sales_funnel_mgmt.quota_grid", QuotaGridAction);
