"""Write the review workbook: the figures of a period and the rows behind them."""

from .book import Book
