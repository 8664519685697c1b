"""The review workbook: what a period brought, with the rows that each figure is made of."""

from .book import Book
