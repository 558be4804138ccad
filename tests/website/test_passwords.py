"""What no password may be in either profile: common, a run of keys, a repetition, a name of person, unit or county."""

from __future__ import annotations

import pytest

from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory import api, guessable, passwords
from qingmiao.site.apps.directory.access import NotAllowedError
from qingmiao.site.apps.directory.models import Organisation
from website.role_ids import Role

TAIL = "-Kv9#"
"""Makes any word long and mixed enough for both profiles."""
RUNS = [
    "abcd1234", "12345678", "qwerty", "Qwer1234!", "9876-willow", "1qaz2wsx", "zxcv-willow", "dcba-willow",
    "!QAZ2wsx#EDC",
    "aaaa-willow", "Abc123!@#xyz", "7890willow",
]  # fmt: skip
COMMON = [
    "P@ssw0rd2024!",
    "Woaini1314!!",
    "Admin@88",
    "dragon!!2024",
    "5201314",
    "123456a",
    "iloveyou!",
    "Zhongguo99##",
]
NO_RUNS = ["made-up river 4711", "Xkbvetg1", "tree8642house!", "first option 77", "北京的秋天很长很长我们慢慢走"]
UNIT = "乡宁县卫生健康局"


def why(password: str, profile: str, *context: str) -> str:
    return "；".join(passwords.faults(password, passwords.PROFILES[profile], context=context))


@pytest.mark.parametrize("profile", sorted(passwords.PROFILES))
class TestBothProfiles:
    @pytest.mark.parametrize("password", RUNS)
    def test_neighbours_on_the_keyboard_in_either_direction_are_a_sequence(self, profile: str, password: str) -> None:
        assert "连续的字母、数字" in why(password, profile)

    @pytest.mark.parametrize("password", COMMON)
    def test_common_ones_are_refused_with_other_signs_and_with_digits_around_them(
        self, profile: str, password: str
    ) -> None:
        assert "最常见的口令" in why(password, profile)

    @pytest.mark.parametrize("password", NO_RUNS)
    def test_words_with_a_short_run_in_them_are_fine(self, profile: str, password: str) -> None:
        assert not any(word in why(password, profile) for word in ("连续", "常见", "同一段", "名称"))

    @pytest.mark.parametrize("password", ["river1river1", "Kv9#Kv9#Kv9#", "木桥木桥木桥木桥木桥木桥"])
    def test_one_piece_again_and_again_is_refused(self, profile: str, password: str) -> None:
        assert "同一段" in why(password, profile)

    @pytest.mark.parametrize(
        ("password", "name"),
        [
            ("zhangsan", "zhangsan"), ("ZhangSan", "张三"), ("zhang.san", "张三"), ("张三", "张三"), ("zengli", "曾丽"),
            ("cengli", "曾丽"), ("lvyan", "吕燕"), ("LuYan", "吕燕"), ("weishengju", UNIT), ("jiankang", UNIT),
            ("xiangning", UNIT), ("乡宁", UNIT), ("qingmiao", "qingmiao"),
        ],
    )  # fmt: skip
    def test_a_name_is_found_as_it_is_and_in_pinyin(self, profile: str, password: str, name: str) -> None:
        assert "拼音都算" in why(password + TAIL, profile, name)
        assert "拼音都算" in why(TAIL + password.upper(), profile, name)
        assert "拼音都算" not in why("willow bench" + TAIL, profile, name)

    def test_more_than_the_longest_is_refused_without_a_further_look(self, profile: str) -> None:
        assert why("长" * 100_000, profile) == "最多 128 个字符（现在 100000 个）"

    def test_a_fresh_password_keeps_to_the_rules(self, profile: str, monkeypatch: pytest.MonkeyPatch) -> None:
        offered = iter(["abcdefghijklmnop", "no-classes-here-x"[:16], "Good9_enoughKvTr"])
        monkeypatch.setattr(passwords.secrets, "token_urlsafe", lambda size: next(offered))
        assert passwords.fresh(passwords.PROFILES["djbh3"], context=("enough-not",)) == "Good9_enoughKvTr"


def test_sequences_are_runs_of_keys() -> None:
    assert guessable.sequences("xabcdzz98765") == ["abcd", "98765"]


@pytest.mark.django_db
@pytest.mark.parametrize("part", ["lisi", "lixiaohua", "weisheng", "xiangning", "qingmiao"])
def test_an_account_takes_no_password_with_a_name_of_the_person_unit_or_county(make_person, browser_of, part) -> None:
    person = make_person("health", Role.LIAISON, "lisi")
    type(person).objects.filter(pk=person.pk).update(name="李小华")
    new = f"{part}-Willow 4711"
    sent = {"present": "made-up river 4711", "new": new, "again": new}
    got = browser_of(person).post("/account/password", sent)
    assert (got.status_code, "拼音都算" in got.context["problem"]) == (400, True)
    with pytest.raises(NotAllowedError, match="拼音都算"):
        api.make_person(
            audit.SYSTEM, username="lisi2", name="李小华", unit=Organisation.objects.get(pk="health"),
            password=new.replace("lisi-", "lisi2-"),
        )  # fmt: skip
