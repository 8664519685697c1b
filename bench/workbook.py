"""Measure the review workbook of a year, with and without rows; figures are per row."""

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from dateutil.relativedelta import relativedelta

from .measure import Measure


def workbook(with_rows):
    def work(env, stopwatch):
        # Only one of the two databases has the addon.
        from odoo.addons.sales_funnel_mgmt.models.review_workbook.book import Book

        last = date.today()
        reader = env(user=env.ref('base.user_admin').id, su=False)
        with TemporaryDirectory() as folder:
            path = Path(folder, 'review.xlsx')
            book = Book(reader, str(path), last - relativedelta(years=1), last, with_rows=with_rows)
            with stopwatch():
                book.make()
        if with_rows:
            stopwatch.sample.leads = sum(rows.count for rows in book.rows.values())

    return work


MEASURES = (
    Measure("review workbook of a year, with all rows", addon=workbook(with_rows=True)),
    Measure("review workbook of a year, without the rows", addon=workbook(with_rows=False)),
)
