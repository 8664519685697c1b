import { Component } from "@odoo/owl";

/** A part of the overview: its title opens its report. */
export class OverviewCard extends Component {
    static template = "sales_funnel_mgmt.OverviewCard";
    static props = {
        name: String,
        title: String,
        /** text about the days of the figures */
        period: { type: String, optional: true },
        /** text about the rows that only the report shows */
        more: { type: String, optional: true },
        onOpen: Function,
        slots: Object,
    };
}
