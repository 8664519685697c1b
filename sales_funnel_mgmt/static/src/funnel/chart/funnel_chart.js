import { Component, onMounted, onWillUnmount, useRef, useState } from "@odoo/owl";
import { layoutFunnel } from "./funnel_layout";

const DEFAULT_WIDTH = 640;
const LEAST_WIDTH = 240;

/**
 * The drawing of one funnel, and a table of the same for screen readers. It is independent of CRM: it
 * shows texts and numbers, and reports the selected row and part.
 */
export class FunnelChart extends Component {
    static template = "sales_funnel_mgmt.FunnelChart";
    static props = {
        funnel: {
            type: Object,
            shape: {
                id: [Number, Boolean],
                headings: { type: Array, element: String },
                formula: String,
                rows: Array,
                columns: { type: Array, element: String },
                max: { type: Number, optional: true },
            },
        },
        isRtl: { type: Boolean, optional: true },
        /** in pixels; by default, the available width */
        width: { type: Number, optional: true },
        /** (row, kind): called when a row or a part of it is selected */
        onSelect: { type: Function, optional: true },
    };
    static defaultProps = { isRtl: false, onSelect: () => {} };

    setup() {
        this.rootRef = useRef("root");
        this.state = useState({ width: this.props.width || DEFAULT_WIDTH });
        if (!this.props.width) {
            const observer = new ResizeObserver(() => this.measure());
            onMounted(() => {
                this.measure();
                observer.observe(this.rootRef.el);
            });
            onWillUnmount(() => observer.disconnect());
        }
    }

    measure() {
        const width = Math.floor(this.rootRef.el?.clientWidth || 0);
        if (width && width !== this.state.width) {
            this.state.width = Math.max(width, LEAST_WIDTH);
        }
    }

    get layout() {
        const width = this.props.width || this.state.width;
        return layoutFunnel(this.props.funnel, width, this.props.isRtl);
    }

    get label() {
        return this.props.funnel.headings.join(", ");
    }

    onKeydown(ev, row, kind) {
        if (ev.key === "Enter" || ev.key === " ") {
            ev.preventDefault();
            this.props.onSelect(row, kind);
        }
    }
}
