"""What can be asked, and changed."""

from collections.abc import Sequence
from typing import Any

import graphene

from ....reservations.graphql import ids
from ....reservations.graphql.federation import Service
from ....reservations.graphql.printing import print_subgraph
from ... import links, people
from ...settings import MessagesSettings
from .. import NAME, devices
from ..models import Device
from .asked import Asked

_DEVICE = "PushDevice"
_CODES = {
    "UNAUTHENTICATED": "Nobody has signed in.",
    "INVALID": "A value that is none.",
}


def _code(value: Any) -> str:
    return "Why something was refused." if value is None else _CODES[value.name]


PushErrorCode = graphene.Enum(
    "PushErrorCode", [(name, name.lower()) for name in _CODES], description=_code
)


class PushError(graphene.ObjectType):
    field = graphene.String(
        description=(
            "Name of a field that caused the error. A value of `null` indicates that the error "
            "isn't associated with a particular field."
        )
    )
    message = graphene.String(description="The error message.")
    code = graphene.Field(PushErrorCode, required=True, description="The error code.")

    class Meta:
        description = "Why nothing was changed."


class PushDevice(graphene.ObjectType):
    id = graphene.ID(required=True, description="ID of the device.")
    language = graphene.String(
        description="Language that its application speaks, of those that there are texts in."
    )
    created = graphene.DateTime(required=True, description="When it was registered first.")
    seen = graphene.DateTime(required=True, description="When it was registered last.")

    class Meta:
        description = "A device that messages to its customer go to."

    @staticmethod
    def resolve_id(device: Device, _info: Any) -> str:
        return ids.to_global(_DEVICE, device.pk)

    @staticmethod
    def resolve_language(device: Device, _info: Any) -> str | None:
        return device.language or None

    @staticmethod
    def resolve_created(device: Device, _info: Any) -> Any:
        return device.made


class Query(graphene.ObjectType):
    push_devices = graphene.List(
        graphene.NonNull(PushDevice),
        required=True,
        description="Devices of the signed-in customer, the ones that were seen last first.",
    )
    push_page = graphene.String(
        description=(
            "Address of the page where the signed-in customer says which messages he wants, and "
            "where. `null` until he has registered a device."
        )
    )
    service = graphene.Field(Service, name="_service")

    @staticmethod
    def resolve_push_devices(_root: None, info: Any) -> Sequence[Device]:
        asked: Asked = info.context
        return list(devices.of(asked.customer_id)) if asked.customer_id else ()

    @staticmethod
    def resolve_push_page(_root: None, info: Any) -> str | None:
        asked: Asked = info.context
        if not asked.customer_id or not devices.of(asked.customer_id).exists():
            return None
        first = next(iter(MessagesSettings.all().values()), MessagesSettings())
        row = people.preference(NAME, asked.customer_id)
        return links.address_of(row, first.place) or None

    @staticmethod
    def resolve_service(_root: None, info: Any) -> Service:
        return Service(sdl=print_subgraph(info.schema))


class _OfDevice(graphene.Mutation):
    class Meta:
        abstract = True

    errors = graphene.List(
        graphene.NonNull(PushError),
        required=True,
        description="Why nothing was changed; empty where all went well.",
    )

    @classmethod
    def refused(cls, message: str, code: str, field: str | None = None) -> "_OfDevice":
        error = PushError(field=field, message=message, code=code)
        return cls(errors=[error])

    @classmethod
    def for_nobody(cls) -> "_OfDevice":
        return cls.refused("Sign in as the customer.", "unauthenticated")


class PushDeviceRegister(_OfDevice):
    class Arguments:
        token = graphene.String(
            required=True, description="Registration token that Firebase has given the application."
        )
        language = graphene.String(
            description="That the application speaks, as `ru` or `en-GB`: messages come in it."
        )

    class Meta:
        description = (
            "Have messages to the signed-in customer go to this device. To be called at every "
            "start of the application, and whenever Firebase gives it another token. Messages to "
            "whoever was signed in there before go there no more."
        )

    device = graphene.Field(PushDevice, description="The device.")

    @classmethod
    def mutate(cls, _root: None, info: Any, token: str, language: str = "") -> "_OfDevice":
        asked: Asked = info.context
        if not asked.customer_id:
            return cls.for_nobody()
        try:
            device = devices.register(asked.customer_id, token, language or "")
        except devices.InvalidToken as error:
            return cls.refused(str(error), "invalid", "token")
        return cls(device=device, errors=[])


class PushDeviceUnregister(_OfDevice):
    class Arguments:
        token = graphene.String(required=True, description="Registration token of the device.")

    class Meta:
        description = (
            "Have messages to the signed-in customer go to this device no more. To be called "
            "before he signs out. A device that is not his is left as it is, without an error."
        )

    @classmethod
    def mutate(cls, _root: None, info: Any, token: str) -> "_OfDevice":
        asked: Asked = info.context
        if not asked.customer_id:
            return cls.for_nobody()
        devices.unregister(asked.customer_id, token)
        return cls(errors=[])


class Mutation(graphene.ObjectType):
    push_device_register = PushDeviceRegister.Field()
    push_device_unregister = PushDeviceUnregister.Field()


schema = graphene.Schema(query=Query, mutation=Mutation)
