/** Light or dark: the system's setting, until the user chooses. The server sends a page in the theme that was chosen. */

type Theme = 'light' | 'dark';

/** As the server reads it. */
const COOKIE = 'elt-theme';
const KEPT_SECONDS = 365 * 86_400;
const system = matchMedia('(prefers-color-scheme: dark)');

export function theme(): Theme {
    const chosen = document.documentElement.dataset.theme;
    return chosen === 'light' || chosen === 'dark' ? chosen : system.matches ? 'dark' : 'light';
}

/** Stores the choice; the system's own setting is not stored. */
export function chooseTheme(next: Theme): void {
    const isOfSystem = next === (system.matches ? 'dark' : 'light');
    if (isOfSystem) {
        delete document.documentElement.dataset.theme;
    } else {
        document.documentElement.dataset.theme = next;
    }
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API needs a secure context
    document.cookie = `${COOKIE}=${next}; path=/; samesite=lax; max-age=${isOfSystem ? 0 : KEPT_SECONDS}`;
}

/** Calls back whenever the system's setting changes. */
export function onSystemTheme(work: () => void): void {
    system.addEventListener('change', work);
}
