"""Describe a kind of record that salespeople hold."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class BookKind:
    """Say which records of a model a salesperson holds, and how these change hands.

    :param str key: Technical name of the kind.
    :param str label: Name for users, translated.
    :param str model: Name of the model.
    :param list domain: Domain of the records that are open: those that a leaver must not keep.
    :param str name_field: Field of the name: a stored one.
    :param str user_field: Field of the salesperson.
    :param str partner_field: Field of the contact. 'id' if the record is a contact itself.
    :param str team_field: Field of the sales team. Empty if the model has none.
    :param str company_field: Field of the company.
    :param bool is_moved: Whether a handover gives the records to the receiver. Otherwise it only says
        that the outgoing salesperson holds them.
    """

    key: str
    label: str
    model: str
    domain: list = field(default_factory=list)
    name_field: str = 'name'
    user_field: str = 'user_id'
    partner_field: str = 'partner_id'
    team_field: str = ''
    company_field: str = 'company_id'
    is_moved: bool = True
