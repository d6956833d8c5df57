"""Mail to subscribers: by the server of the settings, or into files where the settings send messages there."""

from ellwand.office import setup
from ellwand.office.alerts import subscribing
from ellwand.office.alerts.composing import address, market
from ellwand.office.alerts.models import Subscriber
from ellwand.office.collection import senders

CONFIRM = (
    (
        "请确认：{market}通知",
        "有人用这个地址订阅了{market}的通知。如果是您，请在两天内打开下面的链接确认；不是您就不必理会，我们不会再写信来。\n\n{link}",
    ),
    (
        "Please confirm: alerts of {market}",
        "Somebody asked that alerts of {market} be sent to this address. If it was you, open this link within two "
        "days; if not, do nothing, and we won't write again.\n\n{link}",
    ),
)
FOOT = (
    "更改或退订：{link}",
    "Change or stop these messages: {link}",
)


def ask_to_confirm(one: Subscriber) -> None:
    """Send the link that shows that the address is one's own. SendingError where it does not go out."""
    k = 0 if one.language == "zh" else 1
    subject, text = CONFIRM[k]
    link = address(f"me/confirm/{subscribing.confirm_token(one)}/", k)
    send(one.address, subject.format(market=market(k)), text.format(market=market(k), link=link), {})


def tell(one: Subscriber, subject: str, text: str) -> None:
    """Send a message, with the way to stop it in text and headers. SendingError where it does not go out."""
    k = 0 if one.language == "zh" else 1
    token = subscribing.own_token(one)
    foot = FOOT[k].format(link=address(f"me/{token}/", k))
    # Source: RFC 8058. A mail program stops the messages by one POST, without a page.
    headers = {
        "List-Unsubscribe": f"<{address(f'me/{token}/stop/', k)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Auto-Submitted": "auto-generated",
    }
    send(one.address, subject, f"{text}\n\n--\n{foot}", headers)


def send(to: str, subject: str, text: str, headers: dict[str, str]) -> None:
    """Send an e-mail, or write it where the office writes its messages."""
    home = setup.current()
    if "email" in home.senders:
        senders.Email(home).deliver(to, subject, text, headers)
    else:
        senders.File(home).send(to, subject, "\n".join([*(f"{k}: {v}" for k, v in headers.items()), "", text]))
