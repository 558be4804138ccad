from typing import Any
import pytest
from website.cased import *
from website.filed import a_child, doctor
from website.role_ids import Role
from django.urls import reverse
pytestmark = pytest.mark.django_db(transaction=True)

def test_shots(window: Any, make_person: Any) -> None:
    from qingmiao.site.apps.directory import api as d
    who = people(make_person)
    for p in who.values(): d.guided(p)
    leader = make_person("health", Role.LEADER); d.guided(leader)
    a = reported(who["teacher"]); b = reported(who["teacher"], danger_now=True, risk="red"); drafted(who["teacher"], danger_now=True)
    for _ in range(4): reported(who["teacher"])
    taken(who["police"], a, "received", {"receipt_number": "J1", "record_made": True})
    taken(who["police"], a, "sec_case")
    taken(who["police"], a, "protecting", {"measures": ["medical"]})
    pages = [("police","list","/cases/"),("police","one",f"/cases/{a}"),("police","red",f"/cases/{b}"),("police","step",f"/cases/{b}/steps/received"),
             ("teacher","choose","/cases/new"),("teacher","open","/cases/new/mandatory_report"),("teacher","mine","/cases/"),("office","ref",f"/cases/{a}"),("leader","over","/cases/overview"),("police","sealed","/cases/sealed")]
    ctx={}
    for n,name,addr in pages:
        for width in (1440,390):
            p = leader if n=="leader" else who[n]
            if (n,width) not in ctx: ctx[n,width]=window(p,width=width).new_page()
            page=ctx[n,width]
            page.goto(addr); page.screenshot(path=f"/tmp/cs-{name}-{width}.png",full_page=True)
