import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The web app: built into `dist/web`, served by the server itself. Each page is a chunk of its own. */
export default defineConfig({
  root: here('.'),
  base: '/',
  plugins: [react()],
  build: {
    outDir: here('../dist/web'),
    emptyOutDir: true,
    target: 'es2023',
    sourcemap: false,
    chunkSizeWarningLimit: 700,
  },
  server: {
    // `vite --port 5173` beside a running server: pages from here, everything else from there.
    proxy: Object.fromEntries(
      ['/v1.0', '/admin', '/me', '/operator', '/health', '^/[^/]+/(oauth2|v2\\.0|branding|signin)'].map((path) => [
        path,
        { target: process.env.ENTENTE_SERVER ?? 'http://localhost:8080', changeOrigin: false },
      ]),
    ),
  },
  test: {
    root: here('.'),
    environment: 'happy-dom',
    include: ['src/**/*.test.{ts,tsx}'],
  },
});
