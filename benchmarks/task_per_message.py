"""The rival that most people write: a Celery task a message, which connects and sends it."""

import os
import smtplib
from email.message import EmailMessage
from email.utils import format_datetime, localtime, make_msgid
from pathlib import Path

import redis
from celery import Celery
from jinja2 import Environment

app = Celery("rival", broker=os.environ.get("RIVAL_BROKER", "memory://"))
app.conf.update(task_ignore_result=True, broker_connection_retry_on_startup=True)

#: Counts what was sent.
DONE = "rival:done"
_counter = redis.Redis.from_url(os.environ.get("RIVAL_BROKER", "redis://"))
_templates = Environment(autoescape=False)  # the names are put into both bodies alike
_folder = Path(os.environ.get("RIVAL_TEMPLATES", "."))


def _template(name: str) -> str:
    return (_folder / name).read_text(encoding="utf-8")


@app.task(name="send")
def send(name: str, address: str) -> None:
    """Render, build and send one message."""
    text = _templates.from_string(_template("body.txt")).render(name=name)
    html = _templates.from_string(_template("body.html")).render(name=name)
    message = EmailMessage()
    message["From"] = "Hana Whitfield <hana@letters.example>"
    message["To"] = address
    message["Subject"] = "Invitation to sign: An Open Letter"
    message["Date"] = format_datetime(localtime())
    message["Message-ID"] = make_msgid(domain="letters.example")
    message.set_content(text)
    message.add_alternative(html, subtype="html")
    with smtplib.SMTP("127.0.0.1", int(os.environ["RIVAL_PORT"])) as server:
        server.send_message(message)
    _counter.incr(DONE)
