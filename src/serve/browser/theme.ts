/** Light or dark: the system's setting, until the user chooses. Loaded on its own, before the page is painted. */

type Theme = 'light' | 'dark';

const KEY = 'elt-theme';
const system = matchMedia('(prefers-color-scheme: dark)');

export function theme(): Theme {
    const chosen = document.documentElement.dataset.theme;
    return chosen === 'light' || chosen === 'dark' ? chosen : system.matches ? 'dark' : 'light';
}

/** Stores the choice; the system's own setting is not stored. */
export function chooseTheme(next: Theme): void {
    const isOfSystem = next === (system.matches ? 'dark' : 'light');
    apply(isOfSystem ? null : next);
    try {
        if (isOfSystem) {
            localStorage.removeItem(KEY);
        } else {
            localStorage.setItem(KEY, next);
        }
    } catch {
        // A browser without storage: the choice lasts as long as the page.
    }
}

/** Calls back whenever the system's setting changes. */
export function onSystemTheme(work: () => void): void {
    system.addEventListener('change', work);
}

function apply(chosen: string | null): void {
    if (chosen === 'light' || chosen === 'dark') {
        document.documentElement.dataset.theme = chosen;
    } else {
        delete document.documentElement.dataset.theme;
    }
}

function kept(): string | null {
    try {
        return localStorage.getItem(KEY);
    } catch {
        return null;
    }
}

apply(kept());
