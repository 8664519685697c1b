"""Write the sheet of definitions."""

from odoo import fields
from odoo.tools import format_datetime

from .sheet import Sheet
from .writer import Column


class DefinitionsSheet(Sheet):
    """The contents of the workbook and the meaning of each figure. Written last, it stands first."""

    def get_title(self):
        return self.env._("Definitions")

    def get_note(self):
        return self.env._("Sales funnel review, %(period)s", period=self.book.get_period_text())

    def fill(self):
        """Write the facts, the currency rates, the definitions and the notes."""
        facts = self.add_table([
            Column('name', self.env._("This Workbook"), 'wrapped', 24),
            Column('value', "", 'wrapped', 34),
            Column('meaning', "", 'wrapped', 110),
        ])
        for name, value in self.get_facts():
            facts.add({'name': name, 'value': value})
        for text in self.get_notes():
            self.sheet.set_row(facts.next, 32)
            facts.add({'name': self.env._("Note"), 'meaning': text})
        above = facts
        if self.book.rates:
            above = self.write_rates(facts)
        figures = self.add_table(
            [
                Column('name', self.env._("Sheet"), 'wrapped', 24),
                Column('value', self.env._("Figure"), 'wrapped', 34),
                Column('meaning', self.env._("Meaning"), 'wrapped', 110),
            ],
            after=above,
        )
        order = [sheet.name for sheet in self.writer.workbook.worksheets()]
        for sheet, title, meaning in sorted(
            dict.fromkeys(self.book.figures), key=lambda figure: order.index(figure[0])
        ):
            if len(meaning) > 120:
                self.sheet.set_row(figures.next, 15 * (1 + len(meaning) // 115))
            figures.add({'name': sheet, 'value': title, 'meaning': meaning})

    def get_facts(self):
        """Return the facts about the workbook as (name, value)."""
        book, env = self.book, self.env
        names = book.names
        everything = env._("All that %(user)s may see", user=env.user.name)
        # With the rights of the requester, who has selected these records.
        teams = env['crm.team'].browse(book.team_ids).mapped('display_name')
        users = env['res.users'].browse(book.user_ids).mapped('name')
        return [
            (env._("Made for"), env.user.name),
            (env._("Made on"), format_datetime(env, fields.Datetime.now())),
            (env._("Time zone"), env.company._get_sales_zone().zone),
            (env._("Period"), book.get_period_text()),
            (env._("Sales teams"), ", ".join(teams) or everything),
            (env._("Salespeople"), ", ".join(users) or everything),
            (env._("Companies"), ", ".join(names.of(env.companies).values())),
            (env._("Currency"), book.currency.name),
            (env._("Rows"), self.get_rows_text()),
        ]

    def get_rows_text(self):
        """Return whether the workbook includes the rows, as text."""
        book = self.book
        if not book.with_rows:
            return self.env._("Left out: the figures are values")
        return self.env._(
            "%(count)s, in the sheets at the end",
            count=f'{sum(rows.count for rows in book.rows.values()):,}',
        )

    def get_notes(self):
        """Return the notes on the figures."""
        book, env = self.book, self.env
        notes = [
            env._(
                "Each user sees in a workbook what they may see in Odoo's CRM: two people's workbooks of the "
                "same period can differ."
            ),
            env._(
                "Salesperson and team are those of the opportunity at that time, except for what is so when "
                "the workbook was made: the funnel now, what is stalled, the workload."
            ),
        ]
        if book.with_rows:
            notes.append(
                env._(
                    "Figures are formulas over the rows at the end of the workbook. Medians and the cohort are "
                    "values. To count different customers, folded columns of the rows say 1 for the first "
                    "row of each; unfold them to see the IDs as well."
                )
            )
        if book.rates:
            notes.append(
                env._(
                    "Rows have the currency of their company. Figures are converted to %(currency)s at the rate "
                    "of the day on which the workbook was made.",
                    currency=book.currency.name,
                )
            )
        if book.writer.cut_count:
            notes.append(
                env._(
                    "Texts that were cut, since Excel cannot hold them: %(count)s.",
                    count=book.writer.cut_count,
                )
            )
        return notes

    def write_rates(self, above):
        """Write the currency rates."""
        table = self.add_table(
            [
                Column('name', self.env._("Currency"), 'text', 24),
                Column(
                    'rate',
                    self.env._("1 %(currency)s is", currency=self.book.currency.name),
                    'rate',
                    34,
                ),
            ],
            after=above,
        )
        for currency in self.env.companies.currency_id.sorted('name'):
            table.add({'name': currency.name, 'rate': self.book.rates[currency.id]})
        return table
