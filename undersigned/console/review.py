"""Review: the replies that wait for a person, one by one."""

import nh3
from starlette.responses import HTMLResponse, Response

from undersigned.console import files, words
from undersigned.console.marking import marked
from undersigned.console.numbers import number
from undersigned.console.visit import Visit
from undersigned.domain.decision import Act
from undersigned.domain.listing import Kind, Listing
from undersigned.errors import Refused
from undersigned.flows import ask as asking
from undersigned.flows import desk
from undersigned.flows import replies as flow
from undersigned.flows import review as ruling
from undersigned.flows.reopen import GRACE, reopen

#: What a coordinator may decide, its key, and what the button says.
RULINGS = (
    ("sign", "s", "Sign"),
    ("amend", "a", "Change the listing"),
    ("decline", "d", "Decline"),
    ("withdraw", "w", "Take off the list"),
    ("note", "n", "Nothing to decide"),
)
#: Nothing in a mail is fetched, run, or leads away from the frame.
FRAME_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
_TAGS = nh3.ALLOWED_TAGS - {"a", "img", "map", "area"}


def queue(visit: Visit) -> Response:
    """Show what waits."""
    name = visit.path["name"]
    after = number(visit.query.get("after") or "0")
    page, count = desk.waiting(visit.service, name, after=after)
    return visit.show("review", name=name, page=page, count=count, reason=words.reason)


def one(visit: Visit) -> Response:
    """Show one review."""
    name, case = visit.path["name"], _case(visit)
    return visit.show(
        "review-one",
        name=name,
        case=case,
        pieces=marked(case.own_words, [find for _, find in case.finds]),
        why=words.reason(case.reason),
        sender=words.SENDERS.get(case.relation, ""),
        proof=words.PROOFS.get(case.proof, ""),
        rulings=RULINGS,
        kinds=list(Kind),
        undo=number(visit.query.get("undo") or "0"),
        grace=int(GRACE.total_seconds()),
    )


def rule(visit: Visit) -> Response:
    """Decide; on to the next, from where the ruling can be taken back for a moment."""
    name, case = visit.path["name"], _case(visit)
    act = visit.text("act")
    if act not in {one for one, _, _ in RULINGS} | {"dismiss", "add"}:
        raise Refused("Choose what to decide.")
    decided = ruling.Ruling(
        act=None if act == "dismiss" else Act.SIGN if act == "add" else Act(act),
        reason=visit.text("reason") or "decided in the console",
        by=visit.by,
        listings=_listings(visit, name) if act in {"sign", "amend", "add"} else (),
        grace=GRACE,
    )
    if act == "add":
        ruling.add_party(visit.service, case.id, decided, campaign=name)
    else:
        ruling.rule_on_review(
            visit.service, case.id, decided, party=visit.text("party"), campaign=name
        )
    onward = f"/{case.after or case.before}" if case.after or case.before else ""
    return visit.go(f"/campaigns/{name}/review{onward}?undo={case.id}", f"Review {case.id}: {act}.")


def take_back(visit: Visit) -> Response:
    """Take a ruling back."""
    name, here = visit.path["name"], _number(visit)
    reopen(visit.service, here, by=visit.by)
    return visit.go(f"/campaigns/{name}/review/{here}", "Taken back: it waits for you again.")


def draft(visit: Visit) -> Response:
    """Show the question as the signer would read it; nothing is sent."""
    name, here, note = visit.path["name"], _number(visit), visit.query.get("note", "").strip()
    asked, found = asking.draft(visit.service, here, note=note)
    return visit.show("ask", name=name, number=here, asked=asked, found=found, question=note)


def ask(visit: Visit) -> Response:
    """Ask the signer what is meant."""
    name, here = visit.path["name"], _number(visit)
    asked = asking.ask(visit.service, here, note=visit.text("note"), by=visit.by)
    return visit.go(f"/campaigns/{name}/review/{here}", f"A question to {asked} is in the outbox.")


def file(visit: Visit) -> Response:
    """Give a file that came with a reply, to keep: a browser never shows it here."""
    found = desk.file(visit.service, _number(visit), visit.path["file"])
    return files.enclosure(found.content, found.safe_name)


def frame(visit: Visit) -> Response:
    """Show a reply's HTML, harmless: no script, no form, no link, no picture from anywhere."""
    raw = desk.html(visit.service, _number(visit))
    body = nh3.clean(raw, tags=_TAGS, attributes={"*": {"dir", "lang"}}, link_rel=None)
    answer = HTMLResponse(f'<!doctype html><meta charset="utf-8"><title>Message</title>{body}', 200)
    answer.headers["content-security-policy"] = FRAME_POLICY
    return answer


def _case(visit: Visit) -> desk.Case:
    return desk.case(visit.service, visit.path["name"], _number(visit))


def _number(visit: Visit) -> int:
    found: int = visit.path["number"]
    return found


def _listings(visit: Visit, name: str) -> tuple[Listing, ...]:
    """Give the listings of the form; an empty name is left out."""
    lines = []
    for place in range(4):
        fields = [visit.text(f"{field}-{place}") for field in ("kind", "name", "title", "country")]
        if fields[1]:
            if any("|" in field for field in fields):
                raise Refused("A name holds no upright bar: |")
            lines.append("|".join(fields))
    return flow.listings(visit.service, name, lines)
