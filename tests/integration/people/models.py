from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models


class People(BaseUserManager):
    def create_user(self, email: str, **more):
        person = self.model(email=email, **more)
        person.set_password("a password of theirs")
        person.save()
        return person

    create_superuser = create_user


class Person(AbstractBaseUser, PermissionsMixin):
    email = models.EmailField(unique=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=True)
    objects = People()
    USERNAME_FIELD = EMAIL_FIELD = "email"


class Visitor(AbstractBaseUser):
    """Without permissions, as small projects have it."""

    email = models.EmailField(unique=True)
    objects = People()
    USERNAME_FIELD = EMAIL_FIELD = "email"
