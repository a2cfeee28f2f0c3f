// Which language the page speaks: English is in its code, Chinese a file of its own.

const chinese = () => import("./languages/chinese");
let speaking = false;

/** By what the page around it asks for, or else what the business chose, or else what the visitor's browser speaks. */
export const isChinese = (asked: string | null, chosen?: string): boolean =>
  (asked || chosen || navigator.language).startsWith("zh");

/** From now on, if it is anything but English. Who can't have it reads English. */
export async function speak(asked: string | null, chosen?: string): Promise<void> {
  if (speaking || !isChinese(asked, chosen)) return;
  const file = await chinese().catch(() => null);
  file?.speakChinese();
  speaking = true;
}

/** Fetched while the business is asked what it chose, by whom will most likely need it. */
export function fetchEarly(asked: string | null): void {
  if (isChinese(asked)) chinese().catch(() => null);
}
