"""MongoDB as one of the site's databases: django-mongodb-backend, with real transactions.

The code for MongoDB is in this package. docs/databases.md says what differs from other databases.
"""
