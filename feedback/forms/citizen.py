"""What a citizen types who says something, and what only some kinds and senders are asked for."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    EmailField,
    Form,
    FormField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import Optional, ValidationError

from app.fields import DatePartsField, Rows
from app.files import UploadsField
from app.text import line, typed
from feedback import contacts, rules, words
from feedback.forms.base import LINE_MAX, TAX_CODE_FAULTS, ContactFields, OwnForm, card, number, values
from feedback.models import PersonRole
from feedback.operations.intake import PersonData, Submission
from feedback.rules import IdentityScope, Kind, SenderType

BODY_MAX = 5000  # characters
NAMES_MAX = 1000  # characters
SIGNERS_MAX = 50
SIGNERS_SHOWN = 3
PLACE = {"data-combobox": "", "data-placeholder": _l("Gõ hoặc chọn một nơi")}
WHOLE_PROVINCE = "tinh"  # of the place: no commune in particular


def kind_cards() -> list[SelectChoice]:
    """Return every kind; what is chosen for a denunciation keeps nothing on the device."""
    return [
        card(kind, label, hint, words.KINDS[kind], **({"data-sensitive": ""} if kind == rules.DENUNCIATION else {}))
        for kind, (label, hint) in words.KIND_CHOICES.items()
    ]


class SignerForm(Form):
    """One of many signers."""

    name = StringField(_l("Họ và tên"), filters=line(LINE_MAX))
    address = StringField(_l("Địa chỉ"), filters=line(LINE_MAX))
    representative = BooleanField(_l("là người đại diện"))


class SendForm(OwnForm, ContactFields):
    """One matter, as a person tells it. `today` bounds the day it happened."""

    kind = RadioField(_l("Ý kiến thuộc loại nào?"), choices=kind_cards, validate_choice=False)
    body = TextAreaField(_l("Chuyện gì đã xảy ra?"), filters=typed(BODY_MAX))
    field_id = SelectField(_l("Lĩnh vực"), [Optional()], validate_choice=False)
    place_id = SelectField(_l("Xã, phường"), validate_choice=False, render_kw=PLACE)
    place_text = StringField(_l("Thôn, tổ dân phố, chỗ dễ nhận"), [Optional()], filters=line(LINE_MAX))
    happened = RadioField(
        _l("Từ khi nào?"),
        validate_choice=False,
        choices=lambda: [SelectChoice(name, label) for name, label in words.HAPPENED.items()],
    )
    happened_on = DatePartsField(_l("Ngày"))
    files = UploadsField(_l("Chọn ảnh, giấy tờ"), [Optional()])
    sender = RadioField(
        _l("Ai gửi?"),
        default=SenderType.PERSON,
        validate_choice=False,
        choices=lambda: [
            SelectChoice(SenderType.PERSON, _("Tôi gửi cho mình")),
            SelectChoice(SenderType.ON_BEHALF, _("Tôi gửi hộ người khác")),
            SelectChoice(SenderType.ENTERPRISE, _("Doanh nghiệp, tổ chức")),
            SelectChoice(SenderType.GROUP, _("Nhiều người cùng ký")),
        ],
    )
    organisation = StringField(_l("Tên doanh nghiệp, tổ chức"), filters=line(LINE_MAX), render_kw={"autocomplete": "organization"})
    tax_code = StringField(_l("Mã số thuế"), filters=line(20), render_kw={"inputmode": "numeric"})
    principal_name = StringField(_l("Họ và tên người được gửi hộ"), filters=line(LINE_MAX))
    principal_address = StringField(_l("Địa chỉ người được gửi hộ"), [Optional()], filters=line(LINE_MAX))
    principal_agrees = BooleanField(_l("Người ấy biết và đồng ý để tôi gửi hộ"))
    mandate = StringField(_l("Giấy ủy quyền: số, ngày, nơi chứng thực"), filters=line(LINE_MAX))
    name = StringField(_l("Họ và tên"), filters=line(LINE_MAX), render_kw={"autocomplete": "name"})
    phone = TelField(_l("Số điện thoại"), filters=line(30), render_kw={"autocomplete": "tel", "inputmode": "tel"})
    email = EmailField(
        _l("E-mail"), filters=line(LINE_MAX), description=words.CONSENTS["notices-web-1"], render_kw={"autocomplete": "email"}
    )
    address = StringField(_l("Địa chỉ"), filters=line(LINE_MAX), render_kw={"autocomplete": "address-line1"})
    signers = Rows(FormField(SignerForm), min_entries=SIGNERS_SHOWN, max_entries=SIGNERS_MAX)
    identity_scope = RadioField(
        _l("Ai được biết tên người gửi?"),
        default=IdentityScope.UNIT,
        validate_choice=False,
        choices=lambda: [
            card(IdentityScope.UNIT, _("Chỉ đơn vị giải quyết"), _("Cán bộ có thể gọi hỏi thẳng, thường nhanh hơn.")),
            card(
                IdentityScope.RECEPTION,
                _("Giữ bí mật họ tên cả với đơn vị giải quyết"),
                _("Chỉ bộ phận tiếp nhận giữ tên; hỏi đáp qua mã tra cứu. Nên chọn khi ý kiến nói về chính đơn vị đó."),
                **{"data-sensitive": ""},
            ),
        ],
    )
    accused_unit_id = SelectField(
        _l("Ý kiến nói về chính cơ quan nào?"), [Optional()], validate_choice=False, render_kw={"data-combobox": ""}
    )
    accused_names = TextAreaField(
        _l("Người bị nói tới là ai?"), [Optional()], filters=typed(NAMES_MAX), render_kw={"autocomplete": "off", "spellcheck": "false"}
    )
    publish_consent = BooleanField(words.CONSENTS["publish-web-1"])
    website = StringField(_l("Ô này để trống"))  # for robots, which fill in whatever they find
    token = HiddenField(default=lambda: secrets.token_urlsafe(18))

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._today = today

    # --- what it comes to -------------------------------------------------------------------------------------------

    @property
    def is_denunciation(self) -> bool:
        """Whether it is one by the choice made."""
        return self.kind.data == rules.DENUNCIATION

    @property
    def sender_type(self) -> SenderType:
        """Who writes; who leaves the name out where the law lets them writes without a name."""
        chosen = SenderType(self.sender.data) if self.sender.data in set(SenderType) else SenderType.PERSON
        if chosen is SenderType.PERSON and not self.name.data and not self._contact_required(SenderType.PERSON):
            return SenderType.ANONYMOUS
        return chosen

    def _contact_required(self, sender: SenderType) -> bool:
        """Whether the kind asks for name and contact; before one is chosen, whether every kind does."""
        kinds = [Kind(self.kind.data)] if self.kind.data in set(Kind) else list(Kind)
        return all(rules.contact_required(kind, sender) for kind in kinds)

    @property
    def filled_signers(self) -> list[SignerForm]:
        """The rows of signers in which something stands."""
        return [entry.form for entry in self.signers if entry.form.name.data or entry.form.address.data]

    def submission(self, *, locale: str) -> Submission:
        """Return what was typed, once validate() said it is fine."""
        return Submission(
            kind=self.kind.data,
            body=self.body.data,
            token=self.submission_token,
            sender_type=self.sender_type,
            people=tuple(self._people()),
            place_id=number(self.place_id.data),
            place_text=self.place_text.data or "",
            happened=self.happened.data or "",
            happened_on=self.happened_on.data if self.happened.data == "date" else None,
            field_id=number(self.field_id.data),
            accused_unit_id=number(self.accused_unit_id.data),
            accused_names=self.accused_names.data or "",
            identity_scope=IdentityScope(self.identity_scope.data),
            publish_consent=self.publish_consent.data,
            locale=locale,
            mandate=self.mandate.data or "" if self.sender_type is SenderType.ON_BEHALF else "",
            files=tuple(self.files.data),
        )

    @property
    def submission_token(self) -> str:
        """The same form with the same words is the same submission; went back and wrote something else, it is another."""
        said = "\x1f".join([self.kind.data or "", self.body.data or "", self.name.data or ""])
        return f"{self.token.data}:{hashlib.sha256(said.encode()).hexdigest()}"

    def _people(self) -> list[PersonData]:
        reach = {"phone": self.phone.data or "", "email": self.email.data or "", "address": self.address.data or ""}
        if self.sender_type is SenderType.ENTERPRISE:
            return [
                PersonData(
                    role=PersonRole.REPRESENTATIVE,
                    name=self.name.data,
                    organisation=self.organisation.data,
                    tax_code=self.tax_code.data,
                    **reach,
                )
            ]
        people = [PersonData(name=self.name.data or "", **reach)]
        if self.sender_type is SenderType.ON_BEHALF:
            people.append(PersonData(role=PersonRole.PRINCIPAL, name=self.principal_name.data, address=self.principal_address.data or ""))
        if self.sender_type is SenderType.GROUP:
            people += [
                PersonData(
                    role=PersonRole.REPRESENTATIVE if row.representative.data else PersonRole.SIGNER,
                    name=row.name.data,
                    address=row.address.data or "",
                )
                for row in self.filled_signers
            ]
        return people

    # --- what may be wrong with it ----------------------------------------------------------------------------------

    def validate(self, extra_validators: Any = None) -> bool:
        """Check each field, then what only some kinds and senders are asked for."""
        fine = super().validate(extra_validators)
        if not self.is_denunciation:
            self._validate_sender()
        return fine and not self.failed

    def validate_kind(self, field: RadioField) -> None:
        """Ask for one of the kinds, and say at once what else some of them will ask for."""
        if field.data in words.KINDS:
            return
        if self.name.data and (self.phone.data or self.email.data or self.address.data):
            raise ValidationError(_l("Chọn loại gần đúng nhất"))
        raise ValidationError(_l("Chọn loại gần đúng nhất. Chọn kiến nghị hay khiếu nại thì cũng ghi họ tên và cách liên hệ"))

    def validate_body(self, field: TextAreaField) -> None:
        """Ask for words."""
        if not field.data:
            raise ValidationError(_l("Viết chuyện đã xảy ra"))

    def validate_field_id(self, field: SelectField) -> None:
        """Take only a field that is offered."""
        if field.data and field.data not in values(field):
            raise ValidationError(_l("Chọn lĩnh vực trong danh sách, hoặc để cán bộ chọn giúp"))

    def validate_place_id(self, field: SelectField) -> None:
        """Ask for a commune that there is."""
        if not field.data:
            raise ValidationError(_l("Chọn xã, phường nơi xảy ra việc, hoặc “Cả tỉnh, không riêng nơi nào”"))
        if field.data not in values(field):
            raise ValidationError(_l("Chọn xã, phường có trong danh sách"))

    def validate_accused_unit_id(self, field: SelectField) -> None:
        """Take only a unit that is offered."""
        if field.data and field.data not in values(field):
            raise ValidationError(_l("Chọn cơ quan có trong danh sách, hoặc để trống"))

    def validate_happened(self, field: RadioField) -> None:
        """Take a day that was typed as meant."""
        if field.data not in words.HAPPENED:
            field.data = None
        if any(self.happened_on.parts) and field.data in {None, "unknown"}:
            field.data = "date"

    def validate_happened_on(self, field: DatePartsField) -> None:
        """Ask for the day where one was promised, and for one that is over."""
        if self.happened.data == "date" and field.data is None and not field.process_errors:
            raise ValidationError(_l("Ghi ngày, hoặc chọn “Không nhớ rõ”"))
        if field.data and field.data > self._today:
            raise ValidationError(_l("Ngày này chưa tới. Ghi ngày việc đã xảy ra"))

    def validate_sender(self, field: RadioField) -> None:
        """Take what is offered."""
        if field.data not in {SenderType.PERSON, SenderType.ON_BEHALF, SenderType.ENTERPRISE, SenderType.GROUP}:
            raise ValidationError(_l("Chọn ai là người gửi"))

    def validate_identity_scope(self, field: RadioField) -> None:
        """Take what is offered."""
        if field.data not in set(IdentityScope):
            raise ValidationError(_l("Chọn ai được biết tên"))

    def validate_token(self, field: HiddenField) -> None:
        """Give a form that lost its token another one."""
        if not field.data or len(field.data) > LINE_MAX:
            field.data = secrets.token_urlsafe(18)

    def _validate_sender(self) -> None:
        sender, complaint = self.sender_type, self.kind.data == Kind.COMPLAINT
        required = self._contact_required(sender)
        if sender is SenderType.ENTERPRISE:
            self._validate_enterprise()
        if sender is SenderType.ON_BEHALF:
            self._validate_behalf(complaint=complaint)
        if sender is SenderType.GROUP:
            self._validate_group()
        if required or sender in {SenderType.ON_BEHALF, SenderType.GROUP}:
            self._validate_contact(complaint=complaint, required=required)

    def _validate_contact(self, *, complaint: bool, required: bool) -> None:
        if not self.name.data and not self.name.errors:
            self.fail("name", _("Khiếu nại phải ghi họ tên người khiếu nại") if complaint else _("Ghi họ và tên"))
        # Luật Khiếu nại 2011 Điều 8: đơn khiếu nại phải ghi rõ … tên, địa chỉ của người khiếu nại.
        if complaint and not self.address.data:
            self.fail("address", _("Khiếu nại phải ghi địa chỉ người khiếu nại"))
        elif required and not (self.phone.data or self.email.data or self.address.data):
            self.fail("phone", _("Ghi ít nhất một cách để trả lời: điện thoại, e-mail hoặc địa chỉ"))

    def _validate_enterprise(self) -> None:
        if not self.organisation.data:
            self.fail("organisation", _("Ghi tên doanh nghiệp, tổ chức"))
        if not self.tax_code.data:
            self.fail("tax_code", _("Ghi mã số thuế"))
            return
        try:
            self.tax_code.data = contacts.read_tax_code(self.tax_code.data)
        except contacts.TaxCodeInvalid as fault:
            self.fail("tax_code", TAX_CODE_FAULTS[fault.why])

    def _validate_behalf(self, *, complaint: bool) -> None:
        if not self.principal_name.data:
            self.fail("principal_name", _("Ghi họ tên người được gửi hộ"))
        if not self.principal_agrees.data:
            self.fail("principal_agrees", _("Cần người ấy đồng ý. Chưa hỏi được thì gửi với tên của mình"))
        # Luật Khiếu nại 2011 Điều 12: khiếu nại thay phải có ủy quyền.
        if complaint and not self.mandate.data:
            self.fail("mandate", _("Khiếu nại hộ người khác phải có giấy ủy quyền"))

    def _validate_group(self) -> None:
        rows = self.filled_signers
        nameless = [entry for entry in self.signers if entry.form.address.data and not entry.form.name.data]
        for entry in nameless:
            self._fail_signer(entry.form, _("Ghi họ tên người ở địa chỉ này"))
        if not rows:
            self._fail_signer(self.signers[0].form, _("Ghi tên ít nhất một người cùng ký"))

    def _fail_signer(self, row: SignerForm, sentence: str) -> None:
        row.name.errors = [*row.name.errors, sentence]
        self.signers.errors = [*self.signers.errors, {"name": [sentence]}]
