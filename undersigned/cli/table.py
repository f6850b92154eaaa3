"""The commands, in the order of a campaign: where each stands and what it does, in a line."""

from collections.abc import Mapping

#: From a command's name to the module that registers it, and its line in `undersigned --help`.
#: The line stands here so that the help does not import what the commands need.
COMMANDS: Mapping[str, tuple[str, str]] = {
    "new": ("campaign", "Write a commented folder for a new campaign."),
    "check": ("campaign", "Report every fault in a campaign's folder, with its remedy."),
    "apply": ("campaign", "Show what changed in the folder, ask, and take it over."),
    "open": ("campaign", "Let a campaign write to people from now on."),
    "preflight": ("preflight", "Say what stands in the way of an answer, before inviting."),
    "plan": ("plan", "Say when the invitations will be done, and what the letter has left."),
    "invite": ("campaign", "Invite every party that was not invited yet."),
    "remind": ("campaign", "Remind those who have not answered, now."),
    "pause": ("campaign", "Stop every send of a campaign at once."),
    "resume": ("campaign", "Let a paused campaign send again."),
    "status": ("status", "Show where a campaign stands, what is due, what is wrong."),
    "prospects": ("prospects", "The parties of a campaign."),
    "replies": ("replies", "What came in."),
    "review": ("review", "What waits for a person."),
    "decide": ("replies", "Record a word that was given by telephone or on paper."),
    "explain": ("explain", "Tell what was read in a reply, and why."),
    "mails": ("mails", "The mails that parties get: show, send a copy to oneself."),
    "outbox": ("outbox", "What left, and what waits to leave."),
    "signatories": ("signatories", "The list as it will be printed."),
    "letter": ("letter", "The letter as it stands, and as it will leave."),
    "missions": ("missions", "Whom the letter is addressed to."),
    "dispatch": ("dispatch", "The letter's way to the missions."),
    "publish": ("letter", "Write the letter's page for the web."),
    "account": ("account", "The mail accounts: add, list, test, remove."),
    "up": ("engine", "Run everything in one process; no broker is needed."),
    "console": ("console", "The pages in the browser."),
    "worker": ("engine", "Run a Celery worker on the broker of the settings."),
    "beat": ("engine", "Run Celery's beat, whose ticks wake the tasks."),
    "listen": ("engine", "Hold a connection to a mailbox, to read within seconds."),
    "health": ("engine", "Say whether a process on this machine does its work."),
    "backup": ("upkeep", "Write the whole database into one file."),
    "restore": ("upkeep", "Put a backup in the place of the database."),
    "adopt": ("upkeep", "Let this database go on in place of any other."),
    "rehearse": ("rehearse", "Play a whole campaign on this machine, with invented answers."),
    "demo": ("rehearse", "Rehearse the example campaign: one letter, all the way."),
    "post-office": ("post_office", "Run a post office that delivers nowhere, to try on."),
}
