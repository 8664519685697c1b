"""Test the review workbook."""

from . import test_review_workbook, test_review_workbook_making
