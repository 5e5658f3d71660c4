import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { pageWeight } from './page-weight.js';

// `npm run dev -w service/dashboard` serves the pages with hot reload beside a service on its usual port.
const SERVICE = process.env.FEATHERY_SERVICE_URI ?? 'http://localhost:8383';

export default defineConfig({
  plugins: [react(), pageWeight()],
  build: { target: 'es2022', sourcemap: false, chunkSizeWarningLimit: 700 },
  server: { proxy: { '/api': SERVICE, '/ofrep': SERVICE } },
});
