"""What a browser says of itself, in words that its owner knows it by."""

from __future__ import annotations

from qingmiao.site.web.ui.language import t

BROWSERS = (
    ("MicroMessenger", "微信", "WeChat"), ("DingTalk", "钉钉", "DingTalk"), ("Edg", "Edge 浏览器", "Edge"),
    ("QQBrowser", "QQ 浏览器", "QQ Browser"), ("QIHU", "360 浏览器", "360 Browser"), ("360SE", "360 浏览器", "360 Browser"),
    ("Firefox", "火狐浏览器", "Firefox"), ("Chrome", "Chrome 浏览器", "Chrome"), ("Safari", "Safari 浏览器", "Safari"),
)  # fmt: skip
"""What stands in the text, Chinese, English; the first that fits, since most call themselves Chrome and Safari too."""
DEVICES = (
    ("iPhone", "苹果手机", "iPhone"), ("iPad", "苹果平板", "iPad"), ("HarmonyOS", "鸿蒙设备", "HarmonyOS"),
    ("OpenHarmony", "鸿蒙设备", "HarmonyOS"), ("Android", "安卓手机或平板", "Android"), ("Windows", "Windows 电脑", "Windows"),
    ("Mac OS", "苹果电脑", "Mac"), ("UOS", "统信电脑", "UOS"), ("Kylin", "麒麟电脑", "Kylin"), ("Linux", "Linux 电脑", "Linux"),
)  # fmt: skip
"""The same of the machine."""


def in_words(agent: str) -> str:
    """Chrome 浏览器，Windows 电脑: what is known of browser and machine; 其他程序 where neither is."""
    known = (next((t(zh, en) for mark, zh, en in table if mark in agent), "") for table in (BROWSERS, DEVICES))
    return t("，", ", ").join(filter(None, known)) or t("其他程序", "another program")
