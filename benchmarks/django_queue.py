"""The rival django-post-office, in a virtual environment of its own; run by benchmarks.rivals.

Queues every message (in groups, by `send_many`, its quickest way), then sends the queue by two
processes of five threads. Prints the seconds that both took, and how many were sent.
"""

import json
import sys
import time
from pathlib import Path


def main() -> None:
    """Read the order, set Django up, queue and send."""
    order = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    import django  # noqa: PLC0415 - its settings come first
    from django.conf import settings  # noqa: PLC0415 - as above

    settings.configure(
        DATABASES={"default": order["database"]},
        INSTALLED_APPS=["django.contrib.contenttypes", "post_office"],
        EMAIL_HOST="127.0.0.1",
        EMAIL_PORT=order["port"],
        POST_OFFICE={"BATCH_SIZE": 1000, "THREADS_PER_PROCESS": 5},
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
    )
    django.setup()
    from django.core.management import call_command  # noqa: PLC0415 - as above

    call_command("migrate", verbosity=0)
    began = time.perf_counter()
    _queue(order)
    _send(order)
    print(json.dumps({"seconds": time.perf_counter() - began, "sent": _sent()}))


def _queue(order: dict) -> None:
    from django.template import Context, Template  # noqa: PLC0415 - as above
    from post_office import mail  # noqa: PLC0415 - as above

    text, html = Template(order["text"]), Template(order["html"])
    group = 500
    for start in range(0, len(order["parties"]), group):
        mail.send_many(
            [
                {
                    "recipients": [address],
                    "sender": "Hana Whitfield <hana@letters.example>",
                    "subject": "Invitation to sign: An Open Letter",
                    "message": text.render(Context({"name": name}, autoescape=False)),
                    "html_message": html.render(Context({"name": name}, autoescape=False)),
                }
                for name, address in order["parties"][start : start + group]
            ]
        )


def _send(order: dict) -> None:
    from post_office.mail import send_queued_mail_until_done  # noqa: PLC0415 - as above

    send_queued_mail_until_done(order["lock"], processes=2)


def _sent() -> int:
    from post_office.models import STATUS, Email  # noqa: PLC0415 - as above

    return Email.objects.filter(status=STATUS.sent).count()


if __name__ == "__main__":
    main()
