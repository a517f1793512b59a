"""Everything about running: the servers underneath, the processes, the tests' surroundings.

It stands at the bottom of the app order, beside everything: it imports no Django and no other part of Mainstay,
because it prepares the environment that `msp.settings` reads. `./mainstay` hands over to it once the virtual
environment exists.
"""
