"""The protocol data units of the upper layer (PS3.8 9.3, PS3.7 D.3.3) as values: read with bounds, and written."""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

APPLICATION_CONTEXT: Final = "1.2.840.10008.3.1.1.1"
HEAD: Final = struct.Struct(">BxI")
PDV_HEAD: Final = struct.Struct(">IBB")
# What a request or its answer may have: 128 contexts of 50 transfer syntaxes are about 200 KiB.
MAX_ASSOCIATE: Final = 1 << 18
MAX_CONTEXTS: Final = 128
# The least that a peer must take in one PDU: less would drown what is sent in heads.
MIN_PDU: Final = 128
MAX_ITEMS: Final = 512
MAX_SYNTAXES: Final = 128
MAX_UID: Final = 64

_ITEM: Final = struct.Struct(">BxH")
_FIXED: Final = struct.Struct(">H2x16s16s32x")
_IDENTITY: Final = struct.Struct(">BBH")
_VERSION: Final = 1


class Type(IntEnum):
    """The kinds of PDU (PS3.8 9.3.1)."""

    ASSOCIATE_RQ = 1
    ASSOCIATE_AC = 2
    ASSOCIATE_RJ = 3
    DATA = 4
    RELEASE_RQ = 5
    RELEASE_RP = 6
    ABORT = 7


class Item(IntEnum):
    """The kinds of item and sub-item in an association's request and answer."""

    APPLICATION_CONTEXT = 0x10
    PROPOSED_CONTEXT = 0x20
    ACCEPTED_CONTEXT = 0x21
    ABSTRACT_SYNTAX = 0x30
    TRANSFER_SYNTAX = 0x40
    USER_INFORMATION = 0x50
    MAXIMUM_LENGTH = 0x51
    IMPLEMENTATION_CLASS = 0x52
    ASYNCHRONOUS_OPERATIONS = 0x53
    ROLE_SELECTION = 0x54
    IMPLEMENTATION_VERSION = 0x55
    EXTENDED_NEGOTIATION = 0x56
    COMMON_EXTENDED_NEGOTIATION = 0x57
    USER_IDENTITY = 0x58
    USER_IDENTITY_ANSWER = 0x59


class Result(IntEnum):
    """What became of a proposed presentation context (PS3.8 9.3.3.2)."""

    ACCEPTANCE = 0
    USER_REJECTION = 1
    NO_REASON = 2
    ABSTRACT_SYNTAX_NOT_SUPPORTED = 3
    TRANSFER_SYNTAXES_NOT_SUPPORTED = 4


class Rejection(IntEnum):
    """Why an association is refused: result, source and reason of PS3.8 9.3.4, a byte each."""

    NO_REASON = 0x010101
    APPLICATION_CONTEXT_NOT_SUPPORTED = 0x010102
    CALLING_AE_TITLE_NOT_RECOGNISED = 0x010103
    CALLED_AE_TITLE_NOT_RECOGNISED = 0x010107
    PROTOCOL_VERSION_NOT_SUPPORTED = 0x010202
    TEMPORARY_CONGESTION = 0x020301
    LOCAL_LIMIT_EXCEEDED = 0x020302
    OTHER = 0

    @classmethod
    def _missing_(cls, value: object) -> "Rejection":
        return cls.OTHER

    @property
    def text(self) -> str:
        return self.name.lower().replace("_", " ").replace("ae title", "AE title")


class Malformed(ValueError):
    """The bytes are not a PDU as PS3.8 has them."""


@dataclass(frozen=True, slots=True)
class ProposedContext:
    """A presentation context as the requestor proposes it: an odd id, a SOP class, and transfer syntaxes."""

    id: int
    abstract_syntax: str
    transfer_syntaxes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AnsweredContext:
    """What the acceptor says of a proposed context."""

    id: int
    result: int
    transfer_syntax: str


@dataclass(frozen=True, slots=True)
class Role:
    """Which roles the requestor proposes for itself, or is allowed (PS3.7 D.3.3.4)."""

    sop_class: str
    scu: bool
    scp: bool


@dataclass(frozen=True, slots=True)
class UserIdentity:
    """Who the requestor is (PS3.7 D.3.3.7): kind 1 name, 2 name and passcode, 3 Kerberos, 4 SAML, 5 JSON web token."""

    kind: int
    primary: bytes
    secondary: bytes = field(default=b"", repr=False)
    wants_answer: bool = False


@dataclass(frozen=True, slots=True)
class UserInformation:
    """The user information item of both the request and its answer; `max_length` 0 is no limit."""

    max_length: int = 16384
    implementation_class_uid: str = ""
    implementation_version_name: str = ""
    roles: tuple[Role, ...] = ()
    extended: dict[str, bytes] = field(default_factory=dict)
    identity: UserIdentity | None = None
    identity_answer: bytes | None = None

    @property
    def takes_enough(self) -> bool:
        """Whether the PDUs that this side takes are long enough to be worth sending."""
        return self.max_length == 0 or self.max_length >= MIN_PDU


