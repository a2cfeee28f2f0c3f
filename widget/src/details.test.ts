import { expect, it } from "vitest";
import { bookingBody, checkDetails, CONTACT, questionFields } from "./details";
import { drain, EIGHT, joe, typed } from "./testing";

const question = { id: "q1", label: "Which drain?", required: true, choices: [] as string[], photo: false };
const asking = { ...drain, questions: [question] };

it("finds what is missing or can't be right", () => {
  expect(checkDetails(typed, drain, joe)).toEqual({});
  expect(Object.keys(checkDetails({ ...typed, "address.postcode": "20" }, drain, joe))).toEqual([
    "address.postcode",
  ]);
  expect(Object.keys(checkDetails(typed, asking, joe))).toEqual(["answers.q1"]);
  expect(Object.keys(checkDetails({}, drain, joe))).not.toContain("address.state"); // it starts as the tradie's
});

it("asks for a mobile, and says of another number that it gets no texts", () => {
  const mobile = CONTACT.find(({ name }) => name === "customer.phone")!;
  expect(mobile.label).toBe("Mobile");
  for (const number of ["", "04", "0412 345 678", "+61 412 345 678", "61412345678"])
    expect(mobile.note!(number)).toBe("");
  for (const number of ["(02) 9550 1234", "1300 123 456", "+64 21 123 4567"])
    expect(mobile.note!(number)).toContain("can't text this number");
  expect(checkDetails({ ...typed, "customer.phone": "(02) 9550 1234" }, drain, joe)).toEqual({});
});

it("offers the answers that a question has", () => {
  const choices = ["Kitchen", "Shower"];
  expect(questionFields({ ...drain, questions: [{ ...question, choices }] })[0]!.choices).toEqual(choices);
});

it("has a question answered with photos, which are named until they are sent", () => {
  const asked = { ...drain, questions: [{ ...question, photo: true }] };
  expect(questionFields(asked)[0]!.kind).toBe("photo");
  expect(Object.keys(checkDetails(typed, asked, joe))).toEqual(["answers.q1"]);
  expect(checkDetails({ ...typed, "answers.q1": "tap.jpg" }, asked, joe)).toEqual({});
});

it("says who else is home, only where somebody is", () => {
  const site = { "on_site.name": "Pat", "on_site.phone": "0411 222 333", access_notes: "Gate code 12" };
  const said = JSON.parse(
    bookingBody({ start: EIGHT, details: { ...typed, ...site }, hold: null }, drain, joe),
  );
  expect([said.on_site, said.access_notes]).toEqual([{ name: "Pat", phone: "0411 222 333" }, "Gate code 12"]);
});

it("builds the body of the request, and no price in it", () => {
  const details = { ...typed, "answers.q1": "Shower", "customer.name": "  Jo Citizen " };
  const chosen = { start: EIGHT, calendar: "kim", details };
  const asked = JSON.parse(bookingBody({ ...chosen, hold: null }, asking, joe));
  expect([asked.calendar, "hold" in asked]).toEqual(["kim", false]);
  expect(JSON.parse(bookingBody({ start: EIGHT, details, hold: { token: "t" } }, asking, joe))).toEqual({
    tradie: "joe-plumber",
    service: "drain",
    start: EIGHT,
    customer: { name: "Jo Citizen", email: "jo@example.com", phone: "0412 345 678" },
    address: { line1: "12 Wattle St", suburb: "Newtown", state: "NSW", postcode: "2042" },
    notes: "",
    answers: { q1: "Shower" },
    deposit_cents: 3000,
    hold: "t",
  });
});
