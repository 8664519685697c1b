import { registry } from "@web/core/registry";
import { formatPercentage } from "@web/views/fields/formatters";
import { PercentageField, percentageField } from "@web/views/fields/percentage/percentage_field";

/**
 * A ratio of two sums as a percentage. Where there is nothing to divide by, the server says false:
 * that is no 0 %, but nothing.
 *
 * @param {number | false} value
 * @param {Object} [options]
 * @returns {string}
 */
export function formatSumRatio(value, options = {}) {
    return typeof value === "number"
        ? formatPercentage(value, { ...options, digits: [16, 1], thousandsSep: undefined })
        : "";
}

export class SumRatioField extends PercentageField {
    /** A single row has no ratio, only groups have. */
    get formattedValue() {
        return formatSumRatio(this.props.record.data[this.props.name] || false);
    }
}

registry.category("formatters").add("sum_ratio", formatSumRatio);
registry.category("fields").add("sum_ratio", { ...percentageField, component: SumRatioField });
