// @vitest-environment happy-dom
import { expect, it, vi } from "vitest";
import { ask } from "./challenge";
import { start } from "./booking";
import { formShown, howFilledIn } from "./form_check";
import { shareBooking } from "./testing";

it("says since when the form is there, and once what is in the field that nobody sees", () => {
  vi.useFakeTimers();
  expect(Number(howFilledIn().split(";")[0])).toBeGreaterThan(1_000_000_000); // no form was shown: a reload at another step
  formShown();
  vi.advanceTimersByTime(1_900);
  formShown(); // once more
  document.body.innerHTML = `<input name="extra">`;
  expect(howFilledIn()).toBe("1900;0;");
  document.querySelector("input")!.value = "https://spam.example";
  expect(howFilledIn()).toBe("1900;1;");
  expect(howFilledIn()).toBe("1900;0;");
  vi.useRealTimers();
});

it("takes along what a challenge has put into the page", () => {
  const challenge = { script_url: "https://challenges.example/api.js", site_key: "site" };
  shareBooking({ ...start, problem: { code: "CHALLENGE_ASKED", message: "", challenge } });
  document.body.innerHTML = "<div></div>";
  const box = document.querySelector("div")!;
  const render = vi.fn((inside: HTMLElement) => {
    inside.innerHTML = `<input type="hidden" name="cf-turnstile-response" value="a.b-c_d">`;
  });
  window.turnstile = { render };
  ask(box);
  expect(render).toHaveBeenCalledWith(box, { sitekey: "site", theme: expect.any(String) });
  expect(howFilledIn()).toMatch(/;0;a\.b-c_d$/);
});
