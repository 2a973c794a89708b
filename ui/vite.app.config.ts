import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/** The app that a server offers at `/`: `dist-app/index.html`, and files with hashed names that never change. */
export default defineConfig({
  plugins: [react(), asIndex()],
  build: {
    outDir: 'dist-app',
    target: ['chrome120', 'firefox120', 'safari17'],
    rolldownOptions: { input: 'app.html' },
    // A data URL in a style would need a wider policy, and small files cost nothing here.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // From the machine that runs it, once; the editor comes when it is needed.
    chunkSizeWarningLimit: 800,
  },
});

/** The page of the app under the name that a server answers with. */
function asIndex(): Plugin {
  return {
    name: 'vedette-app',
    apply: 'build',
    enforce: 'post',
    generateBundle(_, bundle) {
      const page = bundle['app.html'];
      if (page?.type !== 'asset') throw new Error('vite made no app.html');
      page.fileName = 'index.html';
    },
  };
}
