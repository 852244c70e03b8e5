"""What this room keeps about people; see accounts/holding.py."""

from __future__ import annotations

from typing import Final

from coterie.accounts.holding import Holding, columns

_COPIES: Final = "They are copies of what the other parts of the download hold."

HOLDINGS: Final = (
    Holding("jobs_taskrun", "nobody", columns(none="id name due_at started_at finished_at error")),
    Holding(
        "jobs_job",
        "person",
        columns(
            personal="params result checkpoint error failure title title_details",
            pseudonymous="by ip user key",
            none="id workspace public_id kind title_code state permission private phase unit done total rate attempts "
            "token lease_until heartbeat_at turn_at due_at cancel_at created_at updated_at started_at finished_at",
        ),
        erased="What ended jobs were asked for and what they answered goes where it names the person.",
        not_told="What members asked of the system, such as a bulk change; its outcome is among the values.",
    ),
    Holding(
        "jobs_storedfile",
        "person",
        columns(
            personal="name",
            none="id workspace public_id purpose content_type place size job created_at expires_at removed_at",
        ),
        erased="Goes with its file; only who uploaded or asked for it could have put a person into the name.",
        not_told=_COPIES,
        kept="Always, without the file: a link says what became of it.",
    ),
    Holding(
        "jobs_notification",
        "member",
        columns(
            personal="text",
            pseudonymous="user",
            none="id workspace public_id job state created_at read_at mail mail_tries mail_at",
        ),
    ),
    Holding(
        "jobs_retentionrule",
        "member",
        columns(pseudonymous="by", none="id workspace name days action at"),
    ),
    Holding(
        "files.frozen",
        "person",
        columns(pseudonymous="numbers"),
        erased="Stays for 30 days at most: numbers alone. Jobs pass over numbers of people who are gone.",
    ),
    Holding(
        "files.part",
        "person",
        columns(personal="content"),
        erased="Removed: a job that writes one ends first. One that has not ended well begins anew.",
        not_told=_COPIES,
        kept="Until its job is done, and 30 days at most.",
    ),
    Holding(
        "files.errors",
        "person",
        columns(personal="content"),
        erased="Removed, with those of the person's imports.",
        not_told=_COPIES,
    ),
)
