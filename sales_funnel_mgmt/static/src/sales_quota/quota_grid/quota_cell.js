import { Component } from "@odoo/owl";

/** A cell of the grid: an input if it is editable, else the amount. */
export class QuotaCell extends Component {
    static template = "sales_funnel_mgmt.QuotaCell";
    static props = {
        cell: [Object, { value: false }],
        label: String,
        canEdit: Boolean,
        format: Function,
        onChange: Function,
        onOpen: Function,
    };

    get isConfirmed() {
        return this.props.cell?.state === "confirmed";
    }

    get text() {
        return this.props.cell ? this.props.format(this.props.cell.amount) : "";
    }

    async onInputChange(ev) {
        const input = ev.target;
        try {
            await this.props.onChange(input.value);
        } finally {
            // Show the stored amount: the input may have been refused or formatted differently.
            input.value = this.text;
        }
    }

    onKeydown(ev) {
        if (ev.key === "Escape") {
            ev.target.value = this.text;
            ev.target.blur();
        } else if (ev.key === "Enter") {
            ev.target.blur();
        }
    }
}
