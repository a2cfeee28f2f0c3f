/** Adds a style sheet; what it is for waits until it is there. */
export const styled = (href: string): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const link = document.createElement("link");
    document.head.append(Object.assign(link, { rel: "stylesheet", href, onload: resolve, onerror: reject }));
  });
