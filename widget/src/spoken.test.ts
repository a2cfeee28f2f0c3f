import { afterEach, expect, it, vi } from "vitest";
import { isChinese } from "./spoken";

afterEach(() => void vi.unstubAllGlobals());

it.each([
  ["zh", "en", "en-AU", true],
  ["en", "zh", "zh-CN", false],
  ["", "zh", "en-AU", true],
  ["", "en", "zh-CN", false],
  ["", undefined, "zh-CN", true],
  ["", undefined, "fr", false],
])(
  "asked for %j, where the business chose %j, a browser in %j is spoken to in Chinese: %s",
  (asked, chosen, language, spoken) => {
    vi.stubGlobal("navigator", { language });
    expect(isChinese(asked, chosen)).toBe(spoken);
  },
);
