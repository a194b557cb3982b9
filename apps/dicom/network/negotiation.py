"""Which of the proposed presentation contexts are accepted, in which transfer syntax and roles (PS3.8 7.1.1.13)."""

from collections.abc import Callable
from dataclasses import dataclass
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
    chosen = _chosen(proposed.transfer_syntaxes, offer, is_sent=role.scp and not role.scu)
    if chosen is None:
        return AnsweredContext(proposed.id, Result.TRANSFER_SYNTAXES_NOT_SUPPORTED, first)
    return AnsweredContext(proposed.id, Result.ACCEPTANCE, chosen)


def _chosen(proposed: tuple[str, ...], offer: Offer, *, is_sent: bool) -> str | None:
    if is_sent and (native := _UNCOMPRESSED & {*proposed} & {*offer.transfer_syntaxes}):
        return EXPLICIT_VR_LITTLE_ENDIAN if EXPLICIT_VR_LITTLE_ENDIAN in native else IMPLICIT_VR_LITTLE_ENDIAN
    if not offer.in_their_order:
        return next((uid for uid in offer.transfer_syntaxes if uid in proposed), None)
    chosen = next((uid for uid in proposed if uid in offer.transfer_syntaxes), None)
    if chosen == IMPLICIT_VR_LITTLE_ENDIAN and EXPLICIT_VR_LITTLE_ENDIAN in proposed:
        return EXPLICIT_VR_LITTLE_ENDIAN
    return chosen


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
