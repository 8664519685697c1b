"""What the pipeline's CSV rows become once they have been read and found good."""

from dataclasses import dataclass, field
from datetime import date, datetime, time

PROSPECTING = 'Prospecting'
ENGAGING = 'Engaging'
WON = 'Won'
LOST = 'Lost'
STAGES = (PROSPECTING, ENGAGING, WON, LOST)

NOON = time(12)


def match_key(text):
    """The form in which names of two files are compared: 'GTXPro' is 'GTX Pro'."""
    return ''.join(text.split()).casefold()


@dataclass(frozen=True)
class Salesperson:
    name: str
    manager: str
    office: str


@dataclass(frozen=True)
class Product:
    name: str
    list_price: float


@dataclass(frozen=True)
class Account:
    name: str
    sector: str
    country: str
    note: str
    parent: str


@dataclass(frozen=True)
class Opportunity:
    identifier: str
    salesperson: str
    product: str
    account: str
    stage: str
    engage_date: date | None
    close_date: date | None
    amount: float

    @property
    def is_closed(self):
        return self.stage in (WON, LOST)


@dataclass(frozen=True)
class Finding:
    """Something in a file that was not taken as it stands."""

    file: str
    line: int
    kind: str
    detail: str
    skipped: bool = True

    def __str__(self):
        return f"{self.file} line {self.line}: {self.kind}: {self.detail}"


@dataclass
class Folder:
    """All that was read, keyed by `match_key` except opportunities (by their identifier)."""

    salespeople: dict[str, Salesperson] = field(default_factory=dict)
    products: dict[str, Product] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    opportunities: dict[str, Opportunity] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    spellings: dict[str, str] = field(default_factory=dict)

    def spelled(self, text):
        """A name as it was spelled first: 'central' is 'Central' from then on."""
        return self.spellings.setdefault(match_key(text), text)

    @property
    def skipped(self):
        return [finding for finding in self.findings if finding.skipped]

    @property
    def remarks(self):
        return [finding for finding in self.findings if not finding.skipped]

    def teams(self):
        """The teams, (regional office, manager), in the order of the file."""
        return list(dict.fromkeys((row.office, row.manager) for row in self.salespeople.values()))


def at_noon(day):
    """The moment of a day: noon UTC is the same day in nearly every time zone."""
    return datetime.combine(day, NOON) if day else False


def opportunity_name(row):
    """The external identifier of a row; identifiers of the file are told apart by case too."""
    return f'opportunity_{row.identifier}'
