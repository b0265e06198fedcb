"""Configs of third-party apps with automatic keys, which are ObjectIds on MongoDB.

`DEFAULT_AUTO_FIELD` has no effect on these apps, since they set their own.
"""

from allauth.account.apps import AccountConfig
from allauth.mfa.apps import MFAConfig
from allauth.socialaccount.apps import SocialAccountConfig
from allauth.usersessions.apps import UserSessionsConfig
from django.contrib.admin.apps import AdminConfig
from django.contrib.auth.apps import AuthConfig
from django.contrib.contenttypes.apps import ContentTypesConfig

from p2plearn.mongodb.site import AUTO_FIELD


class MongoAdminConfig(AdminConfig):
    default_auto_field = AUTO_FIELD


class MongoAuthConfig(AuthConfig):
    default_auto_field = AUTO_FIELD


class MongoContentTypesConfig(ContentTypesConfig):
    default_auto_field = AUTO_FIELD


class MongoAccountConfig(AccountConfig):
    default_auto_field = AUTO_FIELD


class MongoSocialAccountConfig(SocialAccountConfig):
    default_auto_field = AUTO_FIELD


class MongoMFAConfig(MFAConfig):
    default_auto_field = AUTO_FIELD


class MongoUserSessionsConfig(UserSessionsConfig):
    default_auto_field = AUTO_FIELD
