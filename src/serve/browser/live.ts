import { eventsAddress } from './address.ts';

/** `paused`: nobody looks at the page; a browser has few connections for each server, and other pages want them. */
export type LiveState = 'live' | 'lost' | 'paused';

/** What the page is told while it listens. */
export interface Listener {
    /** The database has changed, or may have while nobody listened. */
    readonly onRun: () => void;
    readonly onState: (state: LiveState) => void;
}

const RETRY_MS = 3_000;

/** Listens to the server's events while the page can be seen; after a pause the page looks for itself. */
export function listen(pipeline: string, { onRun, onState }: Listener): void {
    let source: EventSource | null = null;
    let mayHaveMissed = false;
    const connect = (): void => {
        if (source !== null || document.hidden) {
            return;
        }
        const opened = new EventSource(eventsAddress(pipeline));
        source = opened;
        opened.addEventListener('open', () => {
            onState('live');
            if (mayHaveMissed) {
                onRun();
            }
            mayHaveMissed = false;
        });
        opened.addEventListener('run', () => onRun());
        opened.addEventListener('error', () => {
            mayHaveMissed = true;
            onState('lost');
            // The browser gives up when the server refuses; a server that is started again should be found.
            if (opened.readyState === EventSource.CLOSED && source === opened) {
                source = null;
                setTimeout(connect, RETRY_MS);
            }
        });
    };
    document.addEventListener('visibilitychange', () => {
        if (document.hidden) {
            source?.close();
            source = null;
            mayHaveMissed = true;
            onState('paused');
        } else {
            connect();
        }
    });
    connect();
}
