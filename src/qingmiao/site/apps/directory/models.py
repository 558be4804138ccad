"""Where and who: areas with dated changes, organisations, people, roles with their scope, sessions."""

from __future__ import annotations

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.db.models import Q

from qingmiao.site.apps.directory.roles import ADMINISTRATORS


class Area(models.Model):
    """One administrative area; its names and parents over time are `AreaVersion`s."""

    code = models.CharField(primary_key=True, max_length=12)
    """The code as the content packs and the facts write it (county 6, township 9 digits)."""
    full_code = models.CharField(max_length=12, unique=True)
    """The 12-digit statistical code (统计用区划代码), padded with zeros."""
    level = models.CharField(max_length=10)
    is_site = models.BooleanField(default=False)
    """The area that this site serves: the pack's own."""


class AreaVersion(models.Model):
    """What an area was called and belonged to, from `from_date` until `to_date` (exclusive, empty = until now)."""

    area = models.ForeignKey(Area, models.PROTECT, related_name="versions")
    name = models.CharField(max_length=60)
    parent = models.ForeignKey(Area, models.PROTECT, null=True, related_name="children_versions")
    kind = models.CharField(max_length=20, blank=True)
    from_date = models.DateField()
    to_date = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["area"], condition=Q(to_date=None), name="area_one_present_version"),
            models.UniqueConstraint(fields=["area", "from_date"], name="area_version_from"),
            models.CheckConstraint(
                condition=Q(to_date=None) | Q(to_date__gt=models.F("from_date")), name="area_version_dates"
            ),
        ]


class Organisation(models.Model):
    """One unit; the subtree below a unit is what its people may supervise."""

    id = models.CharField(primary_key=True, max_length=120)
    label = models.CharField(max_length=120)
    label_en = models.CharField(max_length=160, blank=True)
    short = models.CharField(max_length=40, blank=True)
    kind = models.CharField(max_length=20)
    area = models.ForeignKey(Area, models.PROTECT)
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    path = models.CharField(max_length=500, db_index=True)
    """"/government/health/cdc/": ids from the root, so that a subtree is one prefix."""
    is_active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.label


class Post(models.Model):
    """A post in a unit (联络员, 分管领导, 儿童督导员 …)."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="posts")
    title = models.CharField(max_length=60)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "title"], name="post_once")]


class Person(AbstractBaseUser):
    """Somebody who can log in. Nobody is deleted: a person who left is disabled."""

    username = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=40)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="people")
    post = models.ForeignKey(Post, models.PROTECT, null=True)
    is_active = models.BooleanField(default=True)
    is_demo = models.BooleanField(default=False)
    totp = models.BinaryField(null=True)
    """The TOTP secret, encrypted (`second_factor`)."""
    totp_step = models.BigIntegerField(default=0)
    """The last time step used: a code counts once."""
    codes_asked_by = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    """The administrator who asked that a lost second factor be taken away; another one has to agree."""
    codes_asked_at = models.DateTimeField(null=True)
    must_change_password = models.BooleanField(default=True)
    password_at = models.DateTimeField(null=True)
    former_passwords = models.JSONField(default=list)
    guided_at = models.DateTimeField(null=True)
    """When the guide of the first login was put away; None: it is still shown."""
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "username"
    last_login = None

    @property
    def state(self) -> str:
        """Where the account stands in its flow: "active" or "disabled"."""
        return "active" if self.is_active else "disabled"

    @property
    def unit_id(self) -> str:
        """The id of the person's unit."""
        return str(self.organisation_id)

    def __str__(self) -> str:
        return self.name


class RoleKept(models.Model):
    """A role as the pack (or the house) last said it. One that the pack no longer has is kept as `ended` and gives
    nothing."""

    id = models.CharField(primary_key=True, max_length=60)
    label = models.CharField(max_length=60)
    label_en = models.CharField(max_length=120, blank=True)
    scope = models.CharField(max_length=10)
    grants = models.JSONField(default=list)
    """Every id that it stands for (`content.roles.grants`)."""
    held_by = models.JSONField(default=list)
    """The kinds of organisations whose people may hold it; empty: any."""
    excludes = models.JSONField(default=list)
    """The roles that the same person cannot hold, also through what roles are like."""
    second_factor = models.BooleanField(default=True)
    ended = models.BooleanField(default=False)


class Assignment(models.Model):
    """A role of a person, its scope (a unit and all below; an area and all below), and from when to when."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="assignments")
    role = models.CharField(max_length=60)
    """The id of a `RoleKept`."""
    organisation = models.ForeignKey(Organisation, models.PROTECT)
    area = models.ForeignKey(Area, models.PROTECT)
    from_date = models.DateField()
    to_date = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "role", "organisation"], condition=Q(to_date=None), name="assignment_once"
            ),
            # System, security and audit administrators are three people (三权分立).
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(to_date=None, role__in=sorted(ADMINISTRATORS)),
                name="one_administrator_role",
            ),
        ]


class Session(models.Model):
    """One login. The cookie holds a random token, the table its SHA-256."""

    token_hash = models.CharField(max_length=64, unique=True)
    person = models.ForeignKey(Person, models.CASCADE, related_name="sessions")
    second_factor = models.BooleanField(default=False)
    """Both factors were given."""
    waived = models.BooleanField(default=False)
    """The password was enough: no role that the person held asked for a second factor."""
    created_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    address = models.CharField(max_length=45, blank=True)
    agent = models.CharField(max_length=200, blank=True)


class ApiToken(models.Model):
    """A key by which another program acts as a person, within scopes, until a day. The table holds its SHA-256."""

    digest = models.CharField(max_length=64, unique=True)
    person = models.ForeignKey(Person, models.PROTECT, related_name="tokens")
    purpose = models.CharField(max_length=80)
    """Which program it is for."""
    scopes = models.JSONField()
    state = models.CharField(max_length=20, default="active")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    """The last use, to the hour."""


class LoginFailures(models.Model):
    """How often a login failed for one key (see `lockout`), and until when that key waits."""

    key = models.CharField(primary_key=True, max_length=64)
    count = models.IntegerField(default=0)
    last_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True)


class Operation(models.Model):
    """A form that somebody sent (`key`: a hash of whose, which and what was in it) and where its result is shown."""

    key = models.CharField(primary_key=True, max_length=64)
    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    at = models.DateTimeField()
    result = models.TextField(blank=True)
