"""The site as a WSGI application, for gunicorn."""

from django.core.wsgi import get_wsgi_application

from p2plearn.start import GUNICORN_STATUS, explained, reach_database

with explained(GUNICORN_STATUS):
    application = get_wsgi_application()
    reach_database()
