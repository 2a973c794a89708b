import type { Page } from 'playwright-core';

/** Controls of a page that a screen reader could not name, as their markup. */
export function namelessControls(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('a, button, input, textarea, summary, [tabindex="0"]')]
      .filter((one) => {
        const labels = one instanceof HTMLInputElement || one instanceof HTMLTextAreaElement ? one.labels : null;
        const texts = [
          one.getAttribute('aria-label'),
          one.textContent,
          ...[...(labels ?? [])].map((l) => l.textContent),
        ];
        return !texts.some((text) => text?.trim());
      })
      .map((one) => one.outerHTML),
  );
}
