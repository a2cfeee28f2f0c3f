import { expect, it } from "vitest";
import { joe, withKim } from "./testing";
import { whoCan } from "./who";

const names = (service: string) => whoCan(withKim, service).map(({ name }) => name);

it("names those who can do the service, in the tradie's order", () => {
  expect(names("drain")).toEqual(["Joe", "Kim"]);
  expect(names("quote")).toEqual(["Joe"]);
});

it("names nobody where customers may not choose", () => {
  expect(whoCan(joe, "drain")).toEqual([]);
});
