// @vitest-environment happy-dom
import { expect, it } from "vitest";
import { readSettings } from "./settings";

const address = { pathname: "/book/joe-plumber", search: "?embed=1&service=drain&accent=%230b5cad" };

const HERE = '<meta name="peepopay-api" content="" />';

function page(head: string): Document {
  return new DOMParser().parseFromString(`<html><head>${head}</head></html>`, "text/html");
}

it("takes the tradie and what the address asks for", () => {
  const found = readSettings(address, page(HERE));
  expect(found).toEqual({
    api: "",
    slug: "joe-plumber",
    embedded: true,
    service: "drain",
    accent: "#0b5cad",
    theme: "light",
    language: null,
  });
});

it("is as light or dark as the visitor has it, in a frame as the page around it says", () => {
  const theme = (search: string) => readSettings({ ...address, search }, page(HERE)).theme;
  expect(["", "?embed=1", "?embed=1&theme=dark"].map(theme)).toEqual(["auto", "light", "dark"]);
});

it("finds the API where the host of the page says it is, and nowhere that an address could name", () => {
  const away = page('<meta name="peepopay-api" content="https://api.example.com.au" />');
  expect(readSettings(address, away).api).toBe("https://api.example.com.au");
  const lured = { ...address, search: "?api=https://evil.example" };
  expect(readSettings(lured, page(HERE)).api).toBe("");
});
