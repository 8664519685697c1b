/**
 * The load of each salesperson of a territory plan, as it is and as planned: two bars a person, on one
 * scale. The field holds {rows: [{id, name, before, after, ...}]}.
 */

import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { formatFloat } from "@web/views/fields/formatters";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

export class TerritoryPlanChart extends Component {
    static template = "sales_funnel_mgmt.TerritoryPlanChart";
    static props = { ...standardFieldProps };

    get rows() {
        return this.props.record.data[this.props.name]?.rows || [];
    }

    /** Width of a bar in percent; the longest one is 100. */
    width(value) {
        const longest = Math.max(...this.rows.flatMap((row) => [row.before, row.after]), 0);
        return longest ? (100 * value) / longest : 0;
    }

    format(value) {
        return formatFloat(value, { digits: [16, 1] });
    }
}

registry.category("fields").add("territory_plan_chart", {
    component: TerritoryPlanChart,
    supportedTypes: ["json"],
});
