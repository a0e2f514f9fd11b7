"""Having amoCRM say that something has changed. It signs nothing: the address is the secret."""

from .client import Client

#: Of deals and contacts.
_EVENTS = (
    *("update_lead", "status_lead", "responsible_lead", "note_lead"),
    *("update_contact", "responsible_contact"),
)


def subscribe(client: Client) -> str:
    """Name our address to the account, once; what it says against that."""
    settings = client.settings
    destination = f"{settings.webhook_url}/{settings.webhook_secret}"
    said = client.post("webhooks", {"destination": destination, "settings": list(_EVENTS)})
    return said.problem
