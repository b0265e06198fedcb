"""The site as a WSGI application, for gunicorn."""

import os

from django.core.wsgi import get_wsgi_application

from p2plearn.startup import GUNICORN_STATUS, REPLACES, explained, reach_database

with explained(GUNICORN_STATUS):
    application = get_wsgi_application()
    if REPLACES not in os.environ:
        reach_database()
