"""The pages of the waitlist in Simplified Chinese, for who comes from a booking page that speaks it.

As in the widget (`widget/src/languages`), a page is written in English once, and what is said is looked up when it is
finished; what a business or a customer wrote stays as it is, and so does a sentence that is not listed here. Mails,
texts and the page of a booking are English, and so is an offer: its money and its terms are said there in one language.
"""

from __future__ import annotations

import re
from datetime import datetime
from html import escape, unescape

from django.http import HttpRequest, HttpResponse

CHINESE = "zh"
LANGUAGE = "language"  # the parameter by which the widget says so
WORDS = re.compile(r">([^<>]*[A-Za-z][^<>]*)<")
A_DAY = re.compile(r"\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun) (\d{1,2} [A-Z][a-z]{2} \d{4})\b")
WEEKDAYS = dict(zip(("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), "一二三四五六日", strict=True))

# English as it is written, with a name in braces for what stays as it is. The
# first that fits counts.
PHRASES = {
    "Skip to the content": "跳到正文",
    "optional": "选填",
    "Please check this": "请检查此项",
    "Please check these": "请检查以下各项",
    "Call {phone}": "致电 {phone}",
    # to join
    "Wait for a time with {business} | PeepoPay": "等候 {business} 的空闲时间 | PeepoPay",
    "Back to the calendar": "返回日历",
    "Join the waitlist": "加入候补名单",
    "When a time becomes free, we ask one person after the other. If it’s your turn, it’s kept for you for up to two"
    " hours, and we text you. Nothing is charged before you take it.": "一有空闲时间，我们会依次询问名单上的人。"
    "轮到您时，我们会为您保留最多两小时，并发短信通知您。您接受之前不收取任何费用。",
    "What is to be done?": "您需要什么服务？",
    "Only on this day": "只要这一天",
    "Empty: any day sooner than what is free now.": "留空：比目前最早的空闲日更早的任何一天。",
    "Your name": "您的姓名",
    "Your mobile": "您的手机号码",
    "Your email": "您的电子邮箱",
    "Website": "网站",
    "We use your details for this alone and forget them after 90 days, or when you leave the list.": "您的资料只用于"
    "此事，90天后或您退出名单时即删除。",
    "Put me on the list": "把我加入名单",
    # what is refused
    "This field is required.": "请填写此项。",
    "Enter a valid date.": "请输入有效日期。",
    "Enter a valid email address.": "请输入有效的电子邮箱地址。",
    "Write a phone number such as 0412 345 678.": "请填写电话号码，例如 0412 345 678。",
    "Part of this page didn't reach us, so nothing was changed. Please reload it and try again.": "此页有一部分没有"
    "送达，因此没有任何更改。请刷新后重试。",
    "There is a free time that day: choose it on the calendar.": "那天有空闲时间：请在日历上选择。",
    "There is a free time today. Choose it, or say which day suits.": "今天有空闲时间。请选择，或说明哪天合适。",
    "Choose a day from today to {day}.": "请选择今天至{day}之间的一天。",
    "That looked as if a program filled in the form. Please press the button again, or call.": "看起来像是程序填写的。"
    "请再按一次按钮，或致电我们。",
    "That's a lot of tries in a short time. Please wait a moment and try again.": "短时间内尝试次数过多。请稍候再试。",
    "Please call {business} on {phone} to book.": "请致电 {phone} 向 {business} 预约。",
    "Please call {phone}: the waitlist takes nobody else today.": "今天候补名单已满，请致电 {phone}。",
    # to wait
    "Waitlist of {business} | PeepoPay": "{business} 的候补名单 | PeepoPay",
    "Waitlist | PeepoPay": "候补名单 | PeepoPay",
    "You’re on the waitlist": "您已在候补名单上",
    "with": "，商家：",
    "You wait for": "您在等候",
    "any day before {day}": "{day}之前的任何一天",
    "the next free day": "最近的空闲日",
    ". When a time is free and it’s your turn, it’s kept for you and we write to you at {phone} and {email}. We don’t"
    " text at night.": "。一有空闲时间且轮到您时，我们会为您保留，并通知 {phone} 和 {email}。我们夜间不发短信。",
    ". When a time is free and it’s your turn, it’s kept for you and we write to you at {phone}. We don’t text at"
    " night.": "。一有空闲时间且轮到您时，我们会为您保留，并通知 {phone}。我们夜间不发短信。",
    ". That time is over, or somebody was quicker. You wait on, and we write when the next one is free.": "。那个时间"
    "已过，或已被别人选走。您仍在名单上，下次有空闲时间时我们会通知您。",
    "See what is free now": "查看目前的空闲时间",
    "Leave the list": "退出名单",
    # to wait no longer
    "You’ve left the list": "您已退出名单",
    "We’ve forgotten your details, and nothing is kept for you any more. You can book any free time as before.": "我们"
    "已删除您的资料，不再为您保留任何时间。您可以照常预约任何空闲时间。",
    "This number waits already": "此号码已在等候",
    "It keeps its place, and we write as soon as it’s its turn. To change something, use the link from before, or"
    " call": "它保留原来的位置，轮到时我们会通知。如需更改，请使用之前的链接，或致电",
    "You don’t wait here any more": "您已不在此名单上",
    "Either you are booked, or you left the list, or your day is over. If you booked, the link to your booking is in"
    " your email.": "您已预约、已退出名单，或您要的那天已过。如果您已预约，预约链接在您的邮件中。",
}


def speaks(request: HttpRequest) -> str:
    """The language that the page is asked for in, if it is not English."""
    return CHINESE if request.GET.get(LANGUAGE, "").startswith(CHINESE) else ""


def in_chinese(page: HttpResponse) -> HttpResponse:
    """The same page, its sentences in Chinese."""
    html = page.content.decode().replace('<html lang="en-AU">', '<html lang="zh-Hans">', 1)
    page.content = WORDS.sub(lambda found: f">{_node(found[1])}<", html)
    return page


def _node(words: str) -> str:
    """A piece of text between two tags, with the white space around it."""
    text = " ".join(unescape(words).split())
    said = _said(text)
    return words if said == text else escape(said)


def _said(text: str) -> str:
    if exact := PHRASES.get(text):
        return exact
    for pattern, chinese in PATTERNS:
        if found := pattern.fullmatch(text):
            return chinese.format(**{name: _dated(given) for name, given in found.groupdict().items()})
    label, colon, rest = text.partition(": ")  # of a field, in the list of what is wrong
    if not colon:
        label, colon, rest = text.partition("?: ")
        label += "?" if colon else ""
    return f"{PHRASES[label]}{_said(rest)}" if colon and label in PHRASES else _dated(text)


def _dated(text: str) -> str:
    def day(found: re.Match[str]) -> str:
        at = datetime.strptime(found[2], "%d %b %Y")  # noqa: DTZ007 - a day, no instant
        return f"{at.year}年{at.month}月{at.day}日周{WEEKDAYS[found[1]]}"

    return A_DAY.sub(day, text)


def _pattern(english: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+?)", re.escape(english)))


PATTERNS = [(_pattern(english), said) for english, said in PHRASES.items() if "{" in english]
