"""Define the document of a handover: a contact, a lead or a quotation that goes with its customer."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...base.arguments import check_one
from ...base.naming import name_some
from ..transfer.crm_handover_line import QUIET, QUIET_MEETING


class CrmHandoverDocument(models.Model):
    """Record the transfer of one record of a customer that is no opportunity."""

    _name = 'crm.handover.document'
    _description = "Handover Document"
    _inherit = ['crm.given.record.mixin', 'crm.system.field.mixin']
    _order = 'handover_customer_id, kind, id'

    handover_customer_id = fields.Many2one(
        comodel_name='crm.handover.customer',
        string="Customer",
        required=True,
        readonly=True,
        system=True,
        ondelete='cascade',
        index=True,
        help="Customer of the handover that the document belongs to.",
    )
    handover_id = fields.Many2one(
        related='handover_customer_id.handover_id',
        store=True,
        system=True,
        index=True,
        help="Handover of the document.",
    )
    company_id = fields.Many2one(
        related='handover_id.company_id', store=True, system=True, help="Company of the handover."
    )
    kind = fields.Selection(
        selection='_selection_kind',
        required=True,
        readonly=True,
        system=True,
        help="Kind of document, such as a quotation.",
    )
    name = fields.Char(
        readonly=True,
        system=True,
        help="Name that the document had; stays when it is deleted.",
    )
    res_model = fields.Char(
        string="Model",
        required=True,
        readonly=True,
        system=True,
        help="Technical name of the document's model.",
    )
    res_id = fields.Many2oneReference(
        model_field='res_model',
        string="Document",
        required=True,
        readonly=True,
        system=True,
        help="Database ID of the document.",
    )
    from_user_id = fields.Many2one(
        comodel_name='res.users',
        string="Outgoing Salesperson",
        readonly=True,
        system=True,
        ondelete='set null',
        help="Salesperson of the document before the handover.",
    )
    from_user_name = fields.Char(
        string="Name of the Outgoing Salesperson",
        readonly=True,
        system=True,
        help="Name that the outgoing salesperson had; stays when the user is deleted.",
    )
    previous_team_id = fields.Many2one(
        comodel_name='crm.team',
        string="Previous Sales Team",
        readonly=True,
        system=True,
        ondelete='set null',
        help="Sales team of the document before the transfer.",
    )
    to_user_id = fields.Many2one(
        related='handover_customer_id.to_user_id',
        help="Salesperson who gets the document: the receiver of the customer.",
    )
    state = fields.Selection(
        selection=[
            ('draft', "Draft"),
            ('waiting', "Waiting"),
            ('done', "Done"),
            ('skipped', "Skipped"),
            ('undone', "Undone"),
            ('cancelled', "Cancelled"),
        ],
        default='draft',
        required=True,
        readonly=True,
        system=True,
        help="Waiting: an opportunity of the customer is not with its new salesperson yet. Skipped: "
        "not handed over, the remark says why. Undone: given back within 24 hours.",
    )
    remark = fields.Char(
        readonly=True,
        system=True,
        help="What kept the document from being handed over.",
    )
    transferred_at = fields.Datetime(
        string="Transferred",
        readonly=True,
        system=True,
        help="When the document got its new salesperson (UTC).",
    )
    moved_records = fields.Json(
        readonly=True,
        system=True,
        help="IDs of the activities and meetings that moved along, to give them back.",
    )

    _document_uniq = models.UniqueIndex(
        '(handover_customer_id, res_model, res_id)', "A document is once in a handover."
    )
    _ongoing_idx = models.Index("(res_model, res_id) WHERE state IN ('draft', 'waiting')")

    @api.model
    def _selection_kind(self):
        return [(kind.key, kind.label) for kind in self.env['crm.book']._get_kinds()]

    # === ACTION METHODS === #

    def action_open_document(self):
        """Open the document. Do nothing if it was deleted."""
        check_one(self)
        record = self.env[self.res_model].browse(self.res_id).exists()
        return record.get_formview_action() if record else False

    # === BUSINESS METHODS === #

    def _group_by_kind(self):
        """Return the documents by kind, without those whose kind is no longer installed.

        :rtype: list[tuple[BookKind, crm.handover.document]]
        """
        documents_by_key = self.grouped('kind')
        return [
            (kind, documents_by_key[kind.key])
            for kind in self.env['crm.book']._get_kinds()
            if kind.key in documents_by_key
        ]

    def _get_records(self):
        """Return the records of documents of one kind, as far as they exist. In sudo mode."""
        return self.env[self[:1].res_model].browse(self.mapped('res_id')).exists()

    def _filter_locked(self):
        """Return the documents whose salesperson is locked. In sudo mode."""
        locked = self.browse()
        for kind, documents in self._group_by_kind():
            locked_ids = set(
                self.env['crm.book']._filter_locked(kind, documents._get_records()).ids
            )
            locked += documents.filtered(lambda one, ids=locked_ids: one.res_id in ids)
        return locked

    def _skip(self, remark):
        """Skip documents that are not handed over.

        :param str remark: Why.
        """
        if self:
            self.write({'state': 'skipped', 'remark': remark})

    def _skip_changed(self):
        """Skip documents that are gone, closed, or with another salesperson. In sudo mode.

        :return: Documents that were skipped.
        :rtype: crm.handover.document
        """
        skipped = self.browse()
        for kind, documents in self._group_by_kind():
            records = documents._get_records()
            open_ids = set(records.filtered_domain(Domain(kind.domain)).ids)
            if 'active' in records._fields:
                open_ids &= set(records.filtered('active').ids)
            user_by_id = {record.id: record[kind.user_field] for record in records}
            gone = documents.filtered(lambda one, users=user_by_id: one.res_id not in users)
            moved = (documents - gone).filtered(
                lambda one, users=user_by_id: users[one.res_id] != one.from_user_id
            )
            closed = (documents - gone - moved).filtered(
                lambda one, ids=open_ids: one.res_id not in ids
            )
            gone._skip(self.env._("It was deleted or merged."))
            moved._skip(self.env._("Someone else has changed the salesperson."))
            closed._skip(self.env._("It was closed meanwhile, and stays with its salesperson."))
            skipped += gone + moved + closed
        return skipped

    def _filter_returning(self):
        """Return the transferred documents that are open and still with the receiver. In sudo mode."""
        returning = self.browse()
        for kind, documents in self.filtered('transferred_at')._group_by_kind():
            records = documents._get_records().filtered_domain(Domain(kind.domain))
            user_by_id = {record.id: record[kind.user_field] for record in records}
            returning += documents.filtered(
                lambda one, users=user_by_id: (
                    one.from_user_id and users.get(one.res_id) == one.to_user_id
                )
            )
        return returning

    def _transfer(self):
        """Give the documents, with open activities and meetings, to the receivers. In sudo mode.

        The number of SQL statements depends on the kinds, the receivers and the teams.
        """
        documents = self - self._skip_changed()
        documents -= documents._hold()
        for kind, own in documents._group_by_kind():
            records = own._get_records()
            user_by_id = {document.res_id: document.to_user_id for document in own}
            self.env['crm.book']._lock(kind, records)
            if kind.team_field:
                team_by_id = {record.id: record[kind.team_field] for record in records}
                for team, group in own.grouped(lambda one, by=team_by_id: by[one.res_id]).items():
                    group.previous_team_id = team
            own._log(kind, records)
            for user, group in records.grouped(lambda record, by=user_by_id: by[record.id]).items():
                self.env['crm.book']._change_salesperson(
                    kind, group.with_context(**QUIET), {kind.user_field: user.id}
                )
            own._move_along(records)
        documents.write({
            'state': 'done',
            'transferred_at': fields.Datetime.now(),
            'remark': False,
        })

    def _hold(self):
        """Return the documents that have to wait, with the reason in their remark. In sudo mode."""
        held = self.browse()
        for (handover, user), documents in self.grouped(
            lambda document: (document.handover_id, document.to_user_id)
        ).items():
            if problem := handover._get_receiver_problem(user):
                documents.remark = self.env._(
                    "%(problem)s The document waits: please choose another receiver.",
                    problem=problem,
                )
                held += documents
        locked = (
            (self - held)
            ._filter_locked()
            .filtered(lambda document: not document.handover_customer_id._get_reason())
        )
        locked.remark = self.env._(
            "The customer has the salesperson lock: a sales administrator has to give a reason."
        )
        return held + locked

    def _log(self, kind, records, is_undone=False):
        """Log the change of salesperson in the chatter of the documents, in batch.

        :param BookKind kind: Kind of the documents.
        :param records: Records of the documents, before the change.
        :param bool is_undone: Log an undo instead of a handover.
        """
        if not hasattr(records, '_message_log_batch'):
            return
        document_by_id = {document.res_id: document for document in self}
        locked = self._filter_locked()
        bodies = {}
        for record in records:
            document = document_by_id[record.id]
            handover = document.handover_id.name
            old, new = document.from_user_id.name, document.to_user_id.name
            if is_undone:
                bodies[record.id] = self.env._(
                    "The handover %(handover)s was undone: %(salesperson)s is the salesperson again.",
                    handover=handover,
                    salesperson=old,
                )
            elif document in locked:
                bodies[record.id] = self.env._(
                    "Handed over from %(old)s to %(new)s in %(handover)s in spite of the salesperson "
                    "lock: %(reason)s",
                    old=old,
                    new=new,
                    handover=handover,
                    reason=document.handover_customer_id._get_reason(),
                )
            else:
                bodies[record.id] = self.env._(
                    "Handed over from %(old)s to %(new)s in %(handover)s.",
                    old=old,
                    new=new,
                    handover=handover,
                )
        records._message_log_batch(bodies)

    def _move_along(self, records):
        """Give open activities, future meetings and the place of a follower to the receivers.

        :param records: Records of the documents, all of one model.
        """
        document_by_id = {document.res_id: document for document in self}
        for user, group in self.grouped('from_user_id').items():
            if user and user != self.env.ref('base.user_root'):
                ids = set(group.mapped('res_id'))
                records.filtered(lambda one, ids=ids: one.id in ids).message_unsubscribe(
                    user.partner_id.ids
                )
        on_records = Domain([('res_model', '=', records._name), ('res_id', 'in', records.ids)])
        activities = (
            self
            .env['mail.activity']
            .with_context(**QUIET)
            .search(
                on_records
                & (
                    Domain('user_id', 'in', self.from_user_id.ids)
                    | Domain('former_user_id', 'in', self.from_user_id.ids)
                )
            )
        )
        meetings = (
            self
            .env['calendar.event']
            .with_context(**QUIET_MEETING)
            .search(
                on_records
                & Domain('user_id', 'in', self.from_user_id.ids)
                & Domain('start', '>', fields.Datetime.now())
            )
        )
        moved = {}
        Line = self.env['crm.handover.line']
        activities = activities.filtered(
            lambda one: (
                (one.former_user_id or one.user_id) == document_by_id[one.res_id].from_user_id
            )
        )
        for activity in activities:
            moved.setdefault(activity.res_id, {}).setdefault('activity_ids', []).append(activity.id)
        for user, own in activities.grouped(
            lambda one: document_by_id[one.res_id].to_user_id
        ).items():
            own.user_id = user
        meetings = meetings.filtered(
            lambda one: one.user_id == document_by_id[one.res_id].from_user_id
        )
        for meeting in meetings:
            moved.setdefault(meeting.res_id, {}).setdefault('meeting_ids', []).append(meeting.id)
        for (old, new), own in meetings.grouped(
            lambda one: (one.user_id, document_by_id[one.res_id].to_user_id)
        ).items():
            Line._change_organizer(own, old, new)
        for res_id, ids in moved.items():
            document_by_id[res_id].moved_records = ids

    def _get_undo_domain(self):
        """Return the domain of the documents whose transfer can be undone."""
        return self.env['crm.handover.line']._get_undo_time_domain() & Domain('state', '=', 'done')

    def _undo(self):
        """Give the documents back to their previous salespeople. In sudo mode.

        Documents that were closed since, such as confirmed quotations, stay with the receiver.

        :raise UserError: If somebody has changed a salesperson since.
        """
        for kind, own in self._group_by_kind():
            records = own._get_records()
            by_id = {record.id: record for record in records}
            open_records = records.filtered_domain(Domain(kind.domain))
            closed = own.filtered(lambda one, ids=set(open_records.ids): one.res_id not in ids)
            closed.remark = self.env._("It was closed since the transfer, and stays.")
            documents = own - closed
            changed = documents.filtered(
                lambda one, by=by_id, name=kind.user_field: by[one.res_id][name] != one.to_user_id
            )
            if changed:
                raise UserError(
                    self.env._(
                        "Since the transfer, someone has changed the salesperson of these documents, so "
                        "that they cannot be given back: %(documents)s. You can hand them over again.",
                        documents=name_some(self.env, changed),
                    )
                )
            self.env['crm.book']._lock(kind, open_records)
            documents._log(kind, open_records, is_undone=True)
            for (user, team), group in documents.grouped(
                lambda one: (one.from_user_id, one.previous_team_id)
            ).items():
                values = {kind.user_field: user.id}
                if kind.team_field:
                    values[kind.team_field] = team.id
                self.env['crm.book']._change_salesperson(
                    kind,
                    open_records.browse(group.mapped('res_id')).with_context(**QUIET),
                    values,
                )
            documents._move_back()
            documents.write({
                'state': 'undone',
                'transferred_at': False,
                'moved_records': False,
            })

    def _move_back(self):
        """Give back the activities and meetings that the receivers got and still have."""
        Activity = self.env['mail.activity'].with_context(**QUIET)
        Meeting = self.env['calendar.event'].with_context(**QUIET_MEETING)
        Line = self.env['crm.handover.line']
        ids = {'activity_ids': {}, 'meeting_ids': {}}
        for document in self:
            for name, moved_ids in (document.moved_records or {}).items():
                ids[name].update(dict.fromkeys(moved_ids, document))
        activities = Activity.browse(ids['activity_ids']).exists()
        for (user, previous), own in activities.grouped(
            lambda one: (
                ids['activity_ids'][one.id].to_user_id,
                ids['activity_ids'][one.id].from_user_id,
            )
        ).items():
            own.filtered(lambda one, user=user: one.user_id == user).user_id = previous
        meetings = Meeting.browse(ids['meeting_ids']).exists()
        for (user, previous), own in meetings.grouped(
            lambda one: (
                ids['meeting_ids'][one.id].to_user_id,
                ids['meeting_ids'][one.id].from_user_id,
            )
        ).items():
            Line._change_organizer(
                own.filtered(lambda one, user=user: one.user_id == user), user, previous
            )
