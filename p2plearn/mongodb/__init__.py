"""MongoDB as one of the site's databases: django-mongodb-backend, with real transactions.

All that MongoDB needs stands here, and nothing else of the site knows of it. docs/databases.md
tells what differs.
"""
