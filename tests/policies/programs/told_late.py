"""A stack of which a preview cannot know what is wrong: the stack's configuration chooses what that is."""

import pulumi
import pulumi_azuread as azuread
from sound_connections import GROUP, SUBSCRIPTION, Sound, role

wrong = pulumi.Config().require("wrong")
ada = azuread.get_user_output(user_principal_name="ada@contoso.example").object_id
made = Sound(f"late-{wrong}", trusted=wrong != "subject", application={"owners": [ada]})
if wrong == "scope":
    # Told only by a resource that is not there yet.
    role(
        "payments",
        made.principal.object_id,
        made.application.client_id.apply(lambda _: f"/subscriptions/{SUBSCRIPTION}"),
        "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
    )
else:
    role("payments", made.principal.object_id, GROUP)
if wrong == "subject":
    made.trust("payments", subject=made.connection.id.apply(lambda known: f"sc://contoso/Payments/{known}"))
