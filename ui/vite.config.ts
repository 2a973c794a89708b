import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { inline } from './inline.ts';

export default defineConfig({
  plugins: [react(), inline()],
  build: {
    target: ['chrome120', 'firefox120', 'safari17'],
    cssCodeSplit: false,
    assetsInlineLimit: 0,
    modulePreload: false,
    reportCompressedSize: false,
  },
  // A browser test starts Chromium and opens pages of 10,000 endpoints beside other work on the machine.
  test: { include: ['tests/**/*.test.ts'], testTimeout: 120_000, hookTimeout: 240_000, fileParallelism: false },
});
