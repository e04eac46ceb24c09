/** The page of models: the search, and the lines of the box that is pointed at. Without it all of the page can be read. */

const search = document.querySelector<HTMLInputElement>('#search');
const found = document.querySelector<HTMLOutputElement>('#found');
const none = document.querySelector<HTMLElement>('#none');
const entries = [...document.querySelectorAll<HTMLElement>('section.entry')];
const links = new Map(
    [...document.querySelectorAll<HTMLAnchorElement>('nav li a')].map((link) => [link.hash.slice(1), link]),
);

/** Shows the entries that have all words of the search. */
function filter(): void {
    const words = (search?.value ?? '').toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const entry of entries) {
        const isFound = words.every((word) => entry.dataset.words?.includes(word));
        entry.hidden = !isFound;
        const item = links.get(entry.id)?.parentElement;
        if (item) {
            item.hidden = !isFound;
        }
        count += isFound ? 1 : 0;
    }
    for (const group of document.querySelectorAll<HTMLElement>('nav .group')) {
        group.hidden = group.querySelector('li:not([hidden])') === null;
    }
    if (found) {
        found.textContent = words.length === 0 ? '' : `${count} of ${entries.length}`;
    }
    if (none) {
        none.hidden = count > 0;
    }
}

search?.addEventListener('input', filter);
search?.form?.addEventListener('submit', (event) => {
    event.preventDefault();
    const first = entries.find((entry) => !entry.hidden);
    first?.querySelector<HTMLAnchorElement>('h2 a')?.click();
});

document.addEventListener('keydown', (event) => {
    const isTyping = event.target instanceof HTMLInputElement;
    if (event.key === '/' && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
        event.preventDefault();
        search?.focus();
        search?.select();
    }
    if (event.key === 'Escape' && event.target === search && search) {
        search.value = '';
        filter();
    }
});

/** What an address names is shown: a hidden entry, and the text of a file, which is closed at first. */
function reveal(): void {
    const id = decodeURIComponent(location.hash.slice(1));
    const target = document.getElementById(id);
    const entry = target?.closest<HTMLElement>('section.entry');
    if (entry?.hidden && search) {
        search.value = '';
        filter();
    }
    if (target instanceof HTMLDetailsElement) {
        target.open = true;
    }
    target?.scrollIntoView();
}

addEventListener('hashchange', reveal);
reveal();

/** The box that is pointed at, all that it is made from, and all that is made from it stand out. */
for (const picture of document.querySelectorAll<HTMLElement>('.picture')) {
    const lines = [...picture.querySelectorAll<SVGPathElement>('.line')];
    const boxes = [...picture.querySelectorAll<SVGAElement>('.box')];
    const reached = (name: string, from: 'from' | 'to', to: 'from' | 'to'): Set<string> => {
        const names = new Set([name]);
        for (const one of names) {
            for (const line of lines) {
                if (line.dataset[from] === one) {
                    names.add(line.dataset[to] ?? '');
                }
            }
        }
        return names;
    };
    const light = (name: string | undefined): void => {
        const up = name === undefined ? new Set<string>() : reached(name, 'to', 'from');
        const down = name === undefined ? new Set<string>() : reached(name, 'from', 'to');
        const isOf = (names: Set<string>, line: SVGPathElement): boolean =>
            names.has(line.dataset.from ?? '') && names.has(line.dataset.to ?? '');
        picture.classList.toggle('lit', name !== undefined);
        for (const box of boxes) {
            box.classList.toggle('on', up.has(box.dataset.name ?? '') || down.has(box.dataset.name ?? ''));
        }
        for (const line of lines) {
            line.classList.toggle('on', isOf(up, line) || isOf(down, line));
        }
    };
    for (const box of boxes) {
        box.addEventListener('pointerenter', () => light(box.dataset.name));
        box.addEventListener('pointerleave', () => light(undefined));
        box.addEventListener('focus', () => light(box.dataset.name));
        box.addEventListener('blur', () => light(undefined));
    }
}
