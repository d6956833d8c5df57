"""The office as a WSGI application: the office of ELLWAND_DIR."""

from django.core.wsgi import get_wsgi_application

from ellwand.office import setup

setup.office()
application = get_wsgi_application()
