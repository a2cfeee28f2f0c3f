// @vitest-environment happy-dom
import { Fragment as Group, h, render } from "preact";
import { expect, it } from "vitest";
import { PHRASES } from "./chinese";
import { GAP, sentencesInCode } from "./sentences_in_code";
import { interpreter, speak } from "./speaking";

const say = interpreter("zh-Hans", PHRASES);
const sayAnything = interpreter("zh-Hans", PHRASES, { count: "\\d+", postcode: "\\d{4}" });
/** Texts in the code that nobody reads, and those that are cut up before. */
const UNSAID = [
  `Bearer ${GAP}`,
  ..."Content-Type,Date,End,Enter,Escape,Form-Check,Home,Idempotency-Key,PageDown".split(","),
  ..."PageUp,Retry-After,TimeoutError".split(","),
  "January February March April May June July August September October November December",
  "Sunday Monday Tuesday Wednesday Thursday Friday Saturday",
];
const NAMES = /PeepoPay|Stripe|ABN|MB|jo@example\.com|English/g;
const filledIn = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(String).sort();

it("says every sentence that is in the code", () => {
  const all = sentencesInCode("src").filter((text) => !UNSAID.includes(text));
  expect(all.length).toBeGreaterThan(120);
  const whole = all.filter((text) => !all.some((other) => other !== text && other.includes(text)));
  const inEnglish = (text: string) =>
    /[A-Za-z]/.test(sayAnything(text.replace(`step ${GAP}${GAP}`, "step 3")).replace(NAMES, ""));
  expect(whole.filter(inEnglish)).toEqual([]);
});

it("fills in the same as English does", () => {
  for (const [english, said] of Object.entries(PHRASES))
    expect(filledIn(said), english).toEqual(filledIn(english));
});

it.each([
  ["Today, Wednesday 14 January, 3 times free", "今天，1月14日周三，有3个空闲时间"],
  ["Wed 14 Jan, 8:00 am", "1月14日周三 08:00"],
  ["Wed 14 Jan, 8:00\xa0am", "1月14日周三 08:00"],
  ["Nothing that suits? \ue000", "没有合适的时间？\ue000"],
  [
    "That time has just been taken. Everything you typed is still here.",
    "该时间刚刚被预约。您填写的内容仍在。",
  ],
  ["January 2026", "2026年1月"],
  ["Monday", "星期一"],
  ["Mo", "一"],
  ["12:30 am", "00:30"],
  ["AEDT, Sydney time", "悉尼时间（AEDT）"],
  ["1 h 30 min, $30 deposit now", "1小时30分钟，现付定金 $30"],
  ["From $180", "$180起"],
  [
    "Free to cancel until Tue 13 Jan, 8:00 am: all of $30 comes back.",
    "1月13日周二 08:00之前可免费取消：$30 全额退还。",
  ],
  ["After that $15 is kept and $15 comes back.", "之后取消，扣除 $15，退还 $15。"],
  ["Blocked drain", "Blocked drain"],
  ["Call out", "Call out"],
  ["Quote, GST free", "Quote, GST free"],
  ["From start to finish", "From start to finish"],
  ["Call (02) 5550 1234", "致电 (02) 5550 1234"],
  [
    "A call-out fee of $45 is added to the price: 2042 is in Inner West. Nothing is held yet: press the button again if that is fine.",
    "价格另加上门费 $45：2042 位于 Inner West。尚未保留任何时间：如果可以接受，请再按一次按钮。",
  ],
  ["it is within 1 hour", "时间在1小时以内"],
  ["Lord Howe time", "豪勋爵岛时间"],
  [
    "The deposit for this booking is $47 instead of $30: we don't know each other well yet, and it is within 24 hours. Nothing is held yet: press the button again if that is fine.",
    "此预约的定金为 $47，而不是 $30：我们彼此还不太熟悉，时间在24小时以内。尚未保留任何时间：如果可以接受，请再按一次按钮。",
  ],
])("says %s", (english, said) => expect(say(english)).toBe(said));

it("says what is drawn, with elements where the sentence wants them, and the title", async () => {
  document.title = "Book Joe's";
  speak("zh-Hans", PHRASES);
  expect(document.title).toBe("预约 Joe's"); // whichever was there first
  const who = h("b", null, "jo@example.com");
  const sentence = h("p", { "aria-label": "Next month" }, "Joe", " has your number and will call you.", who);
  render(h(Group, null, h("i", null, "Pay"), sentence), document.body);
  expect(document.body.innerHTML).toBe(
    '<i>付款</i><p aria-label="下个月">Joe has your number and will call you.<b>jo@example.com</b></p>',
  );
  const held = h(
    "p",
    null,
    "Your time is held for ",
    h("span", null, "9:05"),
    ". Pay before then to keep it.",
  );
  render(held, document.body);
  expect(document.body.innerHTML).toBe("<p>您的时间保留 <span>9:05</span>。请在此之前付款。</p>");
  expect(document.documentElement.lang).toBe("zh-Hans");
  const wait = h("a", { href: "https://book.example/book/joe/wait?service=drain" }, "Join the waitlist");
  render(wait, document.body);
  expect(document.body.innerHTML).toBe(
    '<a href="https://book.example/book/joe/wait?service=drain&amp;language=zh-Hans">加入候补名单</a>',
  );
  document.title = "Book Joe's Plumbing";
  await new Promise((resolve) => setTimeout(resolve));
  expect(document.title).toBe("预约 Joe's Plumbing");
});
