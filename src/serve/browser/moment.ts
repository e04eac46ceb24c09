/** `20:19`, with its day if that is not today. */
export function momentText(iso: string, now: Date): string {
    const at = new Date(iso);
    const time = at.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
    return at.toDateString() === now.toDateString() ? time : `${dayOf(at)}, ${time}`;
}

/** `29 Nov 2026, 20:19 (5 min ago)`, in parts. */
export function runText(iso: string, now: Date): { readonly at: string; readonly ago: string } {
    const at = new Date(iso);
    const time = at.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
    return { at: `${dayOf(at)}, ${time}`, ago: agoText(now.getTime() - at.getTime()) };
}

function dayOf(at: Date): string {
    return at.toLocaleString('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
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
