"""Microsoft Graph and the Entra sign-in service of the local cloud."""
