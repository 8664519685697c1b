/**
 * Compute the sums of the grid. An empty cell has no amount, which differs from 0: the sum of empty
 * cells is null.
 */

export const MONTHS_PER_QUARTER = 3;

/**
 * @param {(number | null)[]} amounts
 * @returns {number | null}
 */
export function sum(amounts) {
    const set = amounts.filter((amount) => amount !== null);
    return set.length ? set.reduce((total, amount) => total + amount, 0) : null;
}

/**
 * @param {({amount: number} | false)[]} cells
 * @returns {(number | null)[]}
 */
export function amountsOf(cells) {
    return cells.map((cell) => (cell ? cell.amount : null));
}

/**
 * Sum several rows, month by month.
 *
 * @param {(number | null)[][]} rows
 * @param {number} length number of months
 * @returns {(number | null)[]}
 */
export function sumColumns(rows, length) {
    return Array.from({ length }, (_value, month) => sum(rows.map((row) => row[month])));
}

/**
 * @param {(number | null)[]} amounts of the months of a year
 * @returns {{quarters: (number | null)[], year: number | null}}
 */
export function totalsOf(amounts) {
    const quarters = [];
    for (let start = 0; start < amounts.length; start += MONTHS_PER_QUARTER) {
        quarters.push(sum(amounts.slice(start, start + MONTHS_PER_QUARTER)));
    }
    return { quarters, year: sum(amounts) };
}

/**
 * Return whether the quota of a team differs from the sum of its members' quotas.
 *
 * @param {number | null} own
 * @param {number | null} members
 * @param {number} [rounding] smallest unit of the currency
 * @returns {boolean}
 */
export function differs(own, members, rounding = 0.01) {
    return own !== null && Math.abs(own - (members || 0)) > rounding / 2;
}
