import { dataAddress, type Filters, figureAddress, filtersOf, knownFilters, searchOf } from './address.ts';
import { announce, byId, make } from './dom.ts';
import { type FigureData, type FilterData, fetchJson, isForNow, type Period } from './fetch-figures.ts';
import { fetchPage, type PageHead, type PageLine } from './fetch-page.ts';
import { FigureBoard } from './figure-board.ts';
import { FilterBar } from './filter-bar.ts';
import { ignoredText, labelOf } from './format.ts';
import { listen } from './live.ts';
import { momentText, runText } from './moment.ts';
import { outsideText, periodText } from './period.ts';
import { presetBar } from './preset-bar.ts';
import { Retry } from './retry-later.ts';
import { openRows } from './rows-dialog.ts';
import { type SourceState, sourceText } from './source-text.ts';
import { chooseTheme, onSystemTheme, theme } from './theme.ts';

/** The page of one pipeline: reads its figures, shows them, and updates them. */

const NEW_DATA = 'New data.';
const pipeline = document.documentElement.dataset.pipeline ?? '';
let filters: Filters = filtersOf(location.search);
let parameters: readonly FilterData[] = [];
let lastRun: string | null = null;
let source: SourceState | null = null;
/** Answers can arrive in another order: only the one to the last request counts. */
let reading: AbortController | null = null;
let readings = 0;
/** Runs that end while figures are being read cause one more read afterwards. */
let hasNewRun = false;
/** Figures that failed for now, and the whole page, are read again. */
const pageRetry = new Retry();
const figureRetry = new Retry();
const failed = new Set<string>();

const board = new FigureBoard(
    pipeline,
    () => filters,
    (figure, value) => void openRows(pipeline, figure, value, filters),
    (from, to) => choose(new Map([...filters, ['from', from], ['to', to]])),
);
const bar = new FilterBar(choose);
/** The days for which there is data, whatever the filters. */
let period: Period | null = null;

function choose(next: Filters): void {
    history.pushState(null, '', `${location.pathname}${searchOf(next)}`);
    filters = next;
    bar.set(next);
    void refresh('Filters changed.');
}

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
    if (reason === NEW_DATA && reading !== null) {
        hasNewRun = true;
        return;
    }
    reading?.abort();
    pageRetry.stop();
    figureRetry.stop();
    failed.clear();
    const mine = new AbortController();
    reading = mine;
    let changed = 0;
    try {
        await fetchPage(dataAddress(pipeline, filters), mine.signal, (line) => {
            if (reading === mine && take(line, reason === NEW_DATA)) {
                changed++;
            }
        });
    } catch (error) {
        if (reading === mine) {
            refused(error instanceof Error ? error.message : String(error), reason);
        }
    }
    if (reading !== mine) {
        return;
    }
    reading = null;
    board.end();
    readings++;
    document.documentElement.dataset.loaded = String(readings);
    // A run that changes nothing here is not announced.
    if (reason !== null && (reason !== NEW_DATA || changed > 0)) {
        announce(`${reason} ${changed === 1 ? '1 figure' : `${changed} figures`} changed.`);
    }
    if (hasNewRun) {
        hasNewRun = false;
        void refresh(NEW_DATA);
    } else if (failed.size > 0) {
        figureRetry.later(() => void readFailed());
    } else {
        figureRetry.reset();
    }
}

/** True if a figure changed. */
function take(line: PageLine, isNewData: boolean): boolean {
    if ('page' in line) {
        showHead(line.page);
    } else if ('options' in line) {
        const { name, values } = line.options;
        parameters = parameters.map((one) => (one.name === name ? { ...one, options: values } : one));
        bar.show(parameters);
        showApplied();
    } else if ('period' in line) {
        period = line.period;
        showPeriod();
        board.setPeriod(period);
    } else if ('figure' in line) {
        return showFigure(line.figure, isNewData);
    } else {
        pageRetry.reset();
        byId('problem').hidden = true;
    }
    return false;
}

