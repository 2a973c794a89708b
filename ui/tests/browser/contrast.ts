import type { Page } from 'playwright-core';

/** Texts of a page whose contrast to what is behind them is under the given ratio (WCAG 2.2, 1.4.3), with the ratio. */
export function faintTexts(page: Page, least: number): Promise<string[]> {
  return page.evaluate((ratioMin) => {
    type Color = [number, number, number, number];
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    // Computed colors come in many notations; a pixel knows them all.
    const read = (css: string): Color => {
      if (!canvas) return [0, 0, 0, 1];
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = css;
      canvas.fillRect(0, 0, 1, 1);
      const [r = 0, g = 0, b = 0, a = 0] = canvas.getImageData(0, 0, 1, 1).data;
      return [r, g, b, a / 255];
    };
    const over = ([r, g, b, a]: Color, [R, G, B]: Color): Color => [
      r * a + R * (1 - a),
      g * a + G * (1 - a),
      b * a + B * (1 - a),
      1,
    ];
    const light = ([r, g, b]: Color) => {
      const [x = 0, y = 0, z = 0] = [r, g, b].map((part) =>
        part <= 10.31 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4,
      );
      return 0.2126 * x + 0.7152 * y + 0.0722 * z;
    };
    const behind = (element: Element | null): Color => {
      if (!element) return read(getComputedStyle(document.documentElement).backgroundColor);
      const own = read(getComputedStyle(element).backgroundColor);
      return own[3] > 0.999 ? own : over(own, behind(element.parentElement));
    };
    const faint = new Set<string>();
    for (const element of document.querySelectorAll('body *')) {
      const text = [...element.childNodes]
        .filter((node) => node.nodeType === 3)
        .map((node) => node.textContent?.trim())
        .join('');
      const style = getComputedStyle(element);
      if (
        !text ||
        text === '·' ||
        !element.checkVisibility() ||
        style.clipPath !== 'none' ||
        element.closest('.sr, script')
      )
        continue;
      const back = behind(element);
      const [a, b] = [light(over(read(style.color), back)), light(back)].sort((x, y) => y - x);
      const ratio = ((a ?? 0) + 0.05) / ((b ?? 0) + 0.05);
      if (ratio < ratioMin)
        faint.add(
          `${ratio.toFixed(2)} ${element.className || element.tagName} in ${element.parentElement?.className}: ${text.slice(0, 30)}`,
        );
    }
    return [...faint];
  }, least);
}
