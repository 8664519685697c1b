"""Compare the groups of a report with the rows that the ledger says it has."""

from collections import defaultdict
from datetime import date, datetime

from odoo.models import BaseModel

PRECISION = 4


class FiguresMixin:
    """Group expected rows in Python, and compare them with `_read_group` of the report."""

    def compare(self, report, rows, groupings, measures, domain=()):
        """Compare all groups of all groupings.

        :param report: The model, with the reader and the context.
        :param list rows: Rows of `Reports`.
        :param list groupings: Lists of fields; `date:month` groups by the month.
        :param dict measures: For each aggregate of `_read_group` how it is computed: None, as its name
            says; or a function of the rows of a group.
        """
        for groupby in groupings:
            found = {
                tuple(map(self._plain, values[: len(groupby)])): dict(
                    zip(measures, map(self._round, values[len(groupby) :]), strict=True)
                )
                for values in report._read_group(list(domain), groupby, list(measures))
            }
            groups = defaultdict(list)
            for row in rows:
                groups[tuple(self._key(row, name) for name in groupby)].append(row)
            if not groupby and not rows:
                groups[()] = []
            expected = {
                key: {
                    spec: self._round((function or self._aggregate(spec))(group))
                    for spec, function in measures.items()
                }
                for key, group in groups.items()
            }
            for key in sorted(expected.keys() | found.keys(), key=str):
                self._compare_group(
                    f"{report._name} by {groupby or 'nothing'}, {self._name(report, groupby, key)}",
                    found.get(key),
                    expected.get(key),
                )

    def _compare_group(self, title, found, expected):
        if found is None or expected is None:
            self.differ(f"{title}: found {found}, expected {expected}")
            return
        for spec, value in expected.items():
            if not self._same(found[spec], value):
                self.differ(f"{title}: {spec}: found {found[spec]}, expected {value}")

    def differ(self, message):
        self.differences.append(message)

    @staticmethod
    def _same(found, value):
        if isinstance(found, float) or isinstance(value, float):
            return abs((found or 0) - (value or 0)) < 10**-PRECISION and (
                (found is None) == (value is None)
            )
        return found == value

    @staticmethod
    def _plain(value):
        if isinstance(value, BaseModel):
            return value.id
        if isinstance(value, datetime):
            return value.date()
        return value

    @staticmethod
    def _round(value):
        # The ORM returns False for NULL.
        return None if value is False else value

    @staticmethod
    def _key(row, name):
        name, _separator, granularity = name.partition(':')
        value = row.get(name, False)
        if granularity and value:
            day = value.date() if isinstance(value, datetime) else value
            return date(day.year, day.month, 1)
        return False if value is None else value

    def _aggregate(self, spec):
        name, _separator, kind = spec.partition(':')
        if spec == '__count':
            return len
        if kind == 'sum_currency':
            return lambda rows: self._sum(rows, name)

        def aggregate(rows):
            values = [row[name] for row in rows if row.get(name) is not None]
            if kind == 'count_distinct':
                return len(set(values))
            if not values:
                return None
            return {
                'sum': sum,
                'avg': lambda values: sum(values) / len(values),
                'min': min,
                'max': max,
            }[kind](values)

        return aggregate

    def _sum(self, rows, name):
        """Sum amounts, converted to the currency of the reader's company at today's rate."""
        amounts = [
            self.convert(row[name], row['company_id']) for row in rows if row.get(name) is not None
        ]
        return sum(amounts) if amounts else None

    def _name(self, report, groupby, key):
        """Name the records of a group, for the message."""
        names = []
        for name, value in zip(groupby, key, strict=True):
            field = report._fields[name.split(':')[0]]
            if value and field.relational:
                names.append(self.env[field.comodel_name].browse(value).display_name)
            else:
                names.append(str(value))
        return " / ".join(names) or "total"
