import { dataAddress, type Filters, filtersOf, knownFilters, searchOf } from './address.ts';
import { Card } from './card.ts';
import { announce, byId, make } from './dom.ts';
import { type DashboardData, fetchJson } from './fetch-figures.ts';
import { FilterBar } from './filter-bar.ts';
import { listen } from './live.ts';
import { openRows } from './rows-dialog.ts';
import { chooseTheme, onSystemTheme, theme } from './theme.ts';

/** The page of one pipeline: reads its figures, shows them, and updates them. */

const NEW_DATA = 'New data.';
/** The duration of the style sheet's animation. */
const MARK_MS = 2_400;
const pipeline = document.documentElement.dataset.pipeline ?? '';
const cards = new Map<string, Card>();
let filters: Filters = filtersOf(location.search);
let lastRun: string | null = null;
/** Answers can arrive in another order: only the one to the last request counts. */
let asked = 0;
/** Runs that end while figures are being read cause one more read afterwards. */
let isReading = false;
let hasNewRun = false;

const bar = new FilterBar((next) => {
    history.pushState(null, '', `${location.pathname}${searchOf(next)}`);
    filters = next;
    bar.set(next);
    void refresh('Filters changed.');
});

addEventListener('popstate', () => {
    const next = filtersOf(location.search);
    // A link within the page also changes the history.
    if (searchOf(next) === searchOf(filters)) {
        return;
    }
    filters = next;
    bar.set(filters);
    void refresh('Filters changed.');
});

wireTheme();
// On a phone the pipelines are a scrolling row.
document.querySelector('nav [aria-current]')?.scrollIntoView({ inline: 'center', block: 'nearest' });
void refresh(null);
listen(pipeline, {
    onRun: () => void refresh(NEW_DATA),
    onState: (state) => {
        byId('live').dataset.state = state;
        byId('live-text').textContent = { live: 'Live', lost: 'Not connected', paused: 'Paused' }[state];
    },
});
setInterval(showLastRun, 15_000);

/** Reads and shows all figures; `reason` is announced to screen readers. */
async function refresh(reason: string | null): Promise<void> {
    if (reason === NEW_DATA && isReading) {
        hasNewRun = true;
        return;
    }
    asked++;
    const mine = asked;
    isReading = true;
    try {
        const data = await fetchJson<DashboardData>(dataAddress(pipeline, filters));
        if (mine === asked) {
            show(data, reason);
        }
    } catch (error) {
        if (mine === asked) {
            refused(error instanceof Error ? error.message : String(error));
        }
    }
    if (mine !== asked) {
        return;
    }
    isReading = false;
    document.documentElement.dataset.loaded = String(asked);
    if (hasNewRun) {
        hasNewRun = false;
        void refresh(NEW_DATA);
    }
}

function show(data: DashboardData, reason: string | null): void {
    byId('problem').hidden = true;
    filters = knownFilters(filters, data.parameters);
    bar.show(data.parameters);
    lastRun = data.last_run.finished_at;
    showLastRun();
    const place = byId('figures');
    place.querySelector(':scope > .empty')?.remove();
    let changed = 0;
    for (const [index, figure] of data.figures.entries()) {
        let card = cards.get(figure.name);
        const isNew = card === undefined;
        card ??= new Card(figure, {
            pipeline,
            filters: () => filters,
            openRows: (one, row) => void openRows(pipeline, one, row, filters),
        });
        cards.set(figure.name, card);
        if (isNew) {
            place.insertBefore(card.element, place.children[index] ?? null);
        }
        if (card.show(figure) && !isNew) {
            changed++;
            // After a filter everything changes; only changes of a run are marked.
            if (reason === NEW_DATA) {
                mark(card.element);
            }
        }
    }
    removeGone(data);
    if (data.figures.length === 0) {
        place.replaceChildren(make('p', { class: 'empty' }, `No figures in sql/${pipeline}/dashboard/ yet`));
    }
    // A run that changes nothing here is not announced.
    if (reason !== null && (reason !== NEW_DATA || changed > 0)) {
        announce(`${reason} ${changed === 1 ? '1 figure' : `${changed} figures`} changed.`);
    }
}

function mark(element: HTMLElement): void {
    element.classList.remove('changed');
    // Forces a layout, so that the animation starts again.
    void element.offsetWidth;
    element.classList.add('changed');
    setTimeout(() => element.classList.remove('changed'), MARK_MS);
}

function removeGone({ figures }: DashboardData): void {
    for (const [name, card] of cards) {
        if (!figures.some((figure) => figure.name === name)) {
            card.element.remove();
            cards.delete(name);
        }
    }
}

/** Keeps the old figures and shows why they are not newer. */
function refused(message: string): void {
    const problem = byId('problem');
    problem.hidden = false;
    problem.textContent = message;
    announce(message);
}

function showLastRun(): void {
    const place = byId('last-run');
    if (lastRun === null) {
        place.textContent = 'No run yet';
        return;
    }
    const at = new Date(lastRun);
    const day = at.toLocaleString('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
    const time = at.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
    const stamp = make('time', { datetime: lastRun, title: lastRun }, `${day}, ${time}`);
    place.replaceChildren('Last run ', stamp, ` (${agoText(Date.now() - at.getTime())})`);
}

function agoText(milliseconds: number): string {
    const minutes = Math.floor(milliseconds / 60_000);
    if (minutes < 1) {
        return 'just now';
    }
    if (minutes < 60) {
        return `${minutes} min ago`;
    }
    return minutes < 1_440 ? `${Math.floor(minutes / 60)} h ago` : `${Math.floor(minutes / 1_440)} d ago`;
}

function wireTheme(): void {
    const button = byId<HTMLButtonElement>('theme');
    const shown = (): void => {
        button.setAttribute('aria-pressed', String(theme() === 'dark'));
        for (const card of cards.values()) {
            card.draw();
        }
    };
    button.addEventListener('click', () => {
        chooseTheme(theme() === 'dark' ? 'light' : 'dark');
        shown();
    });
    onSystemTheme(shown);
    shown();
}
