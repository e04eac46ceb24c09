import { eventsAddress } from './address.ts';

/** What the page is told while it listens. */
export interface Listener {
    /** The database has changed, or may have while nobody listened. */
    readonly onRun: () => void;
    readonly onState: (isLive: boolean) => void;
}

/** Listens to the server's events for as long as the page is open; the browser connects again by itself. */
export function listen(pipeline: string, { onRun, onState }: Listener): void {
    let wasLost = false;
    const connect = (): void => {
        const source = new EventSource(eventsAddress(pipeline));
        source.addEventListener('open', () => {
            onState(true);
            if (wasLost) {
                onRun();
            }
            wasLost = false;
        });
        source.addEventListener('run', () => onRun());
        source.addEventListener('error', () => {
            wasLost = true;
            onState(false);
            // The browser gives up when the server refuses; a server that is started again should be found.
            if (source.readyState === EventSource.CLOSED) {
                setTimeout(connect, RETRY_MS);
            }
        });
    };
    connect();
}

const RETRY_MS = 3_000;
