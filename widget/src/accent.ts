// The tradie picks a colour; we make sure that people can read what is written on it.

const FALLBACK = "#0b6e5f";
const READABLE = 4.5; // WCAG AA for text

type Rgb = [number, number, number];

const parse = (hex: string): Rgb => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)) as Rgb;

function luminance(colour: Rgb): number {
  const [red, green, blue] = colour.map((channel) => {
    const part = channel / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as Rgb;
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Contrast of a colour against white, 1 to 21. */
export const contrastWithWhite = (hex: string): number => 1.05 / (luminance(parse(hex)) + 0.05);

/** The tradie's colour, darkened just enough to carry white text and to be text on white. */
export function readableAccent(colour: string): string {
  if (!/^#[0-9a-f]{6}$/i.test(colour)) return FALLBACK;
  let accent = colour;
  // Tints of the accent lie under it too, so aim a little above the limit.
  while (contrastWithWhite(accent) < READABLE + 0.6)
    accent = `#${parse(accent)
      .map((part) =>
        Math.floor(part * 0.94)
          .toString(16)
          .padStart(2, "0"),
      )
      .join("")}`;
  return accent;
}
