import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createApi } from "./api";
import { createCalls, newKey } from "./calls";
import { held, joe } from "./testing";

const wait = () => Promise.resolve();
function asking() {
  const api = createApi("", wait);
  return { ...api, ...createCalls(api) };
}
const fetched = vi.fn<typeof fetch>();
const answer = (body: unknown, status = 200, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers });

beforeEach(() => vi.stubGlobal("fetch", fetched));
afterEach(() => fetched.mockReset());

const keys = () => fetched.mock.calls.map(([, init]) => new Headers(init?.headers).get("Idempotency-Key"));

describe("a lost connection", () => {
  it("is tried again with the same key and the same body", async () => {
    fetched.mockRejectedValueOnce(new TypeError("network")).mockResolvedValueOnce(answer(held, 201));
    await expect(asking().book("{}", "key-1", "9;0;")).resolves.toEqual(held);
    expect(keys()).toEqual(["key-1", "key-1"]);
    expect(fetched.mock.calls.map(([, init]) => init?.body)).toEqual(["{}", "{}"]);
    expect(new Headers(fetched.mock.calls[1]![1]?.headers).get("Form-Check")).toBe("9;0;");
  });

  it("is told as OFFLINE in the end", async () => {
    fetched.mockRejectedValue(new TypeError("network"));
    await expect(asking().opening("joe", "")).rejects.toMatchObject({ problem: { code: "OFFLINE" } });
    expect(fetched).toHaveBeenCalledTimes(3);
  });

  it("does not repeat a change that carries no key", async () => {
    fetched.mockRejectedValue(new TypeError("network"));
    await expect(asking().confirm("b1", "t")).rejects.toThrow();
    expect(fetched).toHaveBeenCalledTimes(1);
  });
});

it("a server that does not answer in time is not waited for again", async () => {
  fetched.mockRejectedValue(new DOMException("", "TimeoutError"));
  await expect(asking().book("{}", "k", "9;0;")).rejects.toMatchObject({ problem: { code: "OFFLINE" } });
  expect(fetched).toHaveBeenCalledTimes(1);
});

it("a proxy's error page counts as no answer", async () => {
  fetched.mockImplementation(async () => new Response("<html>Bad gateway", { status: 502 }));
  await expect(asking().opening("joe", "")).rejects.toMatchObject({ problem: { code: "OFFLINE" } });
});

it("a refusal is passed on at once, with how long to wait", async () => {
  fetched.mockResolvedValue(
    answer({ code: "RATE_LIMITED", message: "Slow down." }, 429, { "Retry-After": "30" }),
  );
  const refused = asking().book("{}", "k", "9;0;");
  await expect(refused).rejects.toMatchObject({ problem: { code: "RATE_LIMITED", retryAfter: 30 } });
  expect(fetched).toHaveBeenCalledTimes(1);
});

describe("a server that is away for a moment", () => {
  const away = () => answer({ code: "SERVICE_UNAVAILABLE", message: "Trouble." }, 503);

  it("is asked again, with the same key", async () => {
    fetched.mockResolvedValueOnce(away()).mockResolvedValueOnce(answer(held, 201));
    await expect(asking().book("{}", "key-1", "9;0;")).resolves.toEqual(held);
    expect(keys()).toEqual(["key-1", "key-1"]);
  });

  it("is told in its own words in the end", async () => {
    fetched.mockImplementation(async () => away());
    const refused = asking().opening("joe", "");
    await expect(refused).rejects.toMatchObject({ problem: { code: "SERVICE_UNAVAILABLE" } });
    expect(fetched).toHaveBeenCalledTimes(3);
  });

  it("is not asked again for a change that carries no key", async () => {
    fetched.mockImplementation(async () => away());
    await expect(asking().confirm("b1", "t")).rejects.toThrow();
    expect(fetched).toHaveBeenCalledTimes(1);
  });
});

it("asks for a month with the token of what is held", async () => {
  fetched.mockResolvedValue(answer({}));
  await asking().month({ slug: "joe", month: "2026-01", service: "drain", hold: "t" });
  expect(fetched.mock.calls[0]![0]).toBe(
    "/api/availability/joe?month=2026-01&service=drain&hold=t&times=minutes",
  );
});

it("asks for the times of one, and of anybody without a word", async () => {
  fetched.mockImplementation(async () => answer({}));
  const asked = { slug: "joe", month: "2026-01", service: "drain", hold: null };
  await asking().month({ ...asked, calendar: "kim" });
  await asking().month({ ...asked, calendar: null });
  expect(fetched.mock.calls.map(([path]) => path)).toEqual([
    "/api/availability/joe?month=2026-01&service=drain&calendar=kim&times=minutes",
    "/api/availability/joe?month=2026-01&service=drain&times=minutes",
  ]);
});

it("asks first what the browser fetches along with the page: the same address, with the same credentials", async () => {
  fetched.mockImplementation(async () => answer({ tradie: joe, month: null }));
  await asking().opening("joe-plumber", "drain");
  expect(fetched.mock.calls[0]![0]).toBe("/api/tradies/joe-plumber/opening?service=drain");
  expect(fetched.mock.calls[0]![1]).toMatchObject({ credentials: "same-origin" });
  expect(fetched.mock.calls[0]![1]!.headers).toBeUndefined();
});

it("asks there too for the first month with a free time", async () => {
  const month = { month: "2026-02" };
  fetched.mockImplementation(async () => answer({ tradie: joe, month }));
  const asked = { slug: "joe", month: null, service: "drain", hold: null };
  await expect(asking().month(asked)).resolves.toEqual(month);
  expect(fetched.mock.calls[0]![0]).toBe("/api/tradies/joe/opening?service=drain");
});

it("asks what cancelling would cost for a time with its offset", async () => {
  fetched.mockResolvedValue(answer({ policy_statement: ["Free to cancel."] }));
  const asked = { slug: "joe", service: "drain", start: "2026-01-14T08:00:00+11:00", hold: null };
  await expect(asking().statement(asked)).resolves.toEqual(["Free to cancel."]);
  expect(fetched.mock.calls[0]![0]).toBe(
    "/api/tradies/joe/statement?service=drain&start=2026-01-14T08%3A00%3A00%2B11%3A00",
  );
});

it("sends the token as a bearer token, and no cookies", async () => {
  fetched.mockResolvedValue(answer(held.booking));
  await asking().booking("b1", "secret");
  const init = fetched.mock.calls[0]![1]!;
  expect(new Headers(init.headers).get("Authorization")).toBe("Bearer secret");
  expect(init.credentials).toBe("omit");
});

it("keeps the server's time from answers to changes, not from cached ones", async () => {
  const hourAhead = new Date(Date.now() + 3_600_000).toUTCString();
  const api = asking();
  fetched.mockResolvedValueOnce(answer({ tradie: joe, month: null }, 200, { Date: hourAhead }));
  await api.opening("joe", "");
  expect(api.now() - Date.now()).toBeLessThan(1000);
  fetched.mockResolvedValueOnce(answer(held, 201, { Date: hourAhead }));
  await api.book("{}", "k", "9;0;");
  expect(api.now() - Date.now()).toBeGreaterThan(3_590_000);
});

it("makes keys that are UUIDs and never the same", () => {
  expect(newKey()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(newKey()).not.toBe(newKey());
});
