"""The office and its public site as one WSGI application: the office of ELLWAND_DIR."""

from django.core.wsgi import get_wsgi_application

from ellwand import web
from ellwand.office import setup

web.enable()
setup.office()
application = get_wsgi_application()
