"""Which of the proposed presentation contexts are accepted, in which transfer syntax and roles (PS3.8 7.1.1.13)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from apps.dicom.network.association import Context
from apps.dicom.network.pdu import AnsweredContext, AssociateAccept, AssociateRequest, ProposedContext, Result, Role

IMPLICIT_VR_LITTLE_ENDIAN: Final = "1.2.840.10008.1.2"
EXPLICIT_VR_LITTLE_ENDIAN: Final = "1.2.840.10008.1.2.1"
_UNCOMPRESSED: Final = frozenset({EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN})


@dataclass(frozen=True, slots=True)
class Offer:
    """What an acceptor does with one SOP class.

    `transfer_syntaxes` are those it takes, the preferred ones first; `in_their_order` says that the requestor's order
    goes before, save that Explicit VR is taken before Implicit. `as_scu` and `as_scp` are the roles that it can have.
    Where it has the role of the SCU alone, as it sends the objects that a C-GET asks for (PS3.4 C.4.3.3), what is
    uncompressed goes before all else: every object can be had in that, save videos.
    """

    transfer_syntaxes: tuple[str, ...]
    in_their_order: bool = False
    as_scp: bool = True
    as_scu: bool = False
    _ranks: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        ranks = {uid: rank for rank, uid in enumerate(self.transfer_syntaxes)}
        object.__setattr__(self, "_ranks", ranks)

    def chosen(self, proposed: tuple[str, ...], *, is_sent: bool = False) -> str | None:
        """The transfer syntax that is taken of those proposed, None for none; `is_sent`: by this side alone."""
        known = [uid for uid in proposed if uid in self._ranks]
        if not known:
            return None
        is_plain = self.in_their_order and known[0] == IMPLICIT_VR_LITTLE_ENDIAN
        if (is_sent or is_plain) and (native := _UNCOMPRESSED.intersection(known)):
            return max(native, key=lambda uid: uid == EXPLICIT_VR_LITTLE_ENDIAN)
        return known[0] if self.in_their_order else min(known, key=lambda uid: self._ranks[uid])


Offers = Callable[[str], Offer | None]


@dataclass(frozen=True, slots=True)
class Agreement:
    """What is answered, and the contexts that came of it."""

    answers: tuple[AnsweredContext, ...]
    contexts: dict[int, Context]
    roles: tuple[Role, ...]


def agree(request: AssociateRequest, offers: Offers) -> Agreement:
    """Answer each proposed context; `offers` gives what is done with an abstract syntax, None for nothing."""
    proposed_roles = {role.sop_class: role for role in request.user.roles}
    answers, contexts = [], {}
    roles: dict[str, Role] = {}
    for proposed in request.contexts:
        offer = offers(proposed.abstract_syntax)
        role = _role(proposed_roles.get(proposed.abstract_syntax), offer)
        answer = _answer(proposed, offer, role)
        answers.append(answer)
        if answer.result == Result.ACCEPTANCE:
            contexts[proposed.id] = Context(
                proposed.id, proposed.abstract_syntax, answer.transfer_syntax, as_scu=role.scp, as_scp=role.scu
            )
            if proposed.abstract_syntax in proposed_roles:
                roles[proposed.abstract_syntax] = role
    return Agreement(tuple(answers), contexts, tuple(roles.values()))


def _role(proposed: Role | None, offer: Offer | None) -> Role:
    """The requestor's roles: what it proposes and the acceptor has the other side of; SCU where it says nothing."""
    uid = proposed.sop_class if proposed else ""
    wanted = proposed or Role(uid, scu=True, scp=False)
    if offer is None:
        return Role(uid, scu=False, scp=False)
    return Role(uid, scu=wanted.scu and offer.as_scp, scp=wanted.scp and offer.as_scu)


def _answer(proposed: ProposedContext, offer: Offer | None, role: Role) -> AnsweredContext:
    first = next(iter(proposed.transfer_syntaxes), IMPLICIT_VR_LITTLE_ENDIAN)
    if offer is None:
        return AnsweredContext(proposed.id, Result.ABSTRACT_SYNTAX_NOT_SUPPORTED, first)
    if not (role.scu or role.scp):
        return AnsweredContext(proposed.id, Result.USER_REJECTION, first)
    chosen = offer.chosen(proposed.transfer_syntaxes, is_sent=role.scp and not role.scu)
    if chosen is None:
        return AnsweredContext(proposed.id, Result.TRANSFER_SYNTAXES_NOT_SUPPORTED, first)
    return AnsweredContext(proposed.id, Result.ACCEPTANCE, chosen)


def agreed(request: AssociateRequest, accept: AssociateAccept) -> dict[int, Context]:
    """The contexts that an acceptor has taken of those proposed to it, as their requestor sees them."""
    roles = {role.sop_class: role for role in accept.user.roles}
    proposed = {context.id: context for context in request.contexts}
    contexts = {}
    for answer in accept.contexts:
        context = proposed.get(answer.id)
        if context is None or answer.result != Result.ACCEPTANCE:
            continue
        if answer.transfer_syntax not in context.transfer_syntaxes:
            continue
        role = roles.get(context.abstract_syntax, Role(context.abstract_syntax, scu=True, scp=False))
        contexts[answer.id] = Context(
            answer.id, context.abstract_syntax, answer.transfer_syntax, as_scu=role.scu, as_scp=role.scp
        )
    return contexts
