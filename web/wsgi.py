"""The WSGI application that gunicorn serves: Django, behind the stored answers of the availability endpoint."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peepopay.settings")
os.environ["PEEPOPAY_PROGRAM"] = "web"  # the settings ask: DATABASE_URL is for web alone
django_application = get_wsgi_application()

# After Django's set-up, which these need.
import holidays.countries.australia  # noqa: E402, F401  0.4 s that the first customer should not wait

from web.api.fast_path import CachedAvailability  # noqa: E402
from web.whole_bodies import WholeBodies  # noqa: E402

application = CachedAvailability(WholeBodies(django_application))
