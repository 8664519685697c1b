"""Define the base of the sheets of figures."""

from .writer import Column, Table

# rows above the first table: title, description, an empty row
HEAD = 3
# number of bars that a chart can show legibly
CHART_SIZE = 20
# height of a chart, in rows
CHART_ROWS = 17


class Sheet:
    """A sheet of figures, which are read as the requester of the workbook, see `Book`.

    Its creation sets its place in the workbook. It is filled later.
    """

    def __init__(self, book):
        self.book = book
        self.env = book.env
        self.writer = book.writer
        self.open()

    def get_title(self):
        """Return the title of the sheet."""
        raise NotImplementedError

    def get_note(self):
        """Return the description of the figures: by default, the period."""
        return self.book.get_period_text()

    def open(self):
        """Add the sheet at the next place in the workbook."""
        self.sheet = self.add_sheet(self.get_title(), self.get_note())

    def add_sheet(self, title, note):
        """Add a sheet with its title and note."""
        sheet = self.writer.add_sheet(title, HEAD)
        self.writer.put(sheet, 0, 0, title, 'title')
        sheet.set_row(0, 24)
        self.writer.put(sheet, 1, 0, note, 'note')
        return sheet

    def add_table(self, columns, after=None, caption=None, sheet=None):
        """Begin a table at the top of the sheet or below another table.

        :param Table after: Table above it.
        :param str caption: Text above it.
        """
        sheet = sheet or self.sheet
        row = HEAD if after is None else after.next + after.margin + 3
        if caption:
            self.writer.put(sheet, row - 1, 0, caption, 'caption')
        table = Table(self.writer, sheet, row, columns)
        table.write_header()
        self.book.describe(sheet.name, columns)
        return table

    def key_columns(self, title):
        """Return the columns that identify a row; formulas use the first one."""
        return [Column('key', "ID", 'id', 7), Column('name', title, 'text', 28)]

    def get_names(self, records, none):
        """Return the records in the order of their names.

        :return: List of (ID, name); rows without a record have the ID 0, which stands last.
        """
        names = self.book.names.of(records)
        found = sorted(names.items(), key=lambda item: item[1].lower())
        return [*found, (0, none)]

    def nobody(self):
        """Return the name of rows without a salesperson."""
        return self.env._("Nobody")

    def add_chart(self, kind, table, keys, title, long_title=None, last=None):
        """Draw columns of a table: below it, or beside a long table to stay visible.

        :param str kind: 'column' or 'bar'.
        :param keys: Keys of the columns of the figures. The column `name` names their rows.
        :param str long_title: Title if the chart cannot show all rows. By default the same.
        :param int last: Last row (from 0) to draw; by default, the last one of the table.
        """
        if table.is_empty or table.next == table.first:
            return
        last = table.last if last is None else last
        is_long = last - table.first >= CHART_SIZE
        title = (is_long and long_title) or title
        last = min(last, table.first + CHART_SIZE - 1)
        chart = self.writer.workbook.add_chart({'type': kind})
        colors = ('#714B67', '#21B799', '#E4A900')
        sheet_name = table.sheet.name
        for key, color in zip(keys, colors, strict=False):
            position = table.position(key)
            chart.add_series({
                'name': [sheet_name, table.header, position],
                'categories': [
                    sheet_name,
                    table.first,
                    table.position('name'),
                    last,
                    table.position('name'),
                ],
                'values': [sheet_name, table.first, position, last, position],
                'fill': {'color': color},
                'gap': 60,
            })
        chart.set_title({'name': title, 'name_font': {'size': 12, 'color': '#374151'}})
        chart.set_legend({'position': 'bottom'})
        if kind == 'bar':
            # From top to bottom, as in the table.
            chart.set_y_axis({'reverse': True})
        chart.set_size({'width': 860, 'height': 20 * CHART_ROWS})
        if is_long:
            place = (table.header, len(table.columns) + 1)
        else:
            place = (table.next + 1, 1)
            table.margin = CHART_ROWS
        table.sheet.insert_chart(*place, chart, {'description': title})
