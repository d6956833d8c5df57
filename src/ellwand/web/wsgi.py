"""The office and its public site as one WSGI application: the office of ELLWAND_DIR."""

from django.core.wsgi import get_wsgi_application

from ellwand import web
from ellwand.office import setup

web.enable()
setup.office()

from ellwand.web.front import Front  # noqa: E402 - the record's classes can be imported only now

application = Front(get_wsgi_application())
