import { FluentProvider, Toaster } from '@fluentui/react-components';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { useTranslation } from 'react-i18next';
import { startLanguages } from './i18n/index.ts';
import { TOASTER } from './parts/act.tsx';
import { router } from './router.tsx';
import { useTheme } from './shell/theme.ts';
import './shell/ground.css';

const queries = new QueryClient({
  // Waiting and trying again is the caller's work (api.ts), as the server asks for it.
  defaultOptions: { queries: { retry: false, staleTime: 15_000 }, mutations: { retry: false } },
});

function App() {
  const { theme, isDark } = useTheme();
  const { i18n } = useTranslation();
  document.documentElement.style.colorScheme = isDark ? 'dark' : 'light';
  return (
    <FluentProvider theme={theme} dir={i18n.dir()} style={{ minHeight: '100dvh' }}>
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
      <Toaster toasterId={TOASTER} position="bottom-end" />
    </FluentProvider>
  );
}

startLanguages().then(() => {
  const root = document.getElementById('root');
  if (root) {
    createRoot(root).render(
      <StrictMode>
        <App />
      </StrictMode>,
    );
  }
});
