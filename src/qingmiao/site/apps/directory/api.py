"""The directory's door: load a pack's areas and units, make people, log in, change passwords and roles; who asks and
what may be refused, for pages.

Pages take what names people by user name and units by id (`administering`, `showing`, `login`); other apps and the
first start, which hold rows, take what is in `accounts`.
"""

from __future__ import annotations

from qingmiao.site.apps.directory import access as access
from qingmiao.site.apps.directory import administering as administering
from qingmiao.site.apps.directory import beginning as beginning
from qingmiao.site.apps.directory import exposure as exposure
from qingmiao.site.apps.directory import operations as operations
from qingmiao.site.apps.directory import sessions as sessions
from qingmiao.site.apps.directory import showing as showing
from qingmiao.site.apps.directory import tokens as tokens
from qingmiao.site.apps.directory.access import LEAST_WORDS as LEAST_WORDS
from qingmiao.site.apps.directory.access import AbsentError as AbsentError
from qingmiao.site.apps.directory.access import ConflictError as ConflictError
from qingmiao.site.apps.directory.access import NotAllowedError as NotAllowedError
from qingmiao.site.apps.directory.accounts import ask_codes_reset as ask_codes_reset
from qingmiao.site.apps.directory.accounts import change_password as change_password
from qingmiao.site.apps.directory.accounts import first_password as first_password
from qingmiao.site.apps.directory.accounts import grant as grant
from qingmiao.site.apps.directory.accounts import make_person as make_person
from qingmiao.site.apps.directory.accounts import must_change as must_change
from qingmiao.site.apps.directory.accounts import profile as profile
from qingmiao.site.apps.directory.accounts import reset_codes as reset_codes
from qingmiao.site.apps.directory.accounts import revoke as revoke
from qingmiao.site.apps.directory.accounts import set_active as set_active
from qingmiao.site.apps.directory.accounts import set_codes as set_codes
from qingmiao.site.apps.directory.doors import DOORS as DOORS
from qingmiao.site.apps.directory.forgotten import guided as guided
from qingmiao.site.apps.directory.forgotten import may_ask_for_reset as may_ask_for_reset
from qingmiao.site.apps.directory.forgotten import who_resets as who_resets
from qingmiao.site.apps.directory.loading import load_pack as load_pack
from qingmiao.site.apps.directory.lockout import WaitError as WaitError
from qingmiao.site.apps.directory.lockout import device_cookie as device_cookie
from qingmiao.site.apps.directory.lockout import device_owner as device_owner
from qingmiao.site.apps.directory.lockout import known_device as known_device
from qingmiao.site.apps.directory.login import change_own_password as change_own_password
from qingmiao.site.apps.directory.login import check_code as check_code
from qingmiao.site.apps.directory.login import check_login as check_login
from qingmiao.site.apps.directory.login import end_sessions as end_sessions
from qingmiao.site.apps.directory.login import enrol as enrol
from qingmiao.site.apps.directory.login import own_sessions as own_sessions
from qingmiao.site.apps.directory.login import stage as stage
from qingmiao.site.apps.directory.models import Person as Person
from qingmiao.site.apps.directory.models import Session as Session
from qingmiao.site.apps.directory.permissions import Reach as Reach
from qingmiao.site.apps.directory.roles import ADMINISTRATORS as ADMINISTRATORS
from qingmiao.site.apps.directory.roles import AUDIT_ADMIN as AUDIT_ADMIN
from qingmiao.site.apps.directory.roles import AUDITOR as AUDITOR
from qingmiao.site.apps.directory.roles import COUNTY_WIDE as COUNTY_WIDE
from qingmiao.site.apps.directory.roles import OUTSIDE as OUTSIDE
from qingmiao.site.apps.directory.roles import SECURITY_ADMIN as SECURITY_ADMIN
from qingmiao.site.apps.directory.roles import SYSTEM_ADMIN as SYSTEM_ADMIN
from qingmiao.site.apps.directory.roles import WORKING as WORKING
from qingmiao.site.apps.directory.second_factor import code_address as code_address
from qingmiao.site.apps.directory.second_factor import digest as digest
from qingmiao.site.apps.directory.second_factor import new_secret as new_secret
from qingmiao.site.apps.directory.showing import RoleShown as RoleShown
from qingmiao.site.apps.directory.showing import names as names
from qingmiao.site.apps.directory.showing import role_labels as role_labels
from qingmiao.site.apps.directory.showing import roles as roles
from qingmiao.site.apps.directory.showing import usernames as usernames