@dataclass(frozen=True, slots=True)
class AssociateRequest:
    """A-ASSOCIATE-RQ (PS3.8 9.3.2)."""

    called: str
    calling: str
    contexts: tuple[ProposedContext, ...]
    user: UserInformation = field(default_factory=UserInformation)
    application_context: str = APPLICATION_CONTEXT
    version: int = _VERSION

    @classmethod
    def parse(cls, body: bytes) -> "AssociateRequest":
        """From what follows the PDU's head. Raises Malformed."""
        version, called, calling, items = _fixed(body)
        contexts = tuple(_proposed(value) for kind, value in items if kind == Item.PROPOSED_CONTEXT)
        ids = {context.id for context in contexts}
        if len(ids) < len(contexts) or not all(each & 1 for each in ids):
            raise Malformed("Presentation contexts have odd numbers, each its own.")
        return cls(called, calling, contexts, _user(items), _application(items), version)

    def encode(self) -> bytes:
        contexts = [
            _item(
                Item.PROPOSED_CONTEXT,
                bytes((context.id, 0, 0, 0)),
                _uid_item(Item.ABSTRACT_SYNTAX, context.abstract_syntax),
                *(_uid_item(Item.TRANSFER_SYNTAX, uid) for uid in context.transfer_syntaxes),
            )
            for context in self.contexts
        ]
        return _associate(Type.ASSOCIATE_RQ, self.called, self.calling, contexts, self.user)


@dataclass(frozen=True, slots=True)
class AssociateAccept:
    """A-ASSOCIATE-AC (PS3.8 9.3.3)."""

    called: str
    calling: str
    contexts: tuple[AnsweredContext, ...]
    user: UserInformation = field(default_factory=UserInformation)

    @classmethod
    def parse(cls, body: bytes) -> "AssociateAccept":
        """From what follows the PDU's head. Raises Malformed."""
        _, called, calling, items = _fixed(body)
        contexts = tuple(_answered(value) for kind, value in items if kind == Item.ACCEPTED_CONTEXT)
        return cls(called, calling, contexts, _user(items))

    def encode(self) -> bytes:
        contexts = [
            _item(
                Item.ACCEPTED_CONTEXT,
                bytes((context.id, 0, context.result, 0)),
                _uid_item(Item.TRANSFER_SYNTAX, context.transfer_syntax),
            )
            for context in self.contexts
        ]
        return _associate(Type.ASSOCIATE_AC, self.called, self.calling, contexts, self.user)


def rejection(reason: Rejection) -> bytes:
    """A-ASSOCIATE-RJ (PS3.8 9.3.4)."""
    return HEAD.pack(Type.ASSOCIATE_RJ, 4) + int(reason).to_bytes(4, "big")


def abort(reason: int, *, by_provider: bool = True) -> bytes:
    """A-ABORT (PS3.8 9.3.8); a service user gives no reason."""
    return HEAD.pack(Type.ABORT, 4) + bytes((0, 0, 2, reason) if by_provider else (0, 0, 0, 0))


RELEASE_RQ: Final = HEAD.pack(Type.RELEASE_RQ, 4) + bytes(4)
RELEASE_RP: Final = HEAD.pack(Type.RELEASE_RP, 4) + bytes(4)


def _fixed(body: bytes) -> tuple[int, str, str, list[tuple[int, bytes]]]:
    if len(body) < _FIXED.size:
        raise Malformed("The association's request ends too early.")
    version, called, calling = _FIXED.unpack_from(body)
    return version, _title(called), _title(calling), list(_items(body[_FIXED.size :]))


def _title(value: bytes) -> str:
    """An AE title; leading and trailing spaces don't count (PS3.8 9.3.2)."""
    return value.decode("ascii", "replace").strip(" \0")


def _items(data: bytes) -> Iterator[tuple[int, bytes]]:
    offset = count = 0
    while offset < len(data):
        count += 1
        if count > MAX_ITEMS or offset + _ITEM.size > len(data):
            raise Malformed("The items of the association's request don't end where it ends.")
        kind, length = _ITEM.unpack_from(data, offset)
        offset += _ITEM.size
        if offset + length > len(data):
            raise Malformed("An item of the association's request is longer than what holds it.")
        yield kind, data[offset : offset + length]
        offset += length


def _uid(value: bytes) -> str:
    uid = value.rstrip(b"\0 ")
    if len(uid) > MAX_UID or not uid.isascii():
        raise Malformed("A UID has more than 64 characters, or others than ASCII's.")
    return uid.decode("ascii")


def _proposed(value: bytes) -> ProposedContext:
    parts = list(_items(value[4:]))
    abstract = [_uid(part) for kind, part in parts if kind == Item.ABSTRACT_SYNTAX]
    syntaxes = tuple(_uid(part) for kind, part in parts if kind == Item.TRANSFER_SYNTAX)
    if len(value) < len(b"idxx") or len(abstract) != 1 or len(syntaxes) > MAX_SYNTAXES:
        raise Malformed("A presentation context doesn't have one abstract syntax and its transfer syntaxes.")
    return ProposedContext(value[0], abstract[0], syntaxes)


