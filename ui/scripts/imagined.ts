import { make } from '../fixtures/make';
import { serve } from '../fixtures/server/serve';

/** `imagined [PORT] [ENDPOINTS]`: a server with made-up results, to work on the app without a real one. */
export async function run([port = '7711', endpoints]: string[]): Promise<void> {
  const server = await serve(
    make({ detections: true, endpoints: endpoints ? Number(endpoints) : undefined }),
    Number(port),
  );
  process.stderr.write(
    `${server.url} (ada, code 123456; grace; linus; vera: each with NAME-password; token vdt_fixture)\n`,
  );
  setInterval(() => {
    server.tell('stats', {
      at: new Date().toISOString(),
      accepted: 1,
      rate: 1200 + Math.round(Math.random() * 300),
    });
  }, 2000);
  await new Promise(() => {});
}
