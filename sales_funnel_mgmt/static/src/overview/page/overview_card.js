import { Component } from "@odoo/owl";

/** A part of the overview: its title opens its report. */
export class OverviewCard extends Component {
    static template = "sales_funnel_mgmt.OverviewCard";
    static props = {
        name: String,
        title: String,
        /** of which days, in words */
        period: { type: String, optional: true },
        /** how many rows are in the report only, in words */
        more: { type: String, optional: true },
        onOpen: Function,
        slots: Object,
    };
}
