// @vitest-environment happy-dom
import { beforeEach, expect, it, vi } from "vitest";
import type { Calls } from "./calls";
import { ApiError } from "./errors";
import { fromLink } from "./link";
import { EIGHT, NINE, record, typed } from "./testing";
import type { BookingRecord } from "./types";

const booking = vi.fn<Calls["booking"]>();
const calls = { booking } as unknown as Calls;
const at = (address: string) => window.history.replaceState(null, "", address);
const known = (status: BookingRecord["status"]) => booking.mockResolvedValue({ ...record, status });

beforeEach(() => vi.resetAllMocks());

it("takes up a held booking with what was typed, and hides the secret", async () => {
  known("pending");
  at("/book/joe-plumber?service=drain#booking=b1&token=t-_1");
  const found = await fromLink(calls);
  expect(booking).toHaveBeenCalledWith("b1", "t-_1");
  expect(found).toMatchObject({ service: "drain", start: null, hold: { id: "b1", token: "t-_1" } });
  expect(found!.details).toMatchObject({ ...typed, "customer.phone": "+61412345678" });
  expect(window.location.href).not.toContain("t-_1");
});

it("at another time, what is over is not taken up, only what was typed", async () => {
  for (const status of ["expired", "lost", "declined", "cancelled"] as const) {
    known(status);
    at(`/book/joe-plumber?service=drain&start=${encodeURIComponent(NINE)}#booking=b1&token=t`);
    expect(await fromLink(calls)).toMatchObject({ start: NINE, hold: null, details: asKept });
  }
});

const asKept = { ...typed, "customer.phone": "+61412345678", "address.state": "NSW" };

it("a hold that still waits is taken up whatever time the link names", async () => {
  known("pending");
  at(`/book/joe-plumber?service=drain&start=${encodeURIComponent(EIGHT)}#booking=b1&token=t`);
  expect(await fromLink(calls)).toMatchObject({ hold: { id: "b1" } });
});

it("a link that was replaced still names its service and time", async () => {
  booking.mockRejectedValue(new ApiError({ code: "UNAUTHORIZED", message: "" }));
  at(`/book/joe-plumber?service=drain&start=${encodeURIComponent(NINE)}#booking=b1&token=t`);
  expect(await fromLink(calls)).toMatchObject({ service: "drain", start: NINE, hold: null, details: {} });
});

it("without a connection the link stays as it was, for another try", async () => {
  booking.mockRejectedValue(new ApiError({ code: "OFFLINE", message: "" }));
  at("/book/joe-plumber?service=drain#booking=b1&token=t");
  await expect(fromLink(calls)).rejects.toThrow("OFFLINE");
  expect(window.location.hash).toContain("token=t");
});

it("any other # asks for nothing", async () => {
  for (const hash of ["#customer.email", "#booking=b1", "#token=t"]) {
    at(`/book/joe-plumber${hash}`);
    expect(await fromLink(calls)).toBeNull();
  }
});
