"""Where App Service takes deployments: the publishing sites of the estate's web apps."""
