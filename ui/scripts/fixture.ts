import { writeFileSync } from 'node:fs';
import { make } from '../fixtures/make';
import { builtPage, splice } from '../inline';

/** `fixture OUT [ENDPOINTS]`: results as JSON, or as a report when OUT ends in `.html`. */
export async function run([out = 'report.html', endpoints]: string[]): Promise<void> {
  const results = make({ detections: true, endpoints: endpoints ? Number(endpoints) : undefined });
  writeFileSync(out, out.endsWith('.html') ? splice(builtPage(), results) : JSON.stringify(results));
}
