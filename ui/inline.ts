import { createHash } from 'node:crypto';
import { readFileSync, utimesSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

/** What `vedette` replaces by the results; stands once in the page, inside the block of `index.html`. */
export const MARKER = '"vedette:results"';

const PLAIN = fileURLToPath(new URL('./plain.html', import.meta.url));

/**
 * Makes the build one file: script and style move into the page, and a policy allows exactly them by their hashes,
 * so that no text of the traffic could ever run, even if it left the block it is embedded in.
 */
export function inline(): Plugin {
  return {
    name: 'vedette-inline',
    apply: 'build',
    enforce: 'post',
    generateBundle(_, bundle) {
      const page = bundle['index.html'];
      if (page?.type !== 'asset') throw new Error('vite made no index.html');
      let script = '';
      let style = '';
      for (const [name, file] of Object.entries(bundle)) {
        if (file.type === 'chunk') script += file.code;
        else if (name.endsWith('.css')) style += text(file.source);
        else if (name !== 'index.html') throw new Error(`${name} would be an external file`);
        if (name !== 'index.html') delete bundle[name];
      }
      // Inside a script element these two would end or nest it; in JavaScript strings the backslash changes nothing.
      script = script.trim().replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--');
      style = style.trim();
      const policy = `default-src 'none'; script-src '${hash(script)}'; style-src '${hash(style)}'; img-src data:; base-uri 'none'; form-action 'none'`;
      const html = text(page.source)
        .replace(/<script type="module"[^>]*><\/script>\s*/, '')
        .replace(/<link rel="stylesheet"[^>]*>\s*/, '')
        .replace(
          '<meta charset="utf-8" />',
          (meta) => `${meta}\n    <meta http-equiv="Content-Security-Policy" content="${policy}" />`,
        )
        .replace('</head>', () => `<style>${style}</style>\n  </head>`)
        .replace('</body>', () => `<script type="module">${script}</script>\n  </body>`);
      if (html.split(MARKER).length !== 2)
        throw new Error('the marker for the results must stand in the page exactly once');
      page.source = html;
    },
    /** Lets Cargo notice a first build: `crates/vedette/build.rs` cannot watch a file that does not exist yet. */
    closeBundle() {
      utimesSync(PLAIN, new Date(), new Date());
    },
  };
}

/** Puts results into a built page, as `crates/vedette/src/report.rs` does; for tests and screenshots. */
export function splice(page: string, results: unknown): string {
  const json = JSON.stringify(results).replace(
    /[<>&\u2028\u2029]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return page.replace(MARKER, () => json);
}

/** The page that `npm run build` wrote. */
export function builtPage(): string {
  return readFileSync(fileURLToPath(new URL('./dist/index.html', import.meta.url)), 'utf8');
}

function hash(content: string): string {
  return `sha256-${createHash('sha256').update(content).digest('base64')}`;
}

function text(source: string | Uint8Array): string {
  return typeof source === 'string' ? source : new TextDecoder().decode(source);
}
