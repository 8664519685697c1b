/** The chart of a territory plan for a field with the value {rows: [{id, name, before, after, ...}]}. */

import { Component, xml } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { TerritoryPlanBars } from "./territory_plan_bars";

export class TerritoryPlanChart extends Component {
    static template = xml`<TerritoryPlanBars rows="rows"/>`;
    static components = { TerritoryPlanBars };
    static props = { ...standardFieldProps };

    get rows() {
        return this.props.record.data[this.props.name]?.rows || [];
    }
}

registry.category("fields").add("territory_plan_chart", {
    component: TerritoryPlanChart,
    supportedTypes: ["json"],
});