function showHead(head: PageHead): void {
    const before = new Map(parameters.map((one) => [one.name, one.options]));
    filters = knownFilters(filters, head);
    parameters = head.parameters.map((one) => {
        const options = one.options === null ? null : (before.get(one.name) ?? one.options);
        return { ...one, options };
    });
    bar.show(parameters);
    showApplied();
    lastRun = head.last_run.finished_at;
    source = head.source ?? null;
    showLastRun();
    showIgnored(head);
    showPeriod();
    board.begin(head);
}

/** The filters as text, for paper. */
function showApplied(): void {
    const words = [...filters].map(([name, value]) => {
        const chosen = parameters.find((one) => one.name === name)?.options?.find((one) => one.value === value);
        return `${labelOf(name)}: ${chosen?.text ?? value}`;
    });
    byId('applied').textContent = words.join(' · ');
}

/** The days for which there is data, with their year; buttons that choose some of them; why a page may be empty. */
function showPeriod(): void {
    byId('period').textContent = period === null ? '' : `Data: ${periodText(period)}`;
    byId('presets').replaceChildren(...presetBar(period, parameters, filters, choose));
    const outside = outsideText(period, filters);
    byId('outside').textContent = outside ?? '';
    byId('outside').hidden = outside === null;
}

/** A link that says what this page does not know shows the page without it, and says so. */
function showIgnored({ ignored }: PageHead): void {
    const place = byId('notice');
    place.hidden = ignored.length === 0;
    place.textContent = ignoredText(ignored);
    if (ignored.length > 0) {
        history.replaceState(null, '', `${location.pathname}${searchOf(filters)}`);
    }
}

function showFigure(figure: FigureData, isNewData: boolean): boolean {
    if (figure.error !== undefined && isForNow(figure.error)) {
        failed.add(figure.name);
    } else {
        failed.delete(figure.name);
    }
    // A filter changes everything; what a run changed is marked.
    return board.show(figure, lastRun, isNewData);
}

/** Reads the figures again that failed, one after the other: whatever made them fail is busy enough. */
async function readFailed(): Promise<void> {
    for (const name of [...failed]) {
        if (reading !== null) {
            return;
        }
        try {
            const figure = await fetchJson<FigureData>(figureAddress(pipeline, name, filters));
            if (reading === null && failed.has(name)) {
                showFigure(figure, false);
            }
        } catch {
            // It stays among those that failed.
        }
    }
    if (failed.size > 0 && reading === null) {
        figureRetry.later(() => void readFailed());
    } else {
        figureRetry.reset();
    }
}

/** The figures stay as they are; the page says why they are not newer, and tries again. */
function refused(message: string, reason: string | null): void {
    const problem = byId('problem');
    const shown = lastRun === null ? '' : ` The figures are those of ${momentText(lastRun, new Date())}.`;
    const text = `${message[0]?.toUpperCase()}${message.slice(1)}.${shown} Trying again.`;
    if (problem.hidden || problem.textContent !== text) {
        problem.textContent = text;
        problem.hidden = false;
        announce(text);
    }
    board.keep(message);
    pageRetry.later(() => void refresh(reason === NEW_DATA ? NEW_DATA : null));
}

function showLastRun(): void {
    const place = byId('last-run');
    if (lastRun === null) {
        place.textContent = 'No run yet';
    } else {
        const { at, ago } = runText(lastRun, new Date());
        place.replaceChildren('Last run ', make('time', { datetime: lastRun, title: lastRun }, at), ` (${ago})`);
    }
    if (source !== null) {
        const { text, isLate } = sourceText(source, new Date());
        const title = source.heard_at === null ? {} : { title: source.heard_at };
        place.append(' · ', make('span', { id: 'source', ...title, 'data-state': isLate ? 'late' : 'followed' }, text));
    }
}

function wireTheme(): void {
    const button = byId<HTMLButtonElement>('theme');
    const shown = (): void => {
        button.setAttribute('aria-pressed', String(theme() === 'dark'));
        board.draw();
    };
    button.addEventListener('click', () => {
        chooseTheme(theme() === 'dark' ? 'light' : 'dark');
        shown();
    });
    onSystemTheme(shown);
    // Paper is light: the charts are drawn again in its colours.
    matchMedia('print').addEventListener('change', () => board.draw());
    shown();
}