def _answered(value: bytes) -> AnsweredContext:
    if len(value) < len(b"idrx"):
        raise Malformed("A presentation context's answer ends too early.")
    syntaxes = [_uid(part) for kind, part in _items(value[4:]) if kind == Item.TRANSFER_SYNTAX]
    return AnsweredContext(value[0], value[2], next(iter(syntaxes), ""))


def _application(items: Iterable[tuple[int, bytes]]) -> str:
    return next((_uid(value) for kind, value in items if kind == Item.APPLICATION_CONTEXT), "")


def _user(items: Iterable[tuple[int, bytes]]) -> UserInformation:
    inside = [part for kind, value in items if kind == Item.USER_INFORMATION for part in _items(value)]
    by_kind = dict(inside)
    length = by_kind.get(Item.MAXIMUM_LENGTH, b"")
    answer = by_kind.get(Item.USER_IDENTITY_ANSWER)
    identity = by_kind.get(Item.USER_IDENTITY)
    return UserInformation(
        max_length=int.from_bytes(length[:4], "big"),
        implementation_class_uid=_uid(by_kind.get(Item.IMPLEMENTATION_CLASS, b"")),
        implementation_version_name=_title(by_kind.get(Item.IMPLEMENTATION_VERSION, b"")),
        roles=tuple(_role(value) for kind, value in inside if kind == Item.ROLE_SELECTION),
        extended=dict(_extended(value) for kind, value in inside if kind == Item.EXTENDED_NEGOTIATION),
        identity=None if identity is None else _identity(identity),
        identity_answer=None if answer is None else answer[2:],
    )


def _counted(value: bytes) -> tuple[str, bytes]:
    """A UID after its length, and what follows it."""
    length = int.from_bytes(value[:2], "big")
    if len(value) < 2 + length:
        raise Malformed("A sub-item's UID is longer than the sub-item.")
    return _uid(value[2 : 2 + length]), value[2 + length :]


def _role(value: bytes) -> Role:
    uid, rest = _counted(value)
    if len(rest) < len(b"up"):
        raise Malformed("A role selection ends too early.")
    return Role(uid, bool(rest[0]), bool(rest[1]))


def _extended(value: bytes) -> tuple[str, bytes]:
    return _counted(value)


def _identity(value: bytes) -> UserIdentity:
    if len(value) < _IDENTITY.size:
        raise Malformed("The user identity ends too early.")
    kind, wants_answer, length = _IDENTITY.unpack_from(value)
    primary, rest = value[_IDENTITY.size : _IDENTITY.size + length], value[_IDENTITY.size + length :]
    second = int.from_bytes(rest[:2], "big")
    if len(primary) < length or len(rest) < 2 + second:
        raise Malformed("The user identity ends too early.")
    return UserIdentity(kind, primary, rest[2 : 2 + second], bool(wants_answer))


def _associate(kind: Type, called: str, calling: str, contexts: Iterable[bytes], user: UserInformation) -> bytes:
    body = b"".join(
        (
            _FIXED.pack(_VERSION, _padded_title(called), _padded_title(calling)),
            _uid_item(Item.APPLICATION_CONTEXT, APPLICATION_CONTEXT),
            *contexts,
            _item(Item.USER_INFORMATION, *_user_items(user)),
        )
    )
    return HEAD.pack(kind, len(body)) + body


def _padded_title(title: str) -> bytes:
    return title.encode("ascii", "replace")[:16].ljust(16)


def _item(kind: Item, *values: bytes) -> bytes:
    value = b"".join(values)
    return _ITEM.pack(kind, len(value)) + value


def _uid_item(kind: Item, uid: str) -> bytes:
    return _item(kind, uid.encode("ascii"))


def _user_items(user: UserInformation) -> Iterator[bytes]:
    """The sub-items in the order of their types, which some old peers need."""
    yield _item(Item.MAXIMUM_LENGTH, user.max_length.to_bytes(4, "big"))
    yield _uid_item(Item.IMPLEMENTATION_CLASS, user.implementation_class_uid)
    for role in user.roles:
        yield _item(Item.ROLE_SELECTION, _with_length(role.sop_class), bytes((role.scu, role.scp)))
    yield _item(Item.IMPLEMENTATION_VERSION, user.implementation_version_name.encode("ascii", "replace"))
    for uid, information in user.extended.items():
        yield _item(Item.EXTENDED_NEGOTIATION, _with_length(uid), information)
    if user.identity is not None:
        one = user.identity
        head = _IDENTITY.pack(one.kind, one.wants_answer, len(one.primary))
        yield _item(Item.USER_IDENTITY, head, one.primary, len(one.secondary).to_bytes(2, "big"), one.secondary)
    if user.identity_answer is not None:
        answer = user.identity_answer
        yield _item(Item.USER_IDENTITY_ANSWER, len(answer).to_bytes(2, "big"), answer)


def _with_length(uid: str) -> bytes:
    return len(uid).to_bytes(2, "big") + uid.encode("ascii")
