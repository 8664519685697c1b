/**
 * The current and the planned load of each salesperson of a territory plan: two bars each, on a common
 * scale, with the figures beside them.
 */

import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { formatFloat } from "@web/views/fields/formatters";

// The rest of the width is for the figures.
const LONGEST_BAR = 60;

export class TerritoryPlanBars extends Component {
    static template = "sales_funnel_mgmt.TerritoryPlanBars";
    static props = {
        rows: {
            type: Array,
            element: {
                type: Object,
                shape: {
                    id: Number,
                    name: String,
                    before: Number,
                    after: Number,
                    customers_before: Number,
                    customers_after: Number,
                    is_broken: Boolean,
                },
            },
        },
    };

    /** Return the rows with their bars. The longest bar sets the scale. */
    get bars() {
        const { rows } = this.props;
        const longest = rows.reduce((most, row) => Math.max(most, row.before, row.after), 0);
        const width = (value) => (longest ? (LONGEST_BAR * Math.max(value, 0)) / longest : 0);
        return rows.map((row) => {
            const before = formatFloat(row.before, { digits: [16, 1] });
            const after = formatFloat(row.after, { digits: [16, 1] });
            return {
                id: row.id,
                name: row.name,
                isBroken: row.is_broken,
                moments: [
                    {
                        key: "before",
                        width: width(row.before),
                        load: before,
                        customers: row.customers_before,
                    },
                    {
                        key: "after",
                        width: width(row.after),
                        load: after,
                        customers: row.customers_after,
                    },
                ],
                label: _t(
                    "%(name)s: load as it is %(before)s with %(customers_before)s customers, as planned %(after)s with %(customers_after)s",
                    {
                        name: row.name,
                        before: `${before}%`,
                        after: `${after}%`,
                        customers_before: row.customers_before,
                        customers_after: row.customers_after,
                    },
                ),
            };
        });
    }
}
