"""The WSGI application as servers load it: everything that is made on first use has been made."""

import web.wsgi  # sets Django up, which what follows needs
from peepopay import garbage, metrics, pool_figures
from web.api import stored_figures
from web.warm_up import warm_up

application = web.wsgi.application
warm_up(application)
garbage.settle()
metrics.each_second(pool_figures.note, stored_figures.add_up)
metrics.serve(shared=True)
